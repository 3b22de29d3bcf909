"""Kernels are compiled once a machine, behind a progress line."""

from __future__ import annotations


def warm_kernels() -> None:
    """Compile or load every kernel, saying so when it takes a while."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from luchtwacht.kernels import WARM_STEPS, warm

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("getting ready", total=WARM_STEPS)
        for step in warm():
            bar.update(task, advance=1, description=f"getting ready: {step} (once on this machine)")
