"""What all tests have in common."""

import os

from hypothesis import settings

# No deadline: the machine's load is not what a property is about. Where many people depend on the outcome (CI) the same
# examples are tried every time; at a desk, new ones.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
