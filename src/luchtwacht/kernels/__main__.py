"""`python -m luchtwacht.kernels`: compile every kernel now, so that nobody waits for it later."""

from luchtwacht.kernels import warm

for step in warm():
    print(f"compiling {step}")
