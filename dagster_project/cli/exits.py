"""How a command ends: its exit codes, one line in place of a traceback, and what Ctrl-C does."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from typer import Exit
from typer.core import TyperGroup

from dagster_project.cli.start import EXIT_CODE, INTERRUPTED, end_at_once


class Code(IntEnum):
    """Exit codes; docs/operate.md lists them. 2 is a wrong option, 7 a wrong Python: the Makefile's."""

    FAILED = 1
    RUNNING = 3
    PORT_TAKEN = 4
    NOT_WRITABLE = 5
    DISK_FULL = 6
    INTERRUPTED = EXIT_CODE


SECONDS_TO_CANCEL = 5
LOOKS, SECONDS_BETWEEN_LOOKS = 20, 0.1
STDERR = 2
# Whom a signal ends, a shell shows this and its number.
SIGNALLED = 128
STOPPING = (signal.SIGTERM, signal.SIGHUP)
STOPPED = "stopped by {}; what is published is whole"
OURS = ("dagster_project.", "sources.")
# As the kernel says it, DuckDB and Python after it, and as SQLite does.
SAID = {
    Code.DISK_FULL: (
        *(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)),
        "database or disk is full",
        # What it says where its shared memory finds no room.
        "disk I/O error",
    ),
    Code.NOT_WRITABLE: (
        *(os.strerror(number) for number in (errno.EACCES, errno.EPERM, errno.EROFS)),
        "attempt to write a readonly database",
    ),
}
TO_DO = {
    Code.DISK_FULL: "make room on the disk, or set CHOKEPOINT_DATA to a folder on another",
    Code.NOT_WRITABLE: "set CHOKEPOINT_DATA to a folder that you may write, or change the rights of this one",
}


def code_of(text: str) -> Code:
    """The exit code of an error by what it says: of what runs inside Dagster nothing but the text is left."""
    return next(
        (code for code, said in SAID.items() if any(part in text for part in said)), Code.FAILED
    )


def in_words(error: object) -> str:
    """What an error says to a person: of a full disk or a folder shut to us one line, with what to do."""
    text = str(error)
    code = code_of(text)
    if code == Code.FAILED:
        return text
    # dbt names the model first, and says what the disk said some lines below.
    where, *more = text.splitlines()
    got = [line.strip() for line in more if code_of(line) == code]
    said = where if code_of(where) == code or not got else f"{where}: {got[0]}"
    # Whatever it advised, room or rights come first.
    return f"{said.split('; next: ')[0]}; next: {TO_DO[code]}"


def print_error(console: Console, text: object, code: int = Code.FAILED) -> None:
    """Print a message for a person as it stands."""
    colour = "red" if code == Code.FAILED else "yellow"
    console.print(str(text), style=colour, highlight=False, markup=False, soft_wrap=True)


def stop(text: object, code: int = Code.FAILED) -> NoReturn:
    """End the command with a message for a person, printed as it stands."""
    print_error(Console(stderr=True), text, code)
    raise Exit(code)


class Commands(TyperGroup):
    """Commands that end with one line and an exit code where a person can do something about it."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read options; the help is printed here, and a disk may be full behind it."""
        with ends_in_one_line():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what is no fault of ours leaves no traceback."""
        # From here on what has begun is ended in order.
        if signal.getsignal(signal.SIGINT) is end_at_once:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with ends_in_one_line():
            return super().invoke(ctx)


@contextmanager
def ends_in_one_line() -> Iterator[None]:
    """End what a person can do something about with one line and its exit code.

    Raises:
        Exit: in place of an interrupt, a full disk, a shut folder or an error of ours.
    """
    console = Console(stderr=True)
    try:
        yield
    except KeyboardInterrupt:
        print_error(console, INTERRUPTED, Code.INTERRUPTED)
        raise Exit(Code.INTERRUPTED) from None
    except Exception as error:
        code = code_of(str(error))
        # An error of ours is made for a person; any other keeps its trace.
        if code == Code.FAILED and not type(error).__module__.startswith(OURS):
            raise
        print_error(console, in_words(error), code)
        raise Exit(code) from None


@contextmanager
def interruptible(console: Console, before: Any = None) -> Iterator[None]:
    """End this process at once on Ctrl-C, SIGTERM or a closed terminal: with a line, and exit code 128 plus the signal.

    Any instant is a safe one to die at (tests/failure). Raised into the midst of Dagster, dbt or DuckDB, an interrupt
    becomes tracebacks of theirs, and a report of a failed run; and their children, which inherit what is blocked
    here, would print theirs. SIGTERM is not blocked: with it Dagster ends those children. Where a shell ignores a
    signal, as for a job in the background, or `nohup`, so do we: blocked, it would be waited for all the same.

    Args:
        console: where the line goes: standing open whatever becomes of the descriptors.
        before: called before the line.
    """
    ended = threading.Event()
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    def end(number: int) -> NoReturn:
        # Whatever fails here, as a thread where the system has none left: else nothing would end us any more.
        try:
            if before:
                before()
            is_interrupt = number == signal.SIGINT
            said = INTERRUPTED if is_interrupt else STOPPED.format(signal.Signals(number).name)
            print_error(console, said, Code.INTERRUPTED)
            console.file.flush()
            with suppress(RuntimeError):
                canceling = threading.Thread(target=_cancel_own_runs, daemon=True)
                canceling.start()
                canceling.join(SECONDS_TO_CANCEL)
            _end_readers_of_logs()
        finally:
            os._exit(SIGNALLED + number)

    def wait() -> None:
        while True:
            # No sigtimedwait: where a process was halted and goes on (Ctrl-Z, a machine that sleeps), Python's returns
            # as if the signal had come.
            signal.sigwait({signal.SIGINT})
            if ended.is_set():
                return
            if not is_ignored:
                end(signal.SIGINT)

    _start_tracker()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    try:
        with _heard(end):
            yield
    finally:
        ended.set()
        assert waiting.ident is not None
        signal.pthread_kill(waiting.ident, signal.SIGINT)
        waiting.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextmanager
def _heard(end: Callable[[int], object]) -> Iterator[None]:
    """Call `end` with the number of a signal that stops us, in a thread: the main one may be long at work in DuckDB.

    Not blocked, for children inherit that; a handler of Python they don't. So SIGTERM has one even where it is ignored
    when we start: Dagster ends so what copies its logs, and would wait for it.
    """
    heard = [each for each in STOPPING if signal.getsignal(each) is not signal.SIG_IGN]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def hear() -> None:
        # A byte for each signal that has a handler of Python; the last one is no signal's.
        while number := os.read(reader, 1)[0]:
            if number in heard:
                end(number)

    hearing = threading.Thread(target=hear, daemon=True)
    hearing.start()
    handlers = {each: signal.signal(each, lambda *_: None) for each in {*heard, signal.SIGTERM}}
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for each, handler in handlers.items():
            signal.signal(each, handler)
        os.write(writer, b"\0")
        hearing.join()
        os.close(reader)
        os.close(writer)


def _start_tracker() -> None:
    """Start multiprocessing's tracker of semaphores, silent: dbt would later, and that unblocks the signal."""
    kept = os.dup(STDERR)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), STDERR)
    try:
        resource_tracker.ensure_running()
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)


def _cancel_own_runs() -> None:
    """Let Dagster's history say that the runs of this process were canceled. Before it is loaded there are none."""
    if "dagster_project.operations.command_runs" in sys.modules:
        from dagster_project.resources import cancel_own_runs

        cancel_own_runs()


def _end_readers_of_logs() -> None:
    """End each `tail` with which Dagster shows a run's log: one that has just begun has nobody yet to end it after us.

    It would hold the terminal's streams, and whoever waits for their end would wait for ever. The run goes on in its
    own thread meanwhile: whatever it would start now waits until we are gone.
    """
    # Before the lock is loaded, and psutil with it, there is no run.
    if "psutil" in sys.modules:
        import psutil

        setattr(subprocess.Popen, "_execute_child", _wait_for_ever)  # noqa: B010 (private)
        this = psutil.Process()
        for _ in range(LOOKS):
            time.sleep(SECONDS_BETWEEN_LOOKS)
            is_any_starting = False
            for child in this.children():
                with suppress(psutil.Error):
                    # Until it is another program, a child is a copy of us.
                    is_any_starting |= child.cmdline() == this.cmdline()
                    if child.name() == "tail":
                        child.kill()
            if not is_any_starting:
                return


def _wait_for_ever(*_: object, **__: object) -> None:
    threading.Event().wait()
