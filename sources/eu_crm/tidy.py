"""From the published figures to the warehouse's terms: minerals, stages, countries, shares of 1."""

import polars as pl

from sources.eu_crm.schema import (
    PERCENT,
    SECTOR_NOT_STATED,
    Criticality,
    SupplyShare,
    UseShare,
)
from sources.reading.catalog import Source
from sources.reading.corrections import with_corrections
from sources.reading.errors import SourceError
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reference.labels import with_country

# First and last year of the mean, per edition: the files do not say. From memory, unverified.
AVERAGED_YEARS: dict[str, tuple[int, int]] = {"EUCRM2023": (2016, 2020)}
NACE_CODE = r"^([A-U]\d{2}) - "
RECORD_KEY = ["edition", "source_file", "file_row", "published_material"]


def _with_material(frame: pl.DataFrame, source: Source, table: pl.Expr) -> pl.DataFrame:
    """Add mineral, material, its scope and stage, or `not_used_reason`, from `mappings/materials.csv`.

    Args:
        frame: has `edition`, `published_material`, and `published_stage` where the file has stages.
        table: which of the mapping's tables a row belongs to; one name means different things in two.

    Raises:
        SourceError: labels that the table lacks, all at once.
    """
    key = ["edition", "table", "published_material", "stage_key"]
    meaning = ["mineral_id", "material_id", "material_scope", "stage", "not_used_reason"]
    materials = pl.read_csv(
        source.folder / "mappings" / "materials.csv", infer_schema=False
    ).with_columns(stage_key=pl.col("published_stage").fill_null(""))
    has_stage = "published_stage" in frame.columns
    labelled = frame.with_columns(
        table=table, stage_key=pl.col("published_stage") if has_stage else pl.lit("")
    ).join(materials.select(*key, *meaning), on=key, how="left", validate="m:1")
    unknown = labelled.filter(pl.col("mineral_id").is_null() & pl.col("not_used_reason").is_null())
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="materials that the closed table does not have",
            where=f"material and stage in {', '.join(unknown['source_file'].unique().sort())}",
            expected="a row of mappings/materials.csv for each, mapped or 'not used' with a reason",
            got=f"{unknown.height} records without one",
            next_step="add the label to sources/eu_crm/mappings/materials.csv",
            each_to_be_mapped=True,
            offenders=[
                f"{row['edition']}, table {row['table']}: {row['published_material']!r}, "
                f"stage {row['stage_key']!r} ({row['count']} records, from row {row['first']})"
                for row in unknown.group_by("edition", "table", "published_material", "stage_key")
                .agg(count=pl.len(), first=pl.col("file_row").min())
                .sort("edition", "table", "first")
                .iter_rows(named=True)
            ],
        )
    return labelled.drop("table", "stage_key")


def _with_listed_records(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Set `not_used_reason` for the single records of `mappings/not_used_records.csv`.

    Raises:
        SourceError: a listed record is no longer where the list says.
    """
    listed = pl.read_csv(
        source.folder / "mappings" / "not_used_records.csv",
        infer_schema=False,
    ).with_columns(pl.col("file_row").cast(pl.UInt32))
    here = listed.join(frame.select("edition", "source_file").unique(), on=RECORD_KEY[:2])
    gone = here.join(frame, on=RECORD_KEY, how="anti")
    if not gone.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="records listed as not used are no longer there",
            where="sources/eu_crm/mappings/not_used_records.csv",
            expected="the material of the list in that row of the file",
            got=f"{gone.height} of {here.height} not found",
            next_step="the publisher may have mended it: look at the file, then remove or adapt the row",
            offenders=[
                f"{row['source_file']}, row {row['file_row']}: {row['published_material']}"
                for row in gone.iter_rows(named=True)
            ],
        )
    return (
        frame.join(
            here.rename({"not_used_reason": "listed_reason"}),
            on=RECORD_KEY,
            how="left",
            validate="1:1",
        )
        .with_columns(not_used_reason=pl.coalesce("listed_reason", "not_used_reason"))
        .drop("listed_reason")
    )


def _as_shares(frame: pl.DataFrame, source: Source, name: str) -> pl.DataFrame:
    """Add `<name>`, `<name>_lower` and `<name>_upper` (0-1), and `derivation`.

    Raises:
        SourceError: figures that are in no percent, and no correction says that they are.
    """
    bare = frame.filter(~pl.col("corrected_published_unit").eq_missing(pl.lit("%")))
    if not bare.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="shares without a per cent sign",
            where=", ".join(bare["source_file"].unique().sort()),
            expected="every share in percent",
            got=f"{bare.height} bare numbers",
            next_step="look at the sum of the material's shares, then write what is meant into sources/eu_crm/corrections.yml",
            offenders=[
                f"row {row['file_row']}, {row['published_material']}: {row['published_value']!r}"
                for row in bare.iter_rows(named=True)
            ],
        )
    return frame.with_columns(
        (pl.col("value_number") / PERCENT).alias(name),
        (pl.col("value_lower") / PERCENT).alias(f"{name}_lower"),
        (pl.col("value_upper") / PERCENT).alias(f"{name}_upper"),
        derivation=pl.when("is_corrected")
        .then(pl.lit("corrected"))
        .otherwise(pl.lit("as_published")),
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
    first, last = (
        {edition: years[end] for edition, years in AVERAGED_YEARS.items()} for end in (0, 1)
    )
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
        .pipe(_with_listed_records, source)
    )
    criticality = (
        published["criticality"]
        .pipe(_with_material, source, pl.lit("criticality"))
        .pipe(_with_listed_records, source)
    )
    use = (
        published["use_share"]
        .with_columns(corrected_published_unit=pl.col("published_unit"), is_corrected=pl.lit(False))
        .pipe(_with_material, source, pl.lit("use_share"))
        .pipe(_with_listed_records, source)
    )
    assessed = criticality.filter(pl.col("not_used_reason").is_null()).with_columns(
        derivation=pl.lit("as_published")
    )
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
