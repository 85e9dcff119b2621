"""From the published US tables to the warehouse's terms: minerals, forms, shares, dollars, countries.

`read_files` turns publishers' bytes into the published tables (the very tables of `snapshot/`);
`tidy` turns published tables, from wherever they came, into the lake's tables.
"""

from pathlib import Path

import dataframely as dy
import polars as pl

from sources.reading.catalog import Source, load_source
from sources.reading.errors import SourceError
from sources.reading.lake_schemas import NotUsed
from sources.reading.read_editions import read_editions
from sources.reading.values import with_values_parsed
from sources.usgs_mcs_us import critical, lake_schema, salient, schema
from sources.usgs_mcs_us.labels import as_shares, with_mapping, with_passport, with_place
from sources.usgs_mcs_us.layouts import LAYOUTS

SOURCE_ID = "usgs_mcs_us"
PUBLISHED: dict[str, type[dy.Schema]] = {
    "salient": schema.PublishedSalient,
    "import_source": schema.PublishedImportSource,
    "export_control": schema.PublishedExportControl,
    "trade_agreement": schema.PublishedAgreement,
    "critical_mineral": schema.PublishedCriticalMineral,
    "critical_salient": schema.PublishedCriticalSalient,
    "row_account": schema.RowAccount,
    "file_rows": schema.FileRows,
}
LAKE: dict[str, type[dy.Schema]] = {
    "net_import_reliance": lake_schema.NetImportReliance,
    "us_import_source": lake_schema.UsImportSource,
    "unit_value": lake_schema.UnitValue,
    "export_control_t4": lake_schema.ExportControlT4,
    "trade_agreement_t5": lake_schema.TradeAgreementT5,
    "critical_mineral_t6": lake_schema.CriticalMineralT6,
    "critical_mineral_t7": lake_schema.CriticalMineralT7,
    "not_used": NotUsed,
    "file_rows": schema.FileRows,
}
PARSED = ("value_number", "value_lower", "value_upper")
PERIOD = r"^(\d{2})(\d{2})–(\d{2})$"


def read_files(source: Source, root: Path) -> dict[str, pl.DataFrame]:
    """Published tables of every edition, read from a folder of publishers' files.

    Raises:
        SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
    """
    return read_editions(source, root, PUBLISHED, LAYOUTS)


def _with_period(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `period_from` and `period_to` from `2021–24`.

    Raises:
        SourceError: periods in another form.
    """
    wrong = frame.filter(~pl.col("published_period").str.contains(PERIOD))
    if not wrong.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="periods that are not in the form of this table",
            where=", ".join(wrong["source_file"].unique().sort()),
            expected="as in 2021–24, with an en dash",
            got=f"{wrong.height} lines in another form",
            next_step="compare with FORMATS of the edition and adapt sources/usgs_mcs_us/tidy.py",
            offenders=[
                f"row {row['file_row']}, {row['published_commodity']}: {row['published_period']!r}"
                for row in wrong.iter_rows(named=True)
            ],
        )
    century, first, last = (
        pl.col("published_period").str.extract(PERIOD, group).cast(pl.Int32) for group in (1, 2, 3)
    )
    return frame.with_columns(
        period_from=century * 100 + first,
        period_to=century * 100 + last,
        reference_year=century * 100 + last,
    )


def _us_import_source(mapped: pl.DataFrame, source: Source) -> pl.DataFrame:
    return (
        mapped.filter(pl.col("mineral_id").is_not_null())
        .pipe(_with_period, source)
        .pipe(with_place, source, "published_partner")
        .pipe(
            with_values_parsed,
            source,
            ("published_commodity", "published_form", "published_partner"),
        )
        .pipe(as_shares, "import_share", PARSED)
        .with_columns(derivation=pl.lit("as_published"))
        .pipe(with_passport, source)
        .select(lake_schema.UsImportSource.column_names())
        .sort(lake_schema.UsImportSource.primary_key())
    )


def tidy(
    published: dict[str, pl.DataFrame], source: Source | None = None
) -> dict[str, pl.DataFrame]:
    """Lake tables from published tables.

    Every record is in one of the tables or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown labels, countries, or values; all of a kind at once.
    """
    source = source or load_source(SOURCE_ID)
    figures = salient.with_measure(published["salient"], source)
    imports = with_mapping(
        published["import_source"],
        source,
        "import_lines",
        ["edition", "published_commodity", "published_form"],
        ["mineral_id", "form", "not_used_reason"],
    )
    return {
        "net_import_reliance": salient.net_import_reliance(figures, source),
        "us_import_source": _us_import_source(imports, source),
        "unit_value": salient.unit_value(figures, source),
        "export_control_t4": critical.export_control_t4(published["export_control"], source),
        "trade_agreement_t5": critical.trade_agreement_t5(published["trade_agreement"], source),
        "critical_mineral_t6": critical.critical_mineral_t6(published["critical_mineral"], source),
        "critical_mineral_t7": critical.critical_mineral_t7(published["critical_salient"], source),
        "not_used": _not_used([figures, imports], published["row_account"], source),
        "file_rows": published["file_rows"],
    }


def _not_used(labelled: list[pl.DataFrame], account: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Records of each file that the warehouse does not use. Shape: `NotUsed`."""
    columns = NotUsed.column_names()
    by_label = pl.concat(
        frame.filter(pl.col("mineral_id").is_null())
        .group_by("edition", "source_file", "published_commodity", "not_used_reason")
        .agg(file_rows=pl.len())
        .rename({"published_commodity": "label"})
        .select(columns[1:])
        for frame in labelled
    )
    by_record = account.with_columns(label=pl.lit("")).select(columns[1:])
    return (
        pl.concat([by_label, by_record])
        .group_by(columns[1:-1])
        .agg(pl.col("file_rows").sum())
        .with_columns(source_id=pl.lit(source.source_id))
        .select(columns)
        .sort(NotUsed.primary_key())
    )
