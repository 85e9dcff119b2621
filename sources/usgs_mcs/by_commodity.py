"""Layout of editions 2023 and 2024: one small CSV per commodity, in 46 variants of one header.

Unit, year and "estimated" stand in the column names (`Prod_kt_est_2023`), notes in columns beside. The
commodity is the code in the file's name; the publisher gives no other.
"""

import re
from dataclasses import dataclass

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv_with_blanks
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


def _columns(source: Source, edition: Edition, where: str, names: list[str]) -> list[_Column]:
    notes = {
        found["statistic"]: name
        for name in names
        if (found := NOTES_COLUMN.match(name)) is not None
    }
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
                int(found["year"] or int(edition.edition.removeprefix("MCS")) - 1),
                found["estimated"] is not None,
                # Edition 2024 explains the capacity of abrasives in `Prod_notes`.
                notes.get(found["statistic"]) or notes.get("Prod"),
            )
        )
    missing = [name for name in LABEL_COLUMNS if name not in names]
    if not any(name in TYPE_COLUMNS for name in names):
        missing.append("Type")
    if unknown or missing or not columns:
        raise SourceError(
            source=source.source_id,
            problem="the header is not one of this layout",
            where=where,
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
            file_row=pl.col("row"),
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "row", pl.lit(column.name)
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


def read_by_commodity(
    source: Source, edition: Edition, file: SourceFile, content: bytes
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Records, figures, and records without a figure, of one commodity's file.

    Raises:
        SourceError: file name, encoding or header are not those of the layout.
    """
    source_file = file.name
    found = FILE_NAME.match(source_file)
    if found is None:
        raise SourceError(
            source=source.source_id,
            problem="a file's name does not say its commodity",
            where=source_file,
            expected="mcs<year>-<code>_world.csv",
            got=source_file,
            next_step="restore the publisher's file name; the code is the only commodity there is",
        )
    text = decode(source, source_file, content, "utf-8-sig")
    known = pl.read_csv(source.folder / "mappings" / "unnamed_columns.csv", infer_schema=False)
    frame = read_csv_with_blanks(
        source, source_file, text, drop_unnamed=source_file in known["source_file"].to_list()
    )
    published = frame.columns[1:]
    columns = _columns(source, edition, source_file, published)
    type_column = next(name for name in TYPE_COLUMNS if name in frame.columns)
    frame = frame.with_columns(
        edition=pl.lit(edition.edition),
        source_file=pl.lit(source_file),
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
    refuse_lost_cells(source, source_file, frame, figures, [column.name for column in columns])
    without = frame.join(
        figures.select(row="file_row").unique(), on="row", how="anti"
    ).with_columns(
        not_used_reason=pl.when(pl.col("row").is_in(filled["row"].implode()))
        .then(pl.lit("record without a figure of any kind"))
        .otherwise(pl.lit("blank record"))
    )
    return frame, figures, without
