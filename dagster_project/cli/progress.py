"""What a person sees while a run goes on: a bar that moves on a terminal, a line now and then elsewhere."""

import os
import time
from typing import TYPE_CHECKING

from rich.console import Console

from dagster_project.cli.streams import Aside

if TYPE_CHECKING:
    from rich.progress import Progress

# Between two lines where nothing moves: in a log file, in CI.
SECONDS_BETWEEN_LINES = 5.0


class ShownProgress:
    """Progress of a run on the error stream, until it is closed.

    Dagster points the descriptors of this process at its own log files while a step runs, so all is written to a
    duplicate that was made before.
    """

    def __init__(self) -> None:
        self.console = Console(file=Aside(os.fdopen(os.dup(2), "wb"), "utf-8"))
        self._began = time.monotonic()
        self._last_line = float("-inf")
        self._done: set[str] = set()
        self._total = 0
        self._is_closed = False
        self._bar: Progress | None = None
        if self.console.is_terminal:
            from rich import progress

            self._bar = progress.Progress(
                progress.SpinnerColumn(),
                progress.TimeElapsedColumn(),
                progress.BarColumn(30),
                progress.TextColumn("{task.fields[counted]}"),
                progress.TextColumn("{task.description}", markup=False),
                console=self.console,
                transient=True,
                refresh_per_second=4,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._bar.add_task("", total=None, counted="")

    def close(self) -> None:
        """Take the bar away; it may be called twice."""
        self._is_closed = True
        if self._bar:
            self._bar.stop()

    def expect(self, total: int) -> None:
        """How many assets and checks there will be."""
        self._total = total

    def began(self, what: str) -> None:
        """What is at work now."""
        self._show(what)

    def ended(self, what: str) -> None:
        """An asset or a check has ended; reported twice, it counts once."""
        self._done.add(what)
        self._show(what)

    def _show(self, what: str) -> None:
        if self._is_closed:
            return
        counted = f"{len(self._done)} of {self._total}" if self._total else ""
        if self._bar:
            # Not before: the thread that draws it must block the signal that `interruptible` waits for.
            self._bar.start()
            self._bar.update(
                self._task,
                description=what,
                completed=len(self._done),
                total=self._total or None,
                counted=counted,
            )
            return
        now = time.monotonic()
        if now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            line = f"{now - self._began:4.0f} s  {counted:12}{what}"
            self.console.print(line, highlight=False, markup=False)
