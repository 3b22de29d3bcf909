"""Kernels are compiled once a machine, behind a progress line."""

from __future__ import annotations


def warm_kernels() -> None:
    """Compile or load every kernel, saying which is at work."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from luchtwacht.kernels import warm

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("getting ready")
        for step in warm():
            bar.update(task, description=f"getting ready: {step} (compiled once on this machine)")
