"""The May 2025 edition in a third party's JSON conversion of the workbook.

Its rows are the workbook's rows, its keys the converter's: `total`, `top3Share` and the like stand for
the publisher's labels, and the notes below the last block slipped in as countries without figures. They
are refused as countries and counted.
"""

import json
from collections.abc import Iterator

from sources.iea_critical_minerals.closed_tables import Sheet, is_note, observed_year, sheets
from sources.iea_critical_minerals.records import OUTLOOK_YEARS, Figure, Record, Unread, published
from sources.iea_critical_minerals.sheets import refuse_other_sheets
from sources.reading.open_file import OpenFile, Tables

# The converter's keys, and the publisher's labels that they stand for.
LABELS = {
    "supply": {"total": "Total", "top3Share": "Top 3 share"},
    "demand": {
        "totalClean": "Total clean technologies",
        "otherUses": "Other uses",
        "totalDemand": "Total demand",
        "cleanShare": "Share of clean technologies in total demand",
    },
}
# The key below which the rows carry the publisher's own labels.
ROWS = {"supply": "countries", "demand": "sectors"}
# Length of a supply row's path: commodity, stage, key (, label); demand rows lack the stage.
DEPTH = {"supply": 3, "demand": 2}
SCENARIOS = ("STEPS", "APS", "NZE")
NOTE_REASON = "a note of the workbook that the conversion took for a country"

Path = tuple[str, ...]
Node = object


def _load(file: OpenFile) -> dict[str, Node]:
    """The object in the file, its numbers as the text that stands there."""

    def once(pairs: list[tuple[str, Node]]) -> dict[str, Node]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a key stands twice: {sorted(k for k in keys if keys.count(k) > 1)}")
        return dict(pairs)

    text = file.text("utf-8")
    try:
        loaded = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=once
        )
        if not isinstance(loaded, dict):
            raise ValueError(f"a {type(loaded).__name__}, no object")
    except ValueError as error:
        raise file.error(
            problem="the file is no whole JSON object",
            expected="one JSON object, each key once",
            got=f"{len(text):,} characters that begin with {text[:15]!r}; {error}",
            next_step="fetch it again: it is truncated, or an error page was saved under its name",
        ) from error
    return loaded


def _rows(node: Node, base_year: str, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every record below `node` with its path: the objects that hold the base year."""
    if isinstance(node, dict) and base_year not in node:
        for key, below in node.items():
            yield from _rows(below, base_year, (*path, key))
    else:
        yield path, node


def read_converted(file: OpenFile) -> Tables:
    """Published tables of the conversion.

    Raises:
        SourceError: no JSON, other keys, rows or years than the conversion had, nulls, or text where a
            figure belongs.
    """
    loaded = _load(file)
    known = sheets(file.source, file.edition.edition)
    refuse_other_sheets(file, known, list(loaded))
    base_year = observed_year(file)
    records: list[Record] = []
    unread: list[Unread] = []
    for sheet in known.values():
        rows = list(_rows(loaded[sheet.name], str(base_year)))
        if sheet.table is None:
            count = sum(isinstance(row, dict) for _, row in rows)
            unread.append(Unread(sheet.name, sheet.not_used_reason or "", count))
            continue
        faults: list[str] = []
        for path, row in rows:
            is_empty = isinstance(row, dict) and all(v is None for v in row.values())
            if is_empty and is_note(file.source, path[-1]):
                unread.append(Unread("/".join((sheet.name, *path[:-1])), NOTE_REASON, 1))
            elif record := _record(sheet, path, row, base_year, faults):
                records.append(record)
        if faults:
            years = ", ".join(map(str, OUTLOOK_YEARS[sheet.table]))
            raise file.error(
                problem="the rows are not those of this conversion",
                where=f"{file.name}, key {sheet.name!r}",
                expected=f"commodity, row, and a figure for each of {base_year}, {years}",
                got=f"{len(faults)} places that do not fit",
                next_step=f"look at the file; a new layout belongs into sources/{file.source.source_id}/converted.py",
                offenders=faults,
            )
    return published(file, records, unread)


def _record(
    sheet: Sheet, path: Path, row: Node, base_year: int, faults: list[str]
) -> Record | None:
    """The record at `path`, or None and what is wrong with it in `faults`."""
    table = sheet.table or ""
    shown = "/".join((sheet.name, *(part[:60] for part in path)))
    *head, key = path[: DEPTH[table]] or ("",)
    if len(path) == DEPTH[table] + 1 and key == ROWS[table]:
        label = path[-1]
    elif len(path) == DEPTH[table] and key in LABELS[table]:
        label = LABELS[table][key]
    else:
        faults.append(f"{shown}: no row of a block")
        return None
    if not isinstance(row, dict):
        faults.append(f"{shown}: a figure without a year, {row!r}")
        return None
    figures = list(_figures(sheet, "/".join((sheet.name, *path)), row, base_year))
    wrong = [f"{place}: {text!r}" for place, _, _, text in figures if not isinstance(text, str)]
    extra = sorted(
        set(_leaves(row)) - {place for place, _, _, _ in _figures(sheet, "", row, base_year)}
    )
    if wrong or extra:
        faults += [f"{item} where a figure belongs" for item in wrong]
        faults += [f"{shown}{place}: a year or scenario not known here" for place in extra]
        return None
    return Record(
        sheet,
        head[0],
        head[1] if table == "supply" else None,
        " ".join(label.split()),
        tuple(Figure(place, scenario, year, str(text)) for place, scenario, year, text in figures),
    )


def _figures(
    sheet: Sheet, place: str, row: dict[str, Node], base_year: int
) -> Iterator[tuple[str, str | None, int, Node]]:
    """Place, scenario, year and what stands there, for every figure that the row must have."""
    years = OUTLOOK_YEARS[sheet.table or ""]
    yield f"{place}:{base_year}", sheet.scenario, base_year, row.get(str(base_year))
    if sheet.table == "supply":
        for year in years:
            yield f"{place}:{year}", sheet.scenario, year, row.get(str(year))
        return
    for scenario in SCENARIOS:
        below = row.get(scenario)
        for year in years:
            found = below.get(str(year)) if isinstance(below, dict) else None
            yield f"{place}:{scenario}:{year}", scenario, year, found


def _leaves(node: Node, place: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, below in node.items():
            yield from _leaves(below, f"{place}:{key}")
    else:
        yield place
