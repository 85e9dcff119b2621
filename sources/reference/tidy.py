"""Our own lists as lake tables: read from the CSVs beside this module and from every `source.yml`."""

import dataframely as dy
import polars as pl

from sources.catalog import SOURCES_ROOT, all_sources
from sources.errors import SourceError
from sources.files import sha256_of
from sources.reference.schema import Country, EditionRow, Mineral, SourceRow, Stage

SOURCE_ID = "reference"
LAKE: dict[str, type[dy.Schema]] = {
    "mineral": Mineral,
    "stage": Stage,
    "country": Country,
    "source": SourceRow,
    "edition": EditionRow,
}
# Lake table to the CSV it is read from.
LISTS = {"mineral": "minerals.csv", "stage": "stages.csv", "country": "countries.csv"}


def _list(table: str) -> pl.DataFrame:
    path = SOURCES_ROOT / SOURCE_ID / LISTS[table]
    dtypes = LAKE[table].create_empty().schema
    try:
        return pl.read_csv(path, schema=dtypes)
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            source=SOURCE_ID,
            problem="a reference list can't be read",
            where=str(path),
            expected=f"columns {', '.join(dtypes)}",
            got=str(error).splitlines()[0],
            next_step="correct the CSV; its columns are those of sources/reference/schema.py",
        ) from error


def _refuse_orphans(minerals: pl.DataFrame) -> None:
    parents = minerals.filter(pl.col("parent_mineral_id").is_not_null())
    orphans = parents.join(minerals, left_on="parent_mineral_id", right_on="mineral_id", how="anti")
    if not orphans.is_empty():
        raise SourceError(
            source=SOURCE_ID,
            problem="minerals name a parent that is not in the list",
            where="sources/reference/minerals.csv",
            expected="parent_mineral_id is a mineral_id of the same list",
            got=", ".join(orphans["parent_mineral_id"].unique().sort()),
            next_step="add the parent or correct the name",
            offenders=orphans["mineral_id"].to_list(),
        )


def list_digests() -> dict[str, str]:
    """Digest of each list, for the sidecars. Keys are file names."""
    return {name: sha256_of(SOURCES_ROOT / SOURCE_ID / name) for name in LISTS.values()}


def tidy() -> dict[str, pl.DataFrame]:
    """Every table of `LAKE`.

    Raises:
        SourceError: a list has other columns, or a mineral names a parent that does not exist.
    """
    tables = {table: _list(table) for table in LISTS}
    _refuse_orphans(tables["mineral"])
    tables["source"] = pl.DataFrame(
        [
            {
                "source_id": source.source_id,
                "publisher": source.publisher,
                "title": source.title,
                "source_description": source.description.strip(),
                "landing_page": source.landing_page,
                "licence_id": source.licence.licence_id,
                "licence_title": source.licence.title,
                "licence_url": source.licence.url,
                "credit_line": source.credit_line,
                "is_redistributable": source.redistributable,
            }
            for source in all_sources()
        ],
        schema=SourceRow.create_empty().schema,
    )
    tables["edition"] = pl.DataFrame(
        [
            {
                "source_id": source.source_id,
                "edition": edition.edition,
                "edition_title": edition.title,
                "released_on": edition.released_on,
                "released_on_verified": edition.released_on_verified,
                "citation": edition.citation,
                "url": edition.url,
            }
            for source in all_sources()
            for edition in source.editions
        ],
        schema=EditionRow.create_empty().schema,
    )
    return tables
