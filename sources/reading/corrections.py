"""The ledger of corrections to publishers' own mistakes (`corrections.yml` of each source)."""

from typing import Any

import polars as pl
import yaml

from sources.reading.catalog import Source

# Keys of an entry that say something about it; every other key but `field` selects rows.
DESCRIPTIVE = {"id", "field", "expected", "value", "reason", "evidence", "reported_to_publisher"}


def corrections(source: Source) -> tuple[dict[str, Any], ...]:
    """Entries of the source's ledger, none if it has no ledger or an empty one.

    Raises:
        SourceError: two entries have one id, so that a message would name the wrong one.
    """
    path = source.folder / "corrections.yml"
    if not path.exists():
        return ()
    entries = tuple(yaml.safe_load(path.read_text(encoding="utf-8")) or ())
    ids = [entry["id"] for entry in entries]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise source.error(
            problem="corrections share an id",
            where=f"sources/{source.source_id}/corrections.yml",
            expected="an id of its own for each entry",
            got=f"{len(repeated)} ids given more than once",
            next_step="rename all but one; if an entry was pasted twice, remove it",
            offenders=[f"{name}: {ids.count(name)} entries" for name in repeated],
        )
    return entries


def with_corrections(frame: pl.DataFrame, source: Source, field: str) -> pl.DataFrame:
    """Apply the ledger's entries for `field` into `corrected_<field>`, and mark `is_corrected`.

    Called once per field; a row that an earlier call marked stays marked.

    Raises:
        SourceError: rows that an entry selects no longer hold what it expects, or there are none.
    """
    marked = pl.col("is_corrected") if "is_corrected" in frame.columns else pl.lit(value=False)
    out = frame.with_columns(pl.col(field).alias(f"corrected_{field}"), is_corrected=marked)
    editions = set(frame["edition"])
    for entry in corrections(source):
        if entry["field"] != field or entry["edition"] not in editions:
            continue
        selected = pl.all_horizontal(
            pl.col(key).eq_missing(pl.lit(value))
            for key, value in entry.items()
            if key not in DESCRIPTIVE
        )
        held = out.filter(selected)[field].unique().to_list()
        if not held or not set(held) <= set(entry["expected"]):
            raise source.error(
                problem=f"correction {entry['id']} no longer fits",
                where=f"sources/{source.source_id}/corrections.yml",
                expected=f"{field} in {entry['expected']}",
                got=f"{field} = {held}" if held else "no row that it selects",
                next_step="the publisher may have mended it: look at the file, then remove or adapt the entry",
            )
        out = out.with_columns(
            pl.when(selected)
            .then(pl.lit(entry["value"]))
            .otherwise(pl.col(f"corrected_{field}"))
            .alias(f"corrected_{field}"),
            is_corrected=pl.col("is_corrected") | selected,
        )
    return out
