"""The release's files as published tables: which member is which year, and the account of every row."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import polars as pl

from sources.cepii_baci.archive import Member, members_of
from sources.cepii_baci.extract import (
    Progress,
    YearOfRows,
    log_progress,
    read_years,
    year_from_chunks,
)
from sources.cepii_baci.rows import DTYPES, NOT_AVAILABLE, parse
from sources.cepii_baci.stream import inflated
from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.files import decode, read_csv
from sources.reading.mappings import mapping
from sources.reading.open_file import Tables
from sources.reading.refusals import refuse_rows
from sources.reference.labels import reference_list

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
    return reference_list("hs_lines")["hs6"].unique().sort()


def listed_series(source: Source, file: SourceFile) -> dict[str, Any]:
    """The row of `mappings/series.csv` that a file fills.

    Raises:
        SourceError: the table has no row of the file.
    """
    found = mapping(source, "series").filter(source_file=file.name)
    if found.height != 1:
        raise source.error(
            problem="a file that no series is made of",
            where="sources/cepii_baci/mappings/series.csv",
            expected="one row for each file that source.yml pins",
            got=f"{found.height} rows of {file.name}",
            next_step="add its series, HS revision and years to mappings/series.csv",
        )
    return found.row(0, named=True)


def read_zip(
    source: Source,
    edition: Edition,
    file: SourceFile,
    path: Path,
    progress: Progress = log_progress,
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
    theirs = [name for name in members if name in wanted or name.lower().startswith("baci")]
    _refuse_other_years(source, f"{path}", "the zip's", wanted, theirs)
    years = read_years(
        [(members[name], year) for name, year in wanted.items()], our_lines(), progress=progress
    )
    return _tables(source, edition, series, years, products=_listed_products(members))


def _refuse_other_years(
    source: Source, where: str, whose: str, wanted: Collection[str], found: Collection[str]
) -> None:
    missing, unknown = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    if missing or unknown:
        raise source.error(
            problem=f"{whose} years are not those of its series",
            where=where,
            expected=f"{len(wanted)} years, {min(wanted)} to {max(wanted)}",
            got=f"{len(missing)} missing, {len(unknown)} unknown",
            next_step="fetch the file again, or correct the years in sources/cepii_baci/mappings/series.csv",
            offenders=[f"missing: {name}" for name in missing]
            + [f"unknown: {name}" for name in unknown],
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
    first, last = int(series["first_year"]), int(series["last_year"])
    wanted = [str(year) for year in range(first, last + 1)]
    _refuse_other_years(
        source, f"{name}, column t", "the file's", wanted, set(text["t"].fill_null(""))
    )
    lines = our_lines()
    years: list[YearOfRows] = []
    for (year,), rows in text.group_by("t", maintain_order=True):
        chunk = rows.select(list(DTYPES)).write_csv(include_header=False, quote_style="never")
        parsed = iter([parse(chunk.encode(), int(str(year)), lines)])
        years.append(year_from_chunks(f"{name}, rows of {year}", name, int(str(year)), parsed))
    return _tables(source, edition, series, years, products=[], member=name)


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
    reasons = mapping(source, "not_used_lines")
    lines = counted.join(sums, on=["reference_year", "hs6"], how="left").with_columns(
        is_used=pl.col("value_usd").is_not_null()
    )
    known = [*reasons["hs6"], *listed_products]
    unknown = lines.filter(~pl.col("is_used") & ~pl.col("hs6").is_in(known))
    refuse_rows(
        unknown.sort("hs6", "reference_year"),
        source,
        "HS6 codes that no list has",
        where=f"series {series_id}, column k",
        row="{hs6} in {reference_year} ({rows} rows)",
        expected=(
            "a line of reference/hs_lines.csv, a code of the zip's own product list, or a row of "
            "mappings/not_used_lines.csv"
        ),
        got=f"{unknown['hs6'].n_unique()} codes in {unknown['rows'].sum():,} rows",
        next_step="look up the code; add it to reference/hs_lines.csv, or to sources/cepii_baci/mappings/not_used_lines.csv with a reason",
        each_to_be_mapped=True,
    )
    return lines.join(reasons, on="hs6", how="left", validate="m:1").with_columns(
        not_used_reason=pl.when(~pl.col("is_used")).then(
            pl.col("not_used_reason").fill_null("not in sources/reference/hs_lines.csv")
        )
    )
