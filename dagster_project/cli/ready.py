"""What a command needs before it begins: valid settings, and nobody else at work where it writes."""

from rich.console import Console

from dagster_project.cli.exits import Code, print_error, stop
from dagster_project.operations.lock import is_held
from dagster_project.settings import (
    Settings,
    SettingsError,
    collect_garbage_rarely,
    load_settings,
    postgres_url,
    prepare_environment,
)
from sources.reading.input import Input


def reader_settings() -> Settings:
    """Settings, once the folders are there; the command ends where a setting is invalid."""
    try:
        settings = load_settings()
        prepare_environment(settings)
    except SettingsError as error:
        stop(error)
    return settings


def refreshing_elsewhere() -> str | None:
    """Who refreshes on another host; the command ends where it can't be asked."""
    if postgres_url() is None:
        return None
    from dagster_project.operations.hosts import refresh_elsewhere

    try:
        return refresh_elsewhere()
    except SettingsError as error:
        stop(error)


def writer_settings() -> Settings:
    """Settings, once nobody else is at work in the data folder or on another host, and it can be written."""
    settings = reader_settings()
    if settings.input is Input.FILES and not (settings.files and settings.files.is_dir()):
        given = (
            f"CHOKEPOINT_FILES={str(settings.files)!r}" if settings.files else "CHOKEPOINT_FILES"
        )
        stop(
            f"CHOKEPOINT_INPUT=files reads a folder of publishers' files, and {given} is none\n"
            "  next: set it (see .env.example), or use CHOKEPOINT_INPUT=embedded"
        )
    settings.lock.touch()
    if holder := is_held(settings.lock) or refreshing_elsewhere():
        stop(
            f"Another refresh is running ({holder}); this one ends without touching anything.",
            Code.RUNNING,
        )
    mend(settings)
    collect_garbage_rarely()
    return settings


def mend(settings: Settings) -> None:
    """Set a damaged history of Dagster aside, and say so."""
    from dagster_project.operations.history import set_damaged_history_aside

    if done := set_damaged_history_aside(settings):
        print_error(Console(stderr=True), done, Code.INTERRUPTED)
