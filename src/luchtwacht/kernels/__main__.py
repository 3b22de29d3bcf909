"""`python -m luchtwacht.kernels`: compile every kernel now, so that nobody waits for it later."""

import gc

from luchtwacht.kernels import warm

gc.disable()  # what compiling leaves ends with the process
for step in warm():
    print(f"compiling {step}")
