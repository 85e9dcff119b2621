"""How each file of the study is laid out, read into one published form.

One function per layout; labels keep the publisher's words, what they mean is decided in `tidy.py`
from `mappings/`. Encoding, header and numbers are refused here, labels there.
"""

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv
from sources.reading.read_editions import Layout, Tables, read_by_layout
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


def _decoded(source: Source, source_file: str, content: bytes) -> str:
    """Text of a file in the Windows code page that the study is published in.

    cp1252 has a letter for almost every byte, so a file re-saved as UTF-8 would pass as TÃ¼rkiye.

    Raises:
        SourceError: the bytes are UTF-8 beyond ASCII, or have no meaning in cp1252.
    """
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return decode(source, source_file, content, ENCODING)
        raise SourceError(
            source=source.source_id,
            problem="wrong text encoding",
            where=source_file,
            expected=ENCODING,
            got="UTF-8",
            next_step="fetch the file again as published; don't re-save it in an editor or spreadsheet",
        )
    return content.decode("ascii")


def _records(
    source: Source, edition: Edition, file: SourceFile, content: bytes, header: str
) -> pl.DataFrame:
    """Records of a file as text, with `edition`, `source_file`, `file_row` and `source_row_id`."""
    source_file = file.name
    text = _decoded(source, source_file, content)
    return (
        read_csv(source, source_file, text, tuple(header.split(",")))
        .rename({"row": "file_row"})
        .with_columns(
            pl.col("file_row").cast(pl.UInt32),
            edition=pl.lit(edition.edition),
            source_file=pl.lit(source_file),
        )
        .with_columns(source_row_id=pl.format("{}:{}:{}", "edition", "source_file", "file_row"))
    )


def _file_rows(records: pl.DataFrame) -> pl.DataFrame:
    return records.group_by("edition", "source_file").agg(file_rows=pl.len())


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
    bad = frame.filter(~pl.col(column).str.contains(PLAIN_NUMBER))
    if not bad.is_empty():
        raise SourceError(
            source=source.source_id,
            problem=f"{column} is no number",
            where=bad["source_file"][0],
            expected="a plain number",
            got=f"{bad.height} cells",
            next_step="look at the file; if the publisher writes it in a new way, adapt sources/eu_crm/layouts.py",
            offenders=[
                f"row {row['file_row']}, {row['published_material']}, {row[label]}: {row[column]!r}"
                for row in bad.iter_rows(named=True)
            ],
        )
    return frame.with_columns(pl.col(column).cast(pl.Float64).alias(into))


def _read_supply(
    scope: str, source: Source, edition: Edition, file: SourceFile, content: bytes
) -> Tables:
    records = _records(source, edition, file, content, HEADER_SUPPLY)
    shares = (
        records.with_columns(
            scope=pl.lit(scope),
            published_material=cleaned("Material"),
            published_stage=cleaned("Stage"),
            published_country=cleaned("Country"),
            published_value=cleaned("Share"),
            published_trade_factor=cleaned("t"),
        )
        .pipe(_with_percent, source, ["published_material", "published_stage", "published_country"])
        .pipe(
            _with_number,
            source,
            "published_trade_factor",
            "trade_restriction_factor",
            "published_country",
        )
    )
    return {"supply_share": shares, "file_rows": _file_rows(records)}


def read_supply_world(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Shares of countries in world supply: a record is one material, stage and country.

    Raises:
        SourceError: encoding, header, a share or a factor that can't be read.
    """
    return _read_supply("world", source, edition, file, content)


def read_supply_eu(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Shares of countries in what the EU sources, the EU's own producers included.

    Raises:
        SourceError: encoding, header, a share or a factor that can't be read.
    """
    return _read_supply("eu_sourcing", source, edition, file, content)


def read_criticality(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Supply risk and economic importance: a record is one material in one assessment.

    Raises:
        SourceError: encoding, header, a year or a score that can't be read.
    """
    records = _records(source, edition, file, content, HEADER_CRITICALITY)
    labels = ["published_material", "published_year"]
    scores = (
        records.with_columns(
            published_material=cleaned("Material"),
            published_year=cleaned("Year"),
            published_supply_risk=cleaned("SR"),
            published_economic_importance=cleaned("EI"),
        )
        .pipe(_with_number, source, "published_year", "assessment_year", "published_year")
        .pipe(_with_parsed, source, "published_supply_risk", labels, "risk")
        .pipe(_with_parsed, source, "published_economic_importance", labels, "importance")
        .with_columns(pl.col("assessment_year").cast(pl.Int32), value_status=pl.col("risk_status"))
        .rename({"risk_number": "supply_risk", "importance_number": "economic_importance"})
    )
    return {"criticality": scores, "file_rows": _file_rows(records)}


def read_use_shares(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """End uses: a record is one application of a material in one sector.

    Raises:
        SourceError: encoding, header, a share or a value added that can't be read.
    """
    records = _records(source, edition, file, content, HEADER_USE)
    shares = (
        records.with_columns(
            published_material=cleaned("Material"),
            published_application=cleaned("Application"),
            published_value=cleaned("Share"),
            # The printed name of C29 has a line break inside; white space is folded.
            published_sector=cleaned("NACE sector"),
            published_value_added=cleaned("VA in million €"),
        )
        .pipe(_with_percent, source, ["published_material", "published_application"])
        .pipe(
            _with_number,
            source,
            "published_value_added",
            "value_added_million_eur",
            "published_application",
        )
    )
    return {"use_share": shares, "file_rows": _file_rows(records)}


def read_groupings(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Groups of the study's charts: counted, not used.

    Raises:
        SourceError: encoding or header.
    """
    records = _records(source, edition, file, content, HEADER_GROUPINGS)
    counted = _file_rows(records)
    account = counted.with_columns(not_used_reason=pl.lit(GROUPINGS_REASON))
    return {"row_account": account, "file_rows": counted}


LAYOUTS: dict[str, Layout] = {
    "supply_shares_world": read_supply_world,
    "supply_shares_eu": read_supply_eu,
    "criticality": read_criticality,
    "use_shares": read_use_shares,
    "material_groupings": read_groupings,
}


def read_file(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Tables tables of one file, by the layout that its pin names; see `sources.reading.read_editions`."""
    return read_by_layout(LAYOUTS, source, edition, file, content)
