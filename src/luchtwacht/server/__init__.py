"""The API, the live feed and the console: shows what the watch says, and never decides.

Nothing heavy is imported here, so that the command line can name this room without waiting for it.
"""
