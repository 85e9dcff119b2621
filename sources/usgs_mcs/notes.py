"""What the publisher's notes say about a figure, read by the closed rules of `mappings/note_rules.csv`.

The prose itself stays out of the repo. A note that speaks of something excluded and meets no rule
stops the run: a world total without a producer must never pass for the whole world.
"""

import re

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import mapping

SPEAKS_OF_EXCLUSION = re.compile(r"exclud|not includ", re.IGNORECASE)


def with_notes_read(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `status_from_note` and `excluded_producers` (ISO codes joined by ";") read from `notes`.

    Raises:
        SourceError: notes that speak of an exclusion which no rule covers; all of them at once.
    """
    rules = [
        (re.compile(pattern, re.IGNORECASE), effect, value or "")
        for pattern, effect, value in mapping(source, "note_rules")
        .select("pattern", "effect", "value")
        .iter_rows()
    ]
    read: list[tuple[str, str | None, str | None]] = []
    uncovered: list[str] = []
    for note in frame["notes"].unique().sort():
        found = [(effect, value) for rule, effect, value in rules if rule.search(note)]
        excluded = sorted({value for effect, value in found if effect == "excludes" and value})
        statuses = [value for effect, value in found if effect == "status"]
        if SPEAKS_OF_EXCLUSION.search(note) and not any(e == "excludes" for e, _ in found):
            uncovered.append(note[:160])
        read.append((note, next(iter(statuses), None), ";".join(excluded) or None))
    if uncovered:
        raise source.error(
            problem="notes speak of an exclusion that no rule covers",
            where=f"{frame['source_file'][0]}, notes of production figures",
            expected="a rule of effect `excludes` in mappings/note_rules.csv for each",
            got=f"{len(uncovered)} notes without one",
            next_step="add a rule: the ISO code of the producer left out, or empty if none is",
            each_to_be_mapped=True,
            offenders=uncovered,
        )
    schema = dict.fromkeys(["notes", "status_from_note", "excluded_producers"], pl.String)
    exclusions = pl.DataFrame(read, schema=schema, orient="row")
    return frame.join(exclusions, on="notes", how="left", validate="m:1")
