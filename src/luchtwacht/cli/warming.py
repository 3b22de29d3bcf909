"""Kernels are compiled once a machine behind a progress line: in the terminal, and on the page that answers already."""

from __future__ import annotations

from collections.abc import Callable

STEPS = 10
"""names that `kernels.warm` gives"""


def warm_kernels(tell: Callable[[int, int], None] = lambda step, steps: None) -> None:
    """Compile or load every kernel, saying which is at work.

    Args:
        tell: called with which step of how many begins.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from luchtwacht.kernels import warm

    console = Console(stderr=True)
    if not console.is_terminal:  # a service's log: one line, and no spinner
        console.print("preparing: kernels are loaded, or compiled once on this machine (half a minute)", style="dim")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("preparing")
        for number, step in enumerate(warm(), 1):
            tell(number, STEPS)
            bar.update(task, description=f"preparing {number} of {STEPS}: {step} (compiled once on this machine)")
