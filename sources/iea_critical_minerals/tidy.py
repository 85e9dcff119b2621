"""From the published figures to the warehouse's terms: minerals, stages, uses, countries, tonnes."""

import polars as pl

from sources.iea_critical_minerals.closed_tables import base_years
from sources.iea_critical_minerals.schema import Demand, SupplyOutlook
from sources.reading.catalog import Source
from sources.reading.lake_schemas import Production
from sources.reading.mappings import mapping, with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reading.values import in_tonnes
from sources.reference.labels import with_country

# The publisher writes "kt"; every figure that is used is in it.
TONNES_PER_KILOTONNE = 1_000.0
# Editions that we hold only in a third party's conversion: each of their rows says so.
CONVERTED_LAYOUTS = {"converted_2025"}


def _with_tonnes(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add tonnes, whether it is the base year, and how each figure was made."""
    converted = [
        edition.edition
        for edition in source.editions
        if any(file.layout in CONVERTED_LAYOUTS for file in edition.files)
    ]
    base_year = pl.col("edition").replace_strict(base_years(source), return_dtype=pl.Int32)
    tonnes = {
        f"quantity_tonnes{end}": in_tonnes(f"value_{name}", TONNES_PER_KILOTONNE)
        for end, name in (("", "number"), ("_lower", "lower"), ("_upper", "upper"))
    }
    return frame.with_columns(
        is_base_year=pl.col("reference_year") == base_year,
        derivation=pl.when(pl.col("edition").is_in(converted))
        .then(pl.lit("converted"))
        .otherwise(pl.lit("as_published")),
        excluded_producers=pl.lit(None, pl.String),
        **tonnes,
    ).with_columns(is_estimated=~pl.col("is_base_year"))


def _split(frame: pl.DataFrame, source: Source, label: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Figures to use, and those in rows that `mappings/not_used_rows.csv` sets aside with a reason."""
    rows = mapping(source, "not_used_rows").rename({"published_label": label})
    return frame.join(rows, on=label, how="anti"), frame.join(rows, on=label, how="inner")


def _scenario(source: Source) -> pl.Expr:
    """Our name of the scenario, null outside of one; the layouts let no other label through."""
    names = dict(mapping(source, "scenarios").select("published_scenario", "scenario").rows())
    return pl.col("published_scenario").replace_strict(names, default=None, return_dtype=pl.String)


def _supply(frame: pl.DataFrame, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Supply in the warehouse's terms, and what of it is not used."""
    figures, shares = _split(frame, source, "published_country")
    on = ["edition", "published_commodity", "published_stage"]
    meaning = ["mineral_id", "stage", "form", "basis", "not_used_reason"]
    labelled = with_mapping(figures, source, "supply_blocks", on, meaning)
    used = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(with_country, source, "iea_name", "published_country")
        .pipe(_with_tonnes, source)
        .with_columns(scenario=_scenario(source))
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
    refuse_rows(
        off,
        source,
        "blocks without exactly one world total",
        row="{published_commodity} - {published_stage}, {reference_year}: {totals} totals",
        expected="one row of kind `world` in sources/reference/country_aliases.csv, scheme 'iea_name'",
        got="{rows} blocks and years without it",
        next_step="look at the block: the publisher may have renamed its total; then add the alias",
    )


def _demand(frame: pl.DataFrame, source: Source) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Demand in the warehouse's terms, and what of it is not used."""
    figures, shares = _split(frame, source, "published_use")
    on, meaning = ["edition", "published_commodity"], ["mineral_id", "form", "basis"]
    labelled = with_mapping(figures, source, "demand_blocks", on, [*meaning, "not_used_reason"])
    used = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(with_mapping, source, "uses", ["published_use"], ["use", "use_kind"])
        .pipe(_with_tonnes, source)
        .with_columns(
            scenario=pl.when("is_base_year").then(pl.lit("base_year")).otherwise(_scenario(source))
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
