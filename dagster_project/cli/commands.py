"""The command `chokepoint`: refresh, build, status, atlas, export, mcp, snapshot, pin, pull, serve, code-server. It shows and starts; it computes nothing.

Heavy libraries are imported inside the commands, so that `--help` and a refused second refresh answer
at once.
"""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.cli.exits import (
    Code,
    Commands,
    code_of,
    in_words,
    interruptible,
    print_error,
    stop,
)
from dagster_project.cli.lake_editions import editions_of
from dagster_project.cli.progress import ShownProgress
from dagster_project.cli.ready import reader_settings, writer_settings
from dagster_project.cli.serve import code_server, serve
from dagster_project.cli.share import export, mcp, publish_copy, served_by
from dagster_project.operations.lock import RefreshRunningError, is_held
from dagster_project.settings import SettingsError, forget_port_of_kubernetes
from sources.reading import clock

if TYPE_CHECKING:
    from dagster_project.operations.refresh import RefreshReport
    from dagster_project.settings import Settings

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    # Help as plain text: the library that draws it in boxes takes longer to import than all the rest.
    rich_markup_mode=None,
    help="Chokepoint: refresh, build, status, atlas, export, mcp, snapshot, pin, pull, serve, code-server.",
)
app.callback()(forget_port_of_kubernetes)
app.command()(export)
app.command()(mcp)
app.command()(serve)
app.command()(code_server)
console = Console()
errors = Console(stderr=True)


@contextmanager
def _interruptible() -> Iterator[ShownProgress]:
    """A run that Ctrl-C ends. What is heavy is imported inside: each of its threads must block the signal."""
    progress = ShownProgress()
    with interruptible(progress.console, progress.close), closing(progress):
        yield progress


@contextmanager
def _shown_progress() -> Iterator[ShownProgress]:
    """Progress of a run that Ctrl-C ends."""
    with _interruptible() as progress:
        progress.began("starting")
        yield progress


def _table(title: str | None = None) -> Table:
    """A table of two columns, in which a path that is too long goes on in the next line."""
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    return table


def _print_table(title: str, *rows: tuple[str, str]) -> None:
    table = _table(title)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _print_report(report: "RefreshReport", title: str, more: list[tuple[str, str]]) -> None:
    """What a run did, and the exit code where it failed."""
    for name, text in report.warned.items():
        console.print(f"[yellow]warned[/yellow]  {name}\n        {text}", highlight=False)
    for name, text in report.failed.items():
        errors.print(f"[red]failed[/red]  {name}\n        {text}", highlight=False)
    for text in report.errors:
        print_error(errors, in_words(text))
    counts = (
        f"{len(report.passed)} passed, {len(report.warned)} warned, {len(report.failed)} failed"
    )
    _print_table(
        title,
        ("result", "[green]done[/green]" if report.succeeded else "[red]failed[/red]"),
        ("built", f"{len(report.built)} assets"),
        ("checks", counts),
        *more,
        ("took", f"{report.seconds:.1f} s"),
        ("run", report.run_id),
    )
    if not report.succeeded:
        codes = (code_of(text) for text in report.errors)
        code = next((code for code in codes if code != Code.FAILED), Code.FAILED)
        raise typer.Exit(Code.RUNNING if report.another_runs else code)


@app.command()
def refresh(
    force: Annotated[
        bool, typer.Option("--force", help="Build all anew, even where nothing changed.")
    ] = False,
) -> None:
    """Read the input, build and check the marts, publish a release. One at a time."""
    settings = writer_settings()
    if not force:
        from dagster_project.publishing.fingerprint import unchanged_release
        from dagster_project.publishing.releases import DATABASE

        started = time.monotonic()
        if same := unchanged_release(settings):
            publish_copy(settings, same["release"])
            _print_table(
                "refresh",
                ("result", "[green]unchanged[/green]: input, code, seeds and settings"),
                ("release", same["release"]),
                ("open", _path_shown(settings.published / "current" / DATABASE)),
                ("took", f"{time.monotonic() - started:.1f} s"),
                ("build", "all the same, by `chokepoint refresh --force`"),
            )
            return
    from dagster_project.publishing.releases import DATABASE

    with _shown_progress() as progress:
        from dagster_project.operations.dbt_runner import begin_manifest

        begin_manifest(settings)
        from dagster_project.operations.refresh import run_refresh

        report = run_refresh(settings, progress, is_forced=force)
    more = [("release", "none yet")]
    if report.release:
        new = "new" if report.is_new_release else "unchanged"
        shown = new if report.succeeded or report.is_new_release else "still the old one"
        opened = _path_shown(settings.published / "current" / DATABASE)
        more = [("release", f"{report.release['release']} ({shown})"), ("open", opened)]
    more += _access_line(settings)
    _print_report(report, "refresh", more)


def _access_line(settings: "Settings") -> list[tuple[str, str]]:
    """A line for a release that nobody else can open, by the umask of who published it."""
    from dagster_project.publishing.releases import shut_to_others

    path = shut_to_others(settings.published)
    if path is None:
        return []
    return [
        (
            "analysts",
            f"can't open it: {path} is yours alone; `chmod -R go+rX` it, and set umask 022",
        )
    ]


def _stale_lists_line(settings: "Settings") -> list[tuple[str, str]]:
    """Lines on the day of our list of export controls, and on what a person should look at again."""
    from dagster_project.operations.stale import controls_checked_on, old_editions, old_lists
    from sources.reading.errors import SourceError

    today = clock.today()
    try:
        late = old_editions(settings, today)
    except SourceError as error:
        late = [str(error.problem)]
    shown = [("controls", f"as of {controls_checked_on()}: what came later is in no answer")]
    for name, lines in (("lists to check", old_lists(today)), ("editions late", late)):
        shown += [(name, "\n".join(lines))] if lines else []
    return shown


@app.command()
def build(
    models: Annotated[
        list[str],
        typer.Argument(
            help="Models or seeds: mart_x alone, +mart_x with what it is built from, mart_x+ with what "
            "is built from it."
        ),
    ],
) -> None:
    """Build models and test them, unit tests too, from the lake and warehouse that stand. Publishes nothing."""
    settings = writer_settings()
    if not settings.warehouse.exists():
        stop(
            f"There is no warehouse yet in {_path_shown(settings.data)}: run `chokepoint refresh` once."
        )
    with _shown_progress() as progress:
        from dagster_project.operations.dbt_runner import begin_manifest

        begin_manifest(settings)
        from dagster_project.operations.refresh import CannotBuildError, run_build

        try:
            report = run_build(settings, models, progress)
        except CannotBuildError as error:
            progress.close()
            stop(error)
    passed = list(report.unit_tests.values()).count("pass")
    _print_report(
        report,
        "build",
        [
            ("unit tests", f"{passed} of {len(report.unit_tests)} passed"),
            ("query", f"duckdb -readonly {shlex.quote(_path_shown(settings.warehouse))}"),
            ("publish", "not before a whole `chokepoint refresh`"),
        ],
    )


def _path_shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    # It lies elsewhere, or somebody deleted the folder that we were started in.
    except (ValueError, OSError):
        return str(path)


@app.command()
def status(
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code",
            help="For a monitor: end with 1 if the release is missing, damaged or old, the daemon stands "
            "still or alerts wait.",
        ),
    ] = False,
    daemon: Annotated[
        bool, typer.Option(help="With --exit-code: whether a daemon should be running.")
    ] = True,
) -> None:
    """What is published, from which input and editions, and whether a refresh runs."""
    settings = reader_settings()
    from dagster_project.publishing.releases import current_release, releases

    table = _table()
    current = current_release(settings.published)
    if current is None:
        is_there = (settings.published / "current").exists()
        shown = (
            "damaged: `chokepoint refresh` publishes it anew"
            if is_there
            else "none yet: run `make refresh`"
        )
        table.add_row("release", shown)
    else:
        table.add_row("release", f"{current['release']}, built {current['built_at']}")
        table.add_row("input", current["input"])
        table.add_row("content", current["content_digest"][:16])
        table.add_row(
            "tables", ", ".join(f"{name} {rows:,}" for name, rows in current["tables"].items())
        )
    if settings.publish_to:
        table.add_row("published to", f"{settings.publish_to}: {served_by(settings.publish_to)}")
    table.add_row("kept", ", ".join(path.name for path in releases(settings.published)) or "none")
    table.add_row("lake", ", ".join(editions_of(settings.lake)) or "empty")
    for row in [*_access_line(settings), *_stale_lists_line(settings)]:
        table.add_row(*row)
    table.add_row("running", is_held(settings.lock) or "no")
    table.add_row("data", str(settings.data))
    console.print(table)
    if exit_code:
        from dagster_project.operations.watch import problems

        if found := problems(settings, is_automated=daemon):
            stop("\n".join(found))


@app.command()
def atlas() -> None:
    """Open the release's atlas in a browser."""
    page = reader_settings().published / "current" / "atlas.html"
    if not page.exists():
        stop("There is no release yet: run `make refresh`.")
    console.print(f"open {_path_shown(page)}", highlight=False, markup=False, soft_wrap=True)
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        stop("No browser was found here: open that file in one.")


@app.command()
def snapshot(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Folders of sources/; all of them if none is named.")
    ] = None,
) -> None:
    """Compile the embedded tables from publishers' files (CHOKEPOINT_FILES); review the diff."""
    settings = reader_settings()
    from sources.reading.catalog import load_source
    from sources.reading.errors import SourceError
    from sources.reading.snapshot import write_snapshot
    from sources.registry import all_sources, reader_of

    if settings.files is None:
        stop("Set CHOKEPOINT_FILES to the folder of publishers' files (see .env.example).")
    known = [source.source_id for source in all_sources()]
    if strange := set(sources or ()) - set(known):
        stop(f"No such source: {', '.join(sorted(strange))}")
    for source_id in sources or known:
        source = load_source(source_id)
        if not (source.redistributable and source.editions):
            console.print(f"{source_id}: not redistributable, or nothing held: no snapshot")
            continue
        try:
            written = write_snapshot(reader_of(source_id), source, settings.files)
            for name, rows in written.items():
                console.print(f"{source_id}/snapshot/{name}: {rows:,} rows", highlight=False)
        except SourceError as error:
            stop(error)


@app.command()
def pin(
    accept: Annotated[
        bool, typer.Option(help="Print the diff of source.yml; apply it with `git apply`.")
    ] = False,
    take: Annotated[
        str,
        typer.Option(
            help="SOURCE:EDITION that was reviewed and is right: the next refresh tries it."
        ),
    ] = "",
    again: Annotated[
        str, typer.Option(help="SOURCE:EDITION that needs review, to be forgotten and found again.")
    ] = "",
) -> None:
    """Editions found by machine: what is pinned beside source.yml, and what needs review and why."""
    settings = reader_settings()
    from dagster_project.cli.pin import accept_for_trial, forget, pin_report
    from sources.editions.pin_diff import accepted_diff
    from sources.editions.pins import PinStore
    from sources.reading.errors import SourceError

    try:
        if take or again:
            console.print(
                (accept_for_trial if take else forget)(settings, take or again), highlight=False
            )
        elif accept:
            sys.stdout.write(accepted_diff(PinStore(settings.state).read()))
        else:
            for line in pin_report(settings):
                console.print(line, highlight=False, markup=False)
    except RefreshRunningError as error:
        stop(error, Code.RUNNING)
    except SourceError as error:
        stop(error)


@app.command()
def pull(
    periods: Annotated[
        list[str] | None, typer.Argument(help="Years or months, like 2023 2024 or 2025-01.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="Whose API; needed where more than one has these periods.")
    ] = "",
) -> None:
    """Years or months of a source by its API: each becomes an edition that a refresh tries."""
    settings = reader_settings()
    with _interruptible():
        from dagster_project.cli.pull import PullError, pull_periods

        try:
            for line in pull_periods(settings, source, periods or []):
                console.print(line, highlight=False, markup=False)
        except (PullError, SettingsError) as error:
            stop(error)
    console.print("`chokepoint refresh` tries them, one a refresh; `chokepoint pin` shows them.")


if __name__ == "__main__":
    app()
