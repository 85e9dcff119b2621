"""Where fetched files lie below a folder, by source and edition. Imports no HTTP client: every input asks."""

from pathlib import Path

from sources.reading.catalog import Edition, Source


def as_fetched(source: Source) -> Source:
    """The source with its files where the input `live` keeps them; all else, pins too, as it is."""
    return source.with_editions(
        edition.with_files(
            file.model_copy(update={"path": f"{source.source_id}/{edition.edition}/{file.name}"})
            for file in edition.files
        )
        for edition in source.editions
    )


def dropped_file(drop: Path, edition: str, name: str) -> Path:
    """Where a file lies in a source's drop folder: in a folder of its edition's name, or beside all others."""
    own = drop / edition / name
    return own if own.is_file() else drop / name


def without_stand_ins(source: Source, raw: Path, drop: Path | None = None) -> Source:
    """The source without editions that something stands in for (`live.instead`) and that nobody dropped.

    Args:
        drop: folder of what people dropped and no refresh took yet; None counts what was taken alone.
    """

    def is_here(edition: Edition, name: str) -> bool:
        fetched = raw / source.source_id / edition.edition / name
        dropped = dropped_file(drop / source.source_id, edition.edition, name) if drop else fetched
        return fetched.is_file() or dropped.is_file()

    return source.with_editions(
        edition
        for edition in source.editions
        if not edition.live.instead or any(is_here(edition, file.name) for file in edition.files)
    )
