"""From the published US tables to the warehouse's terms: minerals, forms, shares, dollars, countries."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reading.values import with_values_parsed
from sources.usgs_mcs_us import critical, lake_schema, salient
from sources.usgs_mcs_us.shaping import BOOK, IMPORTS_FROM, IMPORTS_TO
from sources.usgs_mcs_us.us_labels import as_shares, with_place


def _with_period(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `period_from` and `period_to`: of the edition of 2026, `2021–24`.

    Raises:
        SourceError: periods in another form, or of other years.
    """
    book = pl.col("edition").str.strip_prefix(BOOK).cast(pl.Int32)
    dated = frame.with_columns(
        period_from=book - IMPORTS_FROM,
        period_to=book - IMPORTS_TO,
        reference_year=book - IMPORTS_TO,
    ).with_columns(
        expected=pl.format(
            "{}–{}", "period_from", (pl.col("period_to") % 100).cast(pl.String).str.zfill(2)
        )
    )
    refuse_rows(
        dated.filter(pl.col("published_period").ne_missing(pl.col("expected"))),
        source,
        "periods that the table of this edition can't hold",
        row="row {file_row}, {published_commodity}: {published_period!r}, not {expected!r}",
        expected="four years, up to the second before the edition, as in 2021–24 of 2026, with an en dash",
        got="{rows} lines in another form or of other years",
        next_step="compare with the file of the edition before, and adapt sources/usgs_mcs_us/tidy.py",
    )
    return dated.drop("expected")


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
        .pipe(as_shares, "import_share")
        .pipe(lake_table, source, lake_schema.UsImportSource)
    )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every record is in one of the tables or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown labels, countries, or values; all of a kind at once.
    """
    figures = salient.with_measure(published["salient"], source)
    imports = with_mapping(
        published["import_source"],
        source,
        "import_lines",
        ["edition", "published_commodity", "published_form"],
        ["mineral_id", "form", "not_used_reason"],
    )
    by_commodity = [
        frame.filter(pl.col("mineral_id").is_null()).with_columns(label="published_commodity")
        for frame in (figures, imports)
    ]
    return {
        "net_import_reliance": salient.net_import_reliance(figures, source),
        "us_import_source": _us_import_source(imports, source),
        "unit_value": salient.unit_value(figures, source),
        "us_supply": salient.us_supply(figures, source),
        "export_control_t4": critical.export_control_t4(published["export_control"], source),
        "trade_agreement_t5": critical.trade_agreement_t5(published["trade_agreement"], source),
        "critical_mineral_t6": critical.critical_mineral_t6(published["critical_mineral"], source),
        "critical_mineral_t7": critical.critical_mineral_t7(published["critical_salient"], source),
        "not_used": not_used_table([*by_commodity, published["row_account"]], source),
        "file_rows": published["file_rows"],
    }
