"""From the published figures to the warehouse's terms: minerals, stages, countries, shares of 1."""

import polars as pl

from sources.eu_crm.schema import PERCENT, SECTOR_NOT_STATED, Criticality, SupplyShare, UseShare
from sources.reading.catalog import Source
from sources.reading.corrections import with_corrections
from sources.reading.mappings import with_listed_records, with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reference.labels import with_country

# First and last year of the mean, per edition: the files do not say. From memory, unverified.
AVERAGED_YEARS: dict[str, tuple[int, int]] = {"EUCRM2023": (2016, 2020)}
NACE_CODE = r"^([A-U]\d{2}) - "
MATERIAL_KEY = ["edition", "table", "published_material", "published_stage"]
MEANING = ["mineral_id", "material_id", "material_scope", "stage", "not_used_reason"]
RECORD_KEY = ["edition", "source_file", "file_row", "published_material"]


def _with_material(frame: pl.DataFrame, source: Source, table: pl.Expr) -> pl.DataFrame:
    """Add mineral, material, its scope and stage, or `not_used_reason`, from `mappings/`.

    Args:
        frame: has `edition`, `published_material`, and `published_stage` where the file has stages.
        table: which of the mapping's tables a row belongs to; one name means different things in two.

    Raises:
        SourceError: labels that the table lacks, all at once; a record that is no longer where a list says.
    """
    if "published_stage" not in frame.columns:
        frame = frame.with_columns(published_stage=pl.lit(None, pl.String))
    return (
        frame.with_columns(table=table)
        .pipe(with_mapping, source, "materials", on=MATERIAL_KEY, meaning=MEANING)
        .pipe(with_listed_records, source, RECORD_KEY)
    )


def _as_shares(frame: pl.DataFrame, source: Source, name: str) -> pl.DataFrame:
    """Add `<name>`, `<name>_lower` and `<name>_upper` (0-1).

    Raises:
        SourceError: figures that are in no percent, and no correction says that they are.
    """
    refuse_rows(
        frame.filter(~pl.col("corrected_published_unit").eq_missing(pl.lit("%"))),
        source,
        "shares without a per cent sign",
        row="row {file_row}, {published_material}: {published_value!r}",
        expected="every share in percent",
        got="{rows} bare numbers",
        next_step="look at the sum of the material's shares, then write what is meant into sources/eu_crm/corrections.yml",
    )
    return frame.with_columns(
        (pl.col("value_number") / PERCENT).alias(name),
        (pl.col("value_lower") / PERCENT).alias(f"{name}_lower"),
        (pl.col("value_upper") / PERCENT).alias(f"{name}_upper"),
    )


def _with_value_added_conflict(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `has_value_added_conflict`: the row's value added is not the one its sector mostly prints."""
    usual = (
        frame.drop_nulls("published_sector")
        .group_by("edition", "published_sector", "value_added_million_eur")
        .agg(count=pl.len())
        .sort("edition", "published_sector", "count", "value_added_million_eur")
        .unique(["edition", "published_sector"], keep="last", maintain_order=True)
        .select("edition", "published_sector", usual="value_added_million_eur")
    )
    return frame.join(
        usual, on=["edition", "published_sector"], how="left", validate="m:1"
    ).with_columns(
        has_value_added_conflict=~pl.col("value_added_million_eur").eq_missing(pl.col("usual"))
    )


def _supply_share(labelled: pl.DataFrame, source: Source) -> pl.DataFrame:
    refuse_rows(
        labelled.filter(~pl.col("edition").is_in(list(AVERAGED_YEARS))),
        source,
        "an edition whose years of the mean are not known",
        by=["edition"],
        row="{edition}: {count} shares",
        expected=f"one of {', '.join(AVERAGED_YEARS)}",
        got="{labels} editions otherwise",
        next_step="look the years up in the study, and add them to AVERAGED_YEARS in sources/eu_crm/tidy.py",
        each_to_be_mapped=True,
    )
    first, last = ({name: years[end] for name, years in AVERAGED_YEARS.items()} for end in (0, 1))
    used = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(_as_shares, source, "supply_share")
        .with_columns(
            period_from_year=pl.col("edition").replace_strict(first, return_dtype=pl.Int32),
            period_to_year=pl.col("edition").replace_strict(last, return_dtype=pl.Int32),
        )
        .with_columns(reference_year=pl.col("period_to_year"))
        .pipe(with_country, source, "eu_crm_name", "published_country")
    )
    return lake_table(used, source, SupplyShare)


def _use_share(labelled: pl.DataFrame, source: Source) -> pl.DataFrame:
    used = (
        labelled.pipe(_with_value_added_conflict)
        .filter(pl.col("not_used_reason").is_null())
        .pipe(_as_shares, source, "use_share")
        .with_columns(
            application=pl.col("published_application"),
            nace_sector=pl.col("published_sector").fill_null(SECTOR_NOT_STATED),
            nace_code=pl.col("published_sector").str.extract(NACE_CODE),
        )
    )
    return lake_table(used, source, UseShare)


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every record is either in one of the tables or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown materials or countries, shares without a unit; all of a kind at once.
    """
    supply = (
        published["supply_share"]
        .pipe(with_corrections, source, "published_unit")
        .pipe(_with_material, source, pl.col("scope"))
    )
    criticality = _with_material(published["criticality"], source, pl.lit("criticality"))
    use = (
        published["use_share"]
        .with_columns(corrected_published_unit=pl.col("published_unit"))
        .pipe(_with_material, source, pl.lit("use_share"))
    )
    assessed = criticality.filter(pl.col("not_used_reason").is_null())
    by_material = [
        frame.with_columns(label="published_material") for frame in (supply, criticality, use)
    ]
    return {
        "supply_share": _supply_share(supply, source),
        "criticality": lake_table(assessed, source, Criticality),
        "use_share": _use_share(use, source),
        "not_used": not_used_table([*by_material, published["row_account"]], source),
        "file_rows": published["file_rows"],
    }
