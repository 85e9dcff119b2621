"""The release's files as published tables: which member is which year, and the account of every row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from sources.cepii_baci.archive import Member, members_of
from sources.cepii_baci.extract import Progress, YearOfRows, gathered, read_years, said
from sources.cepii_baci.rows import DTYPES, NOT_AVAILABLE, parse
from sources.cepii_baci.stream import inflated
from sources.reading.catalog import SOURCES_ROOT, Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv

Tables = dict[str, pl.DataFrame]
CSV_HEADER = (
    "t",
    "hs6",
    "i",
    "j",
    "trade_usd_thousands",
    "qty_tons",
    "i_iso3",
    "j_iso3",
    "mineral",
)
FLAGS = ("is_truncated_release", "has_quantities", "is_partial_partners")
IN_OUR_NAMES = {"hs6": "k", "trade_usd_thousands": "v", "qty_tons": "q"}


def our_lines() -> pl.Series:
    """The HS6 codes that our minerals have (`reference/hs_lines.csv`), in any revision."""
    listed = pl.read_csv(SOURCES_ROOT / "reference" / "hs_lines.csv", infer_schema=False)
    return listed["hs6"].unique().sort()


def listed_series(source: Source, file: SourceFile) -> dict[str, Any]:
    """The row of `mappings/series.csv` that a file fills.

    Raises:
        SourceError: the table has no row of the file.
    """
    path = source.folder / "mappings" / "series.csv"
    name = file.name
    found = pl.read_csv(path, infer_schema=False).filter(pl.col("source_file") == name)
    if found.height != 1:
        raise source.error(
            problem="a file that no series is made of",
            where=str(path),
            expected="one row for each file that source.yml pins",
            got=f"{found.height} rows of {name}",
            next_step="add its series, HS revision and years to mappings/series.csv",
        )
    return found.row(0, named=True)


def read_zip(
    source: Source, edition: Edition, file: SourceFile, path: Path, progress: Progress = said
) -> Tables:
    """One series of a zip with a member for each year.

    Raises:
        SourceError: the zip or a member is refused, a year is missing or too many, or a line is
            neither ours nor known not to be.
    """
    series = listed_series(source, file)
    members = members_of(path)
    first, last = int(series["first_year"]), int(series["last_year"])
    wanted = {series["member"].format(year=year): year for year in range(first, last + 1)}
    _refuse_other_years(path, wanted, list(members))
    years = read_years(
        [(members[name], year) for name, year in wanted.items()], our_lines(), progress=progress
    )
    return _tables(source, edition, series, years, products=_listed_products(members))


def _refuse_other_years(path: Path, wanted: dict[str, int], members: Sequence[str]) -> None:
    missing = sorted(set(wanted) - set(members))
    other = sorted(
        name for name in members if name not in wanted and name.lower().startswith("baci")
    )
    if missing or other:
        raise SourceError(
            source="cepii_baci",
            problem="the zip's years are not those of its series",
            where=str(path),
            expected=f"{len(wanted)} members, {min(wanted)} to {max(wanted)}",
            got=f"{len(missing)} missing, {len(other)} unknown",
            next_step="fetch the zip again, or correct the years in sources/cepii_baci/mappings/series.csv",
            offenders=[f"missing: {name}" for name in missing]
            + [f"unknown: {name}" for name in other],
        )


def _listed_products(members: dict[str, Member]) -> list[str]:
    """HS6 codes of the release's own list, where the zip has one."""
    codes: list[str] = []
    for name, member in members.items():
        if name.startswith("product_codes_HS"):
            text = b"".join(inflated(member))
            codes += pl.read_csv(text, infer_schema=False).to_series(0).to_list()
    return codes


def read_asean(source: Source, edition: Edition, file: SourceFile, path: Path) -> Tables:
    """The series of one CSV with all years, plain text with a header of its own.

    Raises:
        SourceError: another header, irregular rows, or cells that are not BACI's.
    """
    series = listed_series(source, file)
    name = file.name
    records = read_csv(source, name, decode(source, name, path.read_bytes(), "utf-8"), CSV_HEADER)
    text = records.rename(IN_OUR_NAMES).with_columns(pl.col("q").fill_null(NOT_AVAILABLE))
    _refuse_years(name, series, text["t"])
    lines = our_lines()
    years: list[YearOfRows] = []
    for (year,), rows in text.group_by("t", maintain_order=True):
        chunk = (
            rows.select(list(DTYPES)).write_csv(include_header=False, quote_style="never").encode()
        )
        parsed = iter([parse(chunk, int(str(year)), lines)])
        years.append(gathered(f"{name}, rows of {year}", name, int(str(year)), parsed))
    return _tables(source, edition, series, years, products=[], member=name)


def _refuse_years(name: str, series: dict[str, Any], years: pl.Series) -> None:
    wanted = {str(year) for year in range(int(series["first_year"]), int(series["last_year"]) + 1)}
    found = {str(year) for year in years.unique()}
    if found != wanted:
        raise SourceError(
            source="cepii_baci",
            problem="the file's years are not those of its series",
            where=f"{name}, column t",
            expected=f"{min(wanted)} to {max(wanted)}",
            got=f"{len(wanted - found)} missing, {len(found - wanted)} unknown",
            next_step="fetch the file again, or correct the years in sources/cepii_baci/mappings/series.csv",
            offenders=[f"missing: {year}" for year in sorted(wanted - found)]
            + [f"unknown: {year}" for year in sorted(found - wanted)],
        )


def _tables(
    source: Source,
    edition: Edition,
    series: dict[str, Any],
    years: list[YearOfRows],
    *,
    products: list[str],
    member: str | None = None,
) -> Tables:
    """Published tables of one series. With `member`, all years lie in that one file."""
    series_id = series["series_id"]
    named = {"edition": pl.lit(edition.edition), "series_id": pl.lit(series_id)}
    trade = pl.concat([year.kept for year in years]).with_columns(**named)
    files = pl.DataFrame(
        {
            "member": [member or year.source_file for year in years],
            "rows_in": [year.rows_in for year in years],
            "rows_kept": [year.kept.height for year in years],
            "rows_not_used": [_not_kept(year) for year in years],
        }
    )
    accounts = files.group_by("member", maintain_order=True).sum()
    return {
        f"trade_{series_id}": trade,
        "series": pl.DataFrame([series]).with_columns(
            edition=pl.lit(edition.edition), **{flag: pl.col(flag) == "true" for flag in FLAGS}
        ),
        "file_account": accounts.with_columns(source_file=pl.lit(series["source_file"]), **named),
        "line_account": _line_account(source, series_id, years, products).with_columns(**named),
    }


def _not_kept(year: YearOfRows) -> int:
    """Rows of other lines, counted by line: not what is left when those kept are taken away."""
    other = year.by_line.join(
        year.kept.select(pl.col("hs6").cast(pl.String)).unique(), on="hs6", how="anti"
    )
    return int(other["rows"].sum())


def _line_account(
    source: Source, series_id: str, years: list[YearOfRows], listed_products: list[str]
) -> pl.DataFrame:
    counted = pl.concat(
        year.by_line.with_columns(reference_year=pl.lit(year.year, pl.Int32)) for year in years
    )
    sums = (
        pl.concat([year.kept for year in years])
        .group_by("reference_year", "hs6")
        .agg(pl.col("value_usd").sum())
        .cast({"reference_year": pl.Int32, "hs6": pl.String})
    )
    reasons = pl.read_csv(source.folder / "mappings" / "not_used_lines.csv", infer_schema=False)
    lines = counted.join(sums, on=["reference_year", "hs6"], how="left").with_columns(
        is_used=pl.col("value_usd").is_not_null()
    )
    _refuse_unknown_lines(source, series_id, lines, [*reasons["hs6"], *listed_products])
    return lines.join(reasons, on="hs6", how="left", validate="m:1").with_columns(
        not_used_reason=pl.when(~pl.col("is_used")).then(
            pl.col("not_used_reason").fill_null("not in sources/reference/hs_lines.csv")
        )
    )


def _refuse_unknown_lines(
    source: Source, series_id: str, lines: pl.DataFrame, known: list[str]
) -> None:
    unknown = lines.filter(~pl.col("is_used") & ~pl.col("hs6").is_in(known))
    if not unknown.is_empty():
        raise source.error(
            problem="HS6 codes that no list has",
            where=f"series {series_id}, column k",
            expected=(
                "a line of reference/hs_lines.csv, a code of the zip's own product list, or a row of "
                "mappings/not_used_lines.csv"
            ),
            got=f"{unknown['hs6'].n_unique()} codes in {unknown['rows'].sum():,} rows",
            next_step="look up the code; add it to reference/hs_lines.csv, or to sources/cepii_baci/mappings/not_used_lines.csv with a reason",
            each_to_be_mapped=True,
            offenders=[
                f"{row['hs6']} in {row['reference_year']} ({row['rows']} rows)"
                for row in unknown.sort("hs6", "reference_year").iter_rows(named=True)
            ],
        )
