"""Layout of editions 2023 and 2024: one small CSV per commodity, in 46 variants of one header.

Unit, year and "estimated" stand in the column names (`Prod_kt_est_2023`), notes in columns beside. The
commodity is the code in the file's name; the publisher gives no other.
"""

import re
from dataclasses import dataclass

import polars as pl

from sources.reading.files import read_csv_with_blanks
from sources.reading.mappings import mapping
from sources.reading.open_file import OpenFile
from sources.reading.text import cleaned
from sources.usgs_mcs.cells import refuse_lost_cells

FILE_NAME = re.compile(r"^mcs\d{4}-(?P<code>[a-z-]+)_world\.csv$", re.IGNORECASE)
VALUE_COLUMN = re.compile(
    r"^(?P<statistic>Prod|Cap|Reserves)_"
    r"(?:(?P<qualifier>Sponge|Pigment|ore_K2O_equiv|ore)_)?"
    r"(?P<unit>t|kt|kg|Mt|mt|mmt|mct|kct|mcm)"
    r"(?:_(?P<estimated>[Ee]st))?(?:_(?P<year>\d{4}))?$"
)
NOTES_COLUMN = re.compile(r"^(?P<statistic>Prod|Cap|Reserves)_notes?$")
STATISTICS = {"Prod": "production", "Cap": "capacity", "Reserves": "reserves"}
# The type column is called `Type`, but for one file whose header holds the type of its rows instead.
TYPE_COLUMNS = ("Type", "Mine production, fluorspar")
LABEL_COLUMNS = ("Source", "Country")
PREFIXED_ESTIMATE = r"^e(\d)"

# The note says of the earlier year what the column's name says of it, or the contrary.
SAYS_EARLIER_ESTIMATED = (
    r"(?i)(production|data) in \d{4} (is|were|was) also estimated|also estimated in \d{4}"
    r"|estimated in \d{4} also|^estimated$|estimated in both years"
)
SAYS_EARLIER_REPORTED = r"(?i)reported( production| data| quantity)?( data)? in \d{4}|^reported\.?$"


@dataclass(frozen=True)
class _Column:
    """A value column of one file, as its name describes it."""

    name: str
    statistic: str
    qualifier: str | None
    unit: str
    year: int
    is_estimated: bool
    notes: str | None


def _columns(file: OpenFile, names: list[str]) -> list[_Column]:
    notes = {found["statistic"]: name for name in names if (found := NOTES_COLUMN.match(name))}
    columns, unknown = [], []
    for name in names:
        found = VALUE_COLUMN.match(name)
        if found is None:
            if name not in (*LABEL_COLUMNS, *TYPE_COLUMNS, *notes.values()):
                unknown.append(name)
            continue
        columns.append(
            _Column(
                name,
                STATISTICS[found["statistic"]],
                found["qualifier"],
                found["unit"],
                # Reserves stand for the end of the year before the edition unless the name says a year.
                int(found["year"] or int(file.edition.edition.removeprefix("MCS")) - 1),
                found["estimated"] is not None,
                # Edition 2024 explains the capacity of abrasives in `Prod_notes`.
                notes.get(found["statistic"]) or notes.get("Prod"),
            )
        )
    missing = [name for name in LABEL_COLUMNS if name not in names]
    if not any(name in TYPE_COLUMNS for name in names):
        missing.append("Type")
    if unknown or missing or not columns:
        raise file.error(
            problem="the header is not one of this layout",
            expected="Source, Country, Type, Prod_<unit>_[est_]<year>, Cap_…, Reserves_…, …_notes",
            got=", ".join(names)[:300],
            next_step="compare with the edition's other files; extend sources/usgs_mcs/by_commodity.py",
            offenders=[f"unknown column {name!r}" for name in unknown]
            + [f"missing column {name!r}" for name in missing],
        )
    return columns


def _figures(
    frame: pl.DataFrame, column: _Column, first_year: int, type_column: str
) -> pl.DataFrame:
    """Figures of one value column; a column that no record fills has none.

    A series (type) without a single value in the column is no series of this statistic.
    """
    text = cleaned(column.name)
    notes = cleaned(column.notes).fill_null("") if column.notes else pl.lit("")
    says = pl.lit(column.is_estimated)
    if column.statistic == "production" and column.year == first_year:
        says = (says | notes.str.contains(SAYS_EARLIER_ESTIMATED)) & ~notes.str.contains(
            SAYS_EARLIER_REPORTED
        )
    stage = cleaned(type_column).fill_null("")
    if column.qualifier:
        stage = pl.concat_str([stage, pl.lit(f" [{column.qualifier}]")])
    return (
        frame.with_columns(text=pl.when(text != "").then(text), published_stage=stage)
        .filter(pl.col("text").is_not_null().any().over(type_column))
        .select(
            "edition",
            "source_file",
            "file_row",
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "file_row", pl.lit(column.name)
            ),
            statistic=pl.lit(column.statistic),
            published_commodity=pl.col("commodity"),
            published_stage=pl.col("published_stage"),
            published_country=pl.col("country"),
            published_unit=pl.lit(column.unit),
            reference_year=pl.lit(column.year, pl.Int32),
            published_value=pl.col("text").str.replace(PREFIXED_ESTIMATE, "${1}"),
            notes=notes,
            is_estimated=says
            | pl.col("text").str.contains(PREFIXED_ESTIMATE).fill_null(value=False),
        )
    )


def read_by_commodity(file: OpenFile) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Records, figures, and records without a figure, of one commodity's file.

    Raises:
        SourceError: file name, encoding or header are not those of the layout.
    """
    found = FILE_NAME.match(file.name)
    if found is None:
        raise file.error(
            problem="a file's name does not say its commodity",
            expected="mcs<year>-<code>_world.csv",
            got=file.name,
            next_step="restore the publisher's file name; the code is the only commodity there is",
        )
    padded = mapping(file.source, "unnamed_columns")["source_file"].to_list()
    frame = read_csv_with_blanks(
        file.source, file.name, file.text("utf-8-sig"), drop_unnamed=file.name in padded
    ).rename({"row": "file_row"})
    published = frame.columns[1:]
    columns = _columns(file, published)
    type_column = next(name for name in TYPE_COLUMNS if name in frame.columns)
    frame = file.placed(frame).with_columns(
        commodity=pl.lit(found["code"].lower()),
        # Glued footnote digits (`China6`) and, after a country, a glued "e" for estimated.
        country=cleaned("Country")
        .str.replace(r"\s*\d+$", "")
        .str.replace(r"^(Other [Cc]ountries|Greece|Japan|Korea, Republic of|Russia)e$", "${1}"),
    )
    filled = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in published))
    named = filled.filter(pl.col("Country").is_not_null())
    years = [column.year for column in columns if column.statistic == "production"]
    figures = pl.concat(
        _figures(named, column, min(years, default=0), type_column) for column in columns
    )
    refuse_lost_cells(file, frame, figures, [column.name for column in columns])
    without = frame.join(figures, on="file_row", how="anti").with_columns(
        not_used_reason=pl.when(pl.col("file_row").is_in(filled["file_row"].implode()))
        .then(pl.lit("record without a figure of any kind"))
        .otherwise(pl.lit("blank record"))
    )
    return frame, figures, without
