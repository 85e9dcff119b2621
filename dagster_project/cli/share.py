"""Commands that let others read a release."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dagster_project.cli.exits import code_of, in_words, stop
from dagster_project.settings import Settings, SettingsError, load_settings


def _release(name: str) -> Path:
    """Folder of a kept release, by name or `current`."""
    try:
        folder = load_settings().published / name
    except SettingsError as error:
        stop(error)
    if not (folder / "release.json").exists():
        stop(f"There is no release {name}: `chokepoint status` lists those that are kept.")
    return folder


def export(
    destination: Annotated[
        str, typer.Argument(help="A folder, or s3://bucket/prefix; keys come from the environment.")
    ],
    release: Annotated[
        str, typer.Option(help="Which of the kept releases; the current one if not said.")
    ] = "current",
    include_restricted: Annotated[
        bool, typer.Option(help="Also one with rows that may not be passed on.")
    ] = False,
) -> None:
    """Copy a release to where others read it: v<release>/, index.json, and latest/ last of all."""
    folder = _release(release)
    from dagster_project.publishing.export import ExportError
    from dagster_project.publishing.export import export as copy_release

    console = Console()
    try:
        with console.status("export") as status:
            counts = copy_release(
                folder, destination, with_restricted=include_restricted, tell=status.update
            )
    except ExportError as error:
        stop(in_words(error), code_of(str(error)))
    console.print(f"exported: {counts['copied']} files copied, {counts['there']} were there")


def publish_copy(settings: Settings, release: str) -> None:
    """Copy the current release where CHOKEPOINT_PUBLISH_TO says, if that names another: the last try may have failed."""
    if settings.publish_to is None:
        return
    from dagster_project.publishing.export import ExportError, served
    from dagster_project.publishing.export import export as copy_release

    destination = str(settings.publish_to)
    try:
        if (served(destination) or {}).get("release") != release:
            copy_release(settings.published / "current", destination)
    except ExportError as error:
        stop(in_words(error), code_of(str(error)))


def served_by(place: object) -> str:
    """The release that a place names as the newest; in words where it names none, or can't be read."""
    from dagster_project.publishing.export import ExportError, served

    try:
        latest = served(str(place))
    except ExportError as error:
        return str(error)
    return latest["release"] if latest else "nothing yet"


def mcp() -> None:
    """Answer an assistant's questions to the current release (Model Context Protocol, over stdin and stdout)."""
    folder = _release("current")
    try:
        from dagster_project.cli.tools import server
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        stop("The package `mcp` is not installed\n  next: `uv sync --extra mcp`")
    from dagster_project.publishing.questions import Release

    try:
        server(Release(folder)).run("stdio")
    # The assistant is gone.
    except* BrokenPipeError:
        pass
