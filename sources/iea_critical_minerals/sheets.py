"""The publisher's workbook: its sheets as grids of text, its blocks as records.

A block is a heading without figures, rows with figures, and a closing row of shares. The supply sheet has
two columns of blocks side by side (mining, refining), the demand sheet has one. Where a heading, a year
or a figure is not where this edition has it, the file is refused: a shifted column must not pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sources.iea_critical_minerals.closed_tables import Sheet, is_note, observed_year, sheets
from sources.iea_critical_minerals.records import (
    CLOSING_LABEL,
    OUTLOOK_YEARS,
    Figure,
    Record,
    Unread,
    published,
)
from sources.reading.open_file import OpenFile, Tables
from sources.reading.workbook import LOOKS_LIKE_A_NUMBER, Cell, Grid, grid, open_workbook

# Commodity and stage that a heading names.
Block = tuple[str, str | None]

# Rows and columns as a spreadsheet shows them: row 1, column A.
TITLE_ROW, HEADER_ROW = 2, {"supply": 4, "demand": 5}
SCENARIO_ROW = 4
SCENARIOS = (
    "Stated Policies scenario",
    "Announced Pledges scenario",
    "Net Zero Emissions by 2050 scenario",
)


@dataclass(frozen=True)
class LabelledBlock:
    """A column of labels and the columns of its figures: (column, scenario, year)."""

    label_column: int
    figure_columns: tuple[tuple[int, str | None, int], ...]


def column_letter(column: int) -> str:
    """Letter of a column counted from 0; the sheets have fewer than 26."""
    return chr(ord("A") + column)


def read_workbook(file: OpenFile) -> Tables:
    """Published tables of the publisher's workbook.

    Raises:
        SourceError: no workbook, other sheets, titles or years than this edition's, rows outside of a
            block, blocks that are not closed, empty cells, or text where a figure belongs.
    """
    workbook = open_workbook(file.source, file.name, file.content)
    known = sheets(file.source, file.edition.edition)
    refuse_other_sheets(file, known, workbook.sheet_names)
    base_year = observed_year(file)
    records: list[Record] = []
    unread: list[Unread] = []
    for sheet in known.values():
        cells = grid(file.source, file.name, workbook, sheet.name)
        if sheet.table is None:
            unread.append(Unread(sheet.name, sheet.not_used_reason or "", _labelled_rows(cells)))
            continue
        labelled_blocks = _labelled_blocks(file, sheet, cells, base_year)
        _refuse_numbers_elsewhere(file, sheet, cells, labelled_blocks)
        for labelled in labelled_blocks:
            records += _records(file, sheet, cells, labelled)
    return published(file, records, unread)


def refuse_other_sheets(file: OpenFile, known: dict[str, Sheet], found: Sequence[str]) -> None:
    """Stop where the file has sheets (or keys) that `mappings/sheets.csv` lacks, or lacks some of them.

    Raises:
        SourceError: all of them at once.
    """
    missing = [sheet for sheet in known if sheet not in found]
    new = [sheet for sheet in found if sheet not in known]
    if missing or new:
        raise file.error(
            problem="the sheets are not those of this edition",
            expected=", ".join(known),
            got=", ".join(found),
            next_step=f"look at the file and correct sources/{file.source.source_id}/mappings/sheets.csv",
            offenders=[f"missing sheet {sheet!r}" for sheet in missing]
            + [f"unknown sheet {sheet!r}" for sheet in new],
        )


def _labelled_rows(cells: Grid) -> int:
    """Records of a sheet that is not read: rows with a label in column A and at least one number."""
    return sum(
        bool(row[0]) and any(cell and LOOKS_LIKE_A_NUMBER.match(cell) for cell in row[1:])
        for row in cells
    )


def _labelled_blocks(
    file: OpenFile, sheet: Sheet, cells: Grid, base_year: int
) -> tuple[LabelledBlock, ...]:
    """Where labels and figures stand, after the title and the years were found where they belong."""
    years = OUTLOOK_YEARS[sheet.table or ""]
    header = HEADER_ROW[sheet.table or ""]
    expected: dict[tuple[int, int], str] = {(TITLE_ROW, 0): sheet.title or ""}
    if sheet.table == "supply":
        labelled_blocks = tuple(
            LabelledBlock(
                label,
                tuple(
                    (label + 1 + index, sheet.scenario, year)
                    for index, year in enumerate((base_year, *years))
                ),
            )
            for label in (0, 6)
        )
    else:
        # Column B is the base year; each scenario has five columns, after one that stays empty.
        columns: list[tuple[int, str | None, int]] = [(1, None, base_year)]
        for index, scenario in enumerate(SCENARIOS):
            first = 3 + index * (len(years) + 1)
            expected[SCENARIO_ROW, first] = scenario
            columns += [(first + offset, scenario, year) for offset, year in enumerate(years)]
        labelled_blocks = (LabelledBlock(0, tuple(columns)),)
    for labelled in labelled_blocks:
        expected |= {(header, column): str(year) for column, _, year in labelled.figure_columns}
    wrong = [
        f"cell {column_letter(column)}{row}: expected {wanted!r}, got {_at(cells, row, column)!r}"
        for (row, column), wanted in sorted(expected.items())
        if _at(cells, row, column) != wanted
    ]
    file.refuse(
        wrong,
        problem="title or header are not those of this edition",
        where=f"{file.name}, sheet {sheet.name!r}",
        expected=f"title in A{TITLE_ROW}, years {base_year}, {', '.join(map(str, years))} in row {header}",
        got=f"{len(wrong)} cells differ",
        next_step=(
            f"compare with the workbook; a new layout belongs into sources/{file.source.source_id}/sheets.py, "
            "a new base year into mappings/base_years.csv"
        ),
    )
    return labelled_blocks


def _refuse_numbers_elsewhere(
    file: OpenFile, sheet: Sheet, cells: Grid, labelled_blocks: tuple[LabelledBlock, ...]
) -> None:
    """A number in a column that is not read (a year more) would be lost without a word.

    Raises:
        SourceError: numbers from the row of years down that stand in no column of figures.
    """
    read = {column for labelled in labelled_blocks for column, _, _ in labelled.figure_columns}
    header = HEADER_ROW[sheet.table or ""]
    elsewhere = [
        f"cell {column_letter(column)}{row}: {cell}"
        for row, line in enumerate(cells[header - 1 :], start=header)
        for column, cell in enumerate(line)
        if column not in read and cell and LOOKS_LIKE_A_NUMBER.match(cell)
    ]
    file.refuse(
        elsewhere,
        problem="numbers in columns that are not read",
        where=f"{file.name}, sheet {sheet.name!r}",
        expected=f"figures in columns {', '.join(column_letter(column) for column in sorted(read))}",
        got=f"{len(elsewhere)} numbers elsewhere",
        next_step=(
            "look at the cells named; a year more belongs into "
            f"sources/{file.source.source_id}/records.py (OUTLOOK_YEARS) and sheets.py"
        ),
    )


def _at(cells: Grid, row: int, column: int) -> Cell:
    return cells[row - 1][column] if row <= len(cells) and column < len(cells[row - 1]) else None


@dataclass(frozen=True)
class Row:
    """One row of a column of blocks. `empty` names the cells that hold no figure."""

    place: str
    label: Cell
    figures: tuple[Figure, ...]
    empty: tuple[str, ...]


def _rows(sheet: Sheet, cells: Grid, labelled: LabelledBlock) -> Iterator[Row]:
    for row in range(HEADER_ROW[sheet.table or ""] + 1, len(cells) + 1):
        found = [
            (f"{column_letter(column)}{row}", scenario, year, _at(cells, row, column))
            for column, scenario, year in labelled.figure_columns
        ]
        yield Row(
            f"{column_letter(labelled.label_column)}{row}",
            _at(cells, row, labelled.label_column),
            tuple(
                Figure(f"{sheet.name}!{cell}", scenario, year, text)
                for cell, scenario, year, text in found
                if text is not None
            ),
            tuple(cell for cell, _, _, text in found if text is None),
        )


def _misfit(row: Row, sheet: Sheet, block: Block | None, below_blocks: bool) -> str | None:
    """What is wrong with a row where it stands, or None."""
    if row.label is None:
        return "figures without a label" if row.figures else None
    if below_blocks:
        return f"figures below the notes, {row.label[:60]!r}" if row.figures else None
    if not row.figures:
        if block is not None:
            return f"{row.label[:60]!r} has no figures, and {block[0]!r} is not closed yet"
        if _heading(sheet, row.label) is None:
            return f"{row.label[:60]!r} is no heading of a block"
        return None
    if block is None:
        return f"{row.label!r} stands in no block"
    if row.empty:
        return f"no figure in {', '.join(row.empty)} for {row.label!r} of {block[0]!r}"
    return None


def _records(file: OpenFile, sheet: Sheet, cells: Grid, labelled: LabelledBlock) -> list[Record]:
    """Records of one column of blocks, top down."""
    closing = CLOSING_LABEL[sheet.table or ""]
    block: Block | None = None
    faults: list[str] = []
    records: list[Record] = []
    below_blocks = False
    for row in _rows(sheet, cells, labelled):
        below_blocks |= block is None and row.label is not None and is_note(file.source, row.label)
        fault = _misfit(row, sheet, block, below_blocks)
        if fault:
            faults.append(f"cell {row.place}: {fault}")
        if row.label is None or below_blocks:
            continue
        if not row.figures:
            block = _heading(sheet, row.label)
        elif block is not None and not fault:
            records.append(Record(sheet, *block, row.label, row.figures))
            block = None if row.label == closing else block
    if block is not None:
        faults.append(
            f"column {column_letter(labelled.label_column)}: {block[0]!r} is never closed"
        )
    file.refuse(
        faults,
        problem="the blocks are not those of this edition",
        where=f"{file.name}, sheet {sheet.name!r}",
        expected=f"heading, rows with a figure in every year, {closing!r}; then notes",
        got=f"{len(faults)} rows that do not fit",
        next_step=(
            "look at the cells named; an error value (#N/A) reads as an empty cell. A new layout "
            f"belongs into sources/{file.source.source_id}/sheets.py"
        ),
    )
    return records


def _heading(sheet: Sheet, label: str) -> Block | None:
    """Commodity and stage that a heading names: `Copper - Mining`; in the demand sheet no stage."""
    if sheet.table == "demand":
        return (label, None)
    commodity, dash, stage = label.partition(" - ")
    return (commodity, stage) if dash else None
