"""From the published figures to the warehouse's terms: minerals, stages, uses, countries, tonnes."""

import polars as pl

from sources.iea_critical_minerals.closed_tables import base_years, mapping
from sources.iea_critical_minerals.schema import (
    Demand,
    SupplyOutlook,
)
from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.lake_schemas import Production
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reference.labels import with_country

# The publisher writes "kt"; every figure that is used is in it.
TONNES_PER_KILOTONNE = 1_000.0
# Editions that we hold only in a third party's conversion: each of their rows says so.
CONVERTED_LAYOUTS = {"converted_2025"}


def _with_meaning(
    frame: pl.DataFrame, source: Source, table: str, on: list[str], known_by: str
) -> pl.DataFrame:
    """Add the columns of a closed table of `mappings/`.

    Raises:
        SourceError: labels that the table lacks, all at once.
    """
    known = mapping(table)
    unknown = frame.join(known, on=on, how="anti")
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="labels that the closed table does not have",
            where=f"{', '.join(on)} of {', '.join(unknown['source_file'].unique().sort())}",
            expected=f"a row of mappings/{table}.csv for each, {known_by}",
            got=f"{unknown.height} figures without one",
            next_step=f"add the label to sources/{source.source_id}/mappings/{table}.csv",
            each_to_be_mapped=True,
            offenders=[
                f"{', '.join(repr(row[name]) for name in on)} "
                f"({row['count']} figures, from {row['first']})"
                for row in unknown.group_by(on)
                .agg(count=pl.len(), first=pl.col("source_row_id").first())
                .sort(on)
                .iter_rows(named=True)
            ],
        )
    return frame.join(known, on=on, how="left", validate="m:1")


def _with_tonnes(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add tonnes, whether it is the base year, and how each figure was made."""
    converted = [
        edition.edition
        for edition in source.editions
        if any(file.layout in CONVERTED_LAYOUTS for file in edition.files)
    ]
    base_year = pl.col("edition").replace_strict(base_years(), return_dtype=pl.Int32)
    in_tonnes = {
        f"quantity_tonnes{end}": pl.col(f"value_{name}") * TONNES_PER_KILOTONNE
        for end, name in (("", "number"), ("_lower", "lower"), ("_upper", "upper"))
    }
    return frame.with_columns(
        is_base_year=pl.col("reference_year") == base_year,
        derivation=pl.when(pl.col("edition").is_in(converted))
        .then(pl.lit("converted"))
        .otherwise(pl.lit("as_published")),
        excluded_producers=pl.lit(None, pl.String),
        **in_tonnes,
    ).with_columns(is_estimated=~pl.col("is_base_year"))


def _split(frame: pl.DataFrame, label: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures to use, and those in rows that `mappings/not_used_rows.csv` sets aside with a reason."""
    rows = mapping("not_used_rows").rename({"published_label": label})
    return frame.join(rows, on=label, how="anti"), frame.join(rows, on=label, how="inner")


def _scenario() -> pl.Expr:
    """Our name of the scenario, null outside of one; the layouts let no other label through."""
    known = mapping("scenarios")
    names = dict(zip(known["published_scenario"], known["scenario"], strict=True))
    return pl.col("published_scenario").replace_strict(names, default=None, return_dtype=pl.String)


def _supply(frame: pl.DataFrame, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Supply in the warehouse's terms, and what of it is not used."""
    figures, shares = _split(frame, "published_country")
    on = ["edition", "published_commodity", "published_stage"]
    labelled = _with_meaning(figures, source, "supply_blocks", on, "mapped or 'not used'")
    used = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(with_country, source, "iea_name", "published_country")
        .pipe(_with_tonnes, source)
        .with_columns(scenario=_scenario())
    )
    _refuse_without_total(used, source)
    dropped = labelled.filter(pl.col("not_used_reason").is_not_null())
    return used, pl.concat(
        [
            _records(shares, pl.col("published_country")),
            _records(dropped, pl.format("{} - {}", "published_commodity", "published_stage")),
        ]
    )


def _refuse_without_total(used: pl.DataFrame, source: Source) -> None:
    """Every block has exactly one world row; a share without it would be a share of nothing."""
    block = ["source_file", "published_commodity", "published_stage", "reference_year"]
    off = (
        used.group_by(block)
        .agg(totals=(pl.col("geography_kind") == "world").sum())
        .filter(pl.col("totals") != 1)
        .sort(block)
    )
    if not off.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="blocks without exactly one world total",
            where=", ".join(off["source_file"].unique().sort()),
            expected="one row of kind `world` in sources/reference/country_aliases.csv, scheme 'iea_name'",
            got=f"{off.height} blocks and years without it",
            next_step="look at the block: the publisher may have renamed its total; then add the alias",
            offenders=[
                f"{row['published_commodity']} - {row['published_stage']}, {row['reference_year']}: "
                f"{row['totals']} totals"
                for row in off.iter_rows(named=True)
            ],
        )


def _demand(frame: pl.DataFrame, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Demand in the warehouse's terms, and what of it is not used."""
    figures, shares = _split(frame, "published_use")
    labelled = _with_meaning(
        figures, source, "demand_blocks", ["edition", "published_commodity"], "mapped or 'not used'"
    )
    used = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(_with_meaning, source, "uses", ["published_use"], "with its kind")
        .pipe(_with_tonnes, source)
        .with_columns(
            scenario=pl.when("is_base_year").then(pl.lit("base_year")).otherwise(_scenario())
        )
    )
    dropped = labelled.filter(pl.col("not_used_reason").is_not_null())
    return used, pl.concat(
        [
            _records(shares, pl.col("published_use")),
            _records(dropped, pl.col("published_commodity")),
        ]
    )


def _records(figures: pl.DataFrame, label: pl.Expr) -> pl.DataFrame:
    """Records, not figures, by label and reason."""
    return (
        figures.unique(["edition", "source_file", "file_row"])
        .with_columns(label=label)
        .group_by("edition", "source_file", "label", "not_used_reason")
        .agg(file_rows=pl.len())
    )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every record is in `production` and `supply_outlook` (one record gives both), in `demand`, or counted
    in `not_used` with its reason.

    Raises:
        SourceError: unknown labels or countries, blocks without a total; all of a kind at once.
    """
    supply, supply_not_used = _supply(published["supply"], source)
    demand, demand_not_used = _demand(published["demand"], source)
    is_base_year = pl.col("is_base_year")
    return {
        "production": lake_table(supply.filter(is_base_year), source, Production),
        "supply_outlook": lake_table(supply.filter(~is_base_year), source, SupplyOutlook),
        "demand": lake_table(demand, source, Demand),
        "not_used": not_used_table(
            [supply_not_used, demand_not_used, published["row_account"]], source
        ),
        "file_rows": published["file_rows"],
    }
