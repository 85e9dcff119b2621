"""Where fetched files lie below a folder, by source and edition. Imports no HTTP client: every input asks."""

from sources.catalog import Source


def name_of(path: str) -> str:
    """A file's name without its folder: unique within an edition."""
    return path.rsplit("/", 1)[-1]


def as_fetched(source: Source) -> Source:
    """The source with its files where the input `live` keeps them; all else, pins too, as it is."""
    return source.model_copy(
        update={
            "editions": tuple(
                edition.model_copy(
                    update={
                        "files": tuple(
                            file.model_copy(
                                update={
                                    "path": f"{source.source_id}/{edition.edition}/{name_of(file.path)}"
                                }
                            )
                            for file in edition.files
                        )
                    }
                )
                for edition in source.editions
            )
        }
    )
