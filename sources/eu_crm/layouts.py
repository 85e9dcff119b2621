"""How each file of the study is laid out, read into one published form.

One function per layout; labels keep the publisher's words, what they mean is decided in `tidy.py`
from `mappings/`. Encoding, header and numbers are refused here, labels there.
"""

import contextlib

import polars as pl

from sources.reading.catalog import Source
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows
from sources.reading.text import cleaned
from sources.reading.values import with_values_parsed

HEADER_SUPPLY = "Material,Stage,Country,Share,t"
HEADER_CRITICALITY = "Material,Year,SR,EI"
HEADER_USE = "Material,Application,Share,NACE sector,VA in million €"
HEADER_GROUPINGS = (
    "screened_material,perm_noXREE_noPGM,perm_noXREE_PGM,perm_XREE_noPGM,perm_XREE_PGM"
)
ENCODING = "cp1252"
PERCENT_CELL = r"^([<>]?\s?\d+(?:\.\d+)?)\s?%$"
PLAIN_NUMBER = r"^\d+(?:\.\d+)?$"
GROUPINGS_REASON = (
    "groups by which the study draws its charts; our groups are those of reference/minerals.csv"
)


def _records(file: OpenFile, header: str) -> pl.DataFrame:
    """Records of a file as text, with `edition`, `source_file`, `file_row` and `source_row_id`.

    cp1252 has a letter for almost every byte, so a file re-saved as UTF-8 would pass as TÃ¼rkiye.

    Raises:
        SourceError: the bytes are UTF-8 beyond ASCII, or have no meaning in cp1252; another header.
    """
    with contextlib.suppress(UnicodeDecodeError):
        if not file.content.decode("utf-8").isascii():
            raise file.error(
                problem="wrong text encoding",
                expected=ENCODING,
                got="UTF-8",
                next_step="fetch the file again as published; don't re-save it in an editor or spreadsheet",
            )
    place = pl.format("{}:{}:{}", "edition", "source_file", "file_row")
    return file.records(header.split(","), ENCODING).with_columns(source_row_id=place)


def _with_parsed(
    frame: pl.DataFrame, source: Source, column: str, labels: list[str], prefix: str
) -> pl.DataFrame:
    """Parse the cells of `column`, adding `<prefix>_status`, `_number`, `_lower`, `_upper`."""
    parsed = with_values_parsed(
        frame.select("source_file", "file_row", *labels, published_value=pl.col(column)),
        source,
        labels,
    )
    return frame.join(
        parsed.select(
            "file_row",
            *(
                pl.col(f"value_{part}").alias(f"{prefix}_{part}")
                for part in ("status", "number", "lower", "upper")
            ),
        ),
        on="file_row",
        how="left",
        validate="1:1",
    )


def _with_percent(frame: pl.DataFrame, source: Source, labels: list[str]) -> pl.DataFrame:
    """Add `published_unit` and `value_*` in percent. A cell that is no percentage is read as it stands.

    A bare number gets no unit here: whether 6 means 6% is for `corrections.yml` to say.

    Raises:
        SourceError: shares that are neither a number, a bound nor a known token; all at once.
    """
    is_percent = pl.col("published_value").str.contains(PERCENT_CELL)
    return (
        frame.with_columns(
            published_unit=pl.when(is_percent).then(pl.lit("%")),
            _amount=pl.when(is_percent)
            .then(pl.col("published_value").str.extract(PERCENT_CELL))
            .otherwise(pl.col("published_value")),
        )
        .pipe(_with_parsed, source, "_amount", labels, "value")
        .drop("_amount")
    )


def _with_number(
    frame: pl.DataFrame, source: Source, column: str, into: str, label: str
) -> pl.DataFrame:
    """Add `into`, the plain number of `column`; an empty cell stays null.

    Raises:
        SourceError: cells that are no plain number, all at once.
    """
    refuse_rows(
        frame.filter(~pl.col(column).str.contains(PLAIN_NUMBER)),
        source,
        f"{column} is no number",
        row=f"row {{file_row}}, {{published_material}}, {{{label}}}: {{{column}!r}}",
        expected="a plain number",
        got="{rows} cells",
        next_step="look at the file; if the publisher writes it in a new way, adapt sources/eu_crm/layouts.py",
    )
    return frame.with_columns(pl.col(column).cast(pl.Float64).alias(into))


def _read_supply(file: OpenFile, scope: str) -> Tables:
    records = _records(file, HEADER_SUPPLY)
    shares = (
        records.with_columns(
            scope=pl.lit(scope),
            published_material=cleaned("Material"),
            published_stage=cleaned("Stage"),
            published_country=cleaned("Country"),
            published_value=cleaned("Share"),
            published_trade_factor=cleaned("t"),
        )
        .pipe(
            _with_percent,
            file.source,
            ["published_material", "published_stage", "published_country"],
        )
        .pipe(
            _with_number,
            file.source,
            "published_trade_factor",
            "trade_restriction_factor",
            "published_country",
        )
    )
    return {"supply_share": shares, "file_rows": file.file_rows(records.height)}


def read_supply_world(file: OpenFile) -> Tables:
    """Shares of countries in world supply: a record is one material, stage and country.

    Raises:
        SourceError: encoding, header, a share or a factor that can't be read.
    """
    return _read_supply(file, "world")


def read_supply_eu(file: OpenFile) -> Tables:
    """Shares of countries in what the EU sources, the EU's own producers included.

    Raises:
        SourceError: encoding, header, a share or a factor that can't be read.
    """
    return _read_supply(file, "eu_sourcing")


def read_criticality(file: OpenFile) -> Tables:
    """Supply risk and economic importance: a record is one material in one assessment.

    Raises:
        SourceError: encoding, header, a year or a score that can't be read.
    """
    records = _records(file, HEADER_CRITICALITY)
    labels = ["published_material", "published_year"]
    scores = (
        records.with_columns(
            published_material=cleaned("Material"),
            published_year=cleaned("Year"),
            published_supply_risk=cleaned("SR"),
            published_economic_importance=cleaned("EI"),
        )
        .pipe(_with_number, file.source, "published_year", "assessment_year", "published_year")
        .pipe(_with_parsed, file.source, "published_supply_risk", labels, "risk")
        .pipe(_with_parsed, file.source, "published_economic_importance", labels, "importance")
        .with_columns(pl.col("assessment_year").cast(pl.Int32), value_status=pl.col("risk_status"))
        .rename({"risk_number": "supply_risk", "importance_number": "economic_importance"})
    )
    return {"criticality": scores, "file_rows": file.file_rows(records.height)}


def read_use_shares(file: OpenFile) -> Tables:
    """End uses: a record is one application of a material in one sector.

    Raises:
        SourceError: encoding, header, a share or a value added that can't be read.
    """
    records = _records(file, HEADER_USE)
    shares = (
        records.with_columns(
            published_material=cleaned("Material"),
            published_application=cleaned("Application"),
            published_value=cleaned("Share"),
            # The printed name of C29 has a line break inside; white space is folded.
            published_sector=cleaned("NACE sector"),
            published_value_added=cleaned("VA in million €"),
        )
        .pipe(_with_percent, file.source, ["published_material", "published_application"])
        .pipe(
            _with_number,
            file.source,
            "published_value_added",
            "value_added_million_eur",
            "published_application",
        )
    )
    return {"use_share": shares, "file_rows": file.file_rows(records.height)}


def read_groupings(file: OpenFile) -> Tables:
    """Groups of the study's charts: counted, not used.

    Raises:
        SourceError: encoding or header.
    """
    records = _records(file, HEADER_GROUPINGS)
    return {
        "row_account": file.account({GROUPINGS_REASON: records.height}),
        "file_rows": file.file_rows(records.height),
    }


LAYOUTS: dict[str, Layout] = {
    "supply_shares_world": read_supply_world,
    "supply_shares_eu": read_supply_eu,
    "criticality": read_criticality,
    "use_shares": read_use_shares,
    "material_groupings": read_groupings,
}
