"""The only readers of sockets and files: they hand over bytes as they came, with when they came, and decode nothing."""
