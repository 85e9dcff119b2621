"""A copy of the repo whose BACI knows few traders: every line, year and check of the real one, an eighth of its rows.

    python -m tests.few_traders

run in the copy, writes its snapshot anew. What needs a refresh, a warehouse or a release, but no figure of the
real one, takes that of such a copy: fixture `few` of `tests/conftest.py`.
"""

import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl

from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published
from sources.reading.snapshot import write_snapshot
from sources.reference.labels import reference_list
from sources.registry import reader_of

SOURCE = "cepii_baci"
# M49: China, Japan, USA, Chile, South Africa, Germany, Australia, South Korea, Canada, DR Congo, Brazil.
TRADERS = [156, 392, 842, 152, 710, 276, 36, 410, 124, 180, 76]
# All that these buy is there, from whomever: checks compare it with what others say.
WHOLE_BUYERS = [156, 842]
# Large flows of these stand in one series alone; only beside all others they look small.
WHOLE_LINES = ["252922", "282200", "711011"]
# Zeros that are true of so few traders: nothing sold, nothing lost.
ZEROS = Path("dbt/seeds/zero_evidence.csv")
MORE_ZEROS = {
    ("mart_disruption", "shortfall_share_of_consumption_high"),
    ("mart_import_share_disagreement", "other_value_share"),
    ("mart_supply_risk", "score"),
    ("mart_supply_risk", "score_upper"),
    ("mart_supply_risk", "weighted_instability"),
}
LINE = ["series_id", "hs6", "reference_year"]


def cut(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The flows that are left, one at least of each line and year; and the accounts of them."""
    among = pl.col("exporter_code").is_in(TRADERS) & pl.col("importer_code").is_in(TRADERS)
    whole = pl.col("importer_code").is_in(WHOLE_BUYERS) | pl.col("hs6").is_in(WHOLE_LINES)
    alone = ~(among | whole).any().over(LINE)
    largest = pl.col("value_usd") == pl.col("value_usd").max().over(LINE)
    kept = {
        table: frame.filter(among | whole | (alone & largest))
        if table.startswith("trade_")
        else frame
        for table, frame in published.items()
    }
    flows = pl.concat(frame for table, frame in kept.items() if table.startswith("trade_"))
    counted = flows.group_by(LINE).agg(
        rows_left=pl.len().cast(pl.UInt32), value_left=pl.col("value_usd").sum()
    )
    is_used = pl.col("is_used")
    kept["line_account"] = (
        published["line_account"]
        .join(counted, on=LINE, how="left", maintain_order="left")
        .with_columns(
            rows=pl.when(is_used).then("rows_left").otherwise("rows"),
            value_usd=pl.when(is_used).then("value_left").otherwise("value_usd"),
        )
        .select(published["line_account"].columns)
    )
    # A file of one year, or of a whole series.
    year = pl.col("member").str.extract(r"_Y(\d{4})_").cast(pl.Int32)
    rows = pl.len().cast(pl.UInt32)
    of_year = flows.group_by("series_id", "reference_year").agg(rows_of_year=rows)
    of_series = flows.group_by("series_id").agg(rows_of_series=rows)
    kept["file_account"] = (
        published["file_account"]
        .with_columns(reference_year=year)
        .join(of_year, on=["series_id", "reference_year"], how="left", maintain_order="left")
        .join(of_series, on="series_id", how="left", maintain_order="left")
        .with_columns(rows_kept=pl.coalesce("rows_of_year", "rows_of_series"))
        .with_columns(rows_in=pl.col("rows_kept") + pl.col("rows_not_used"))
        .select(published["file_account"].columns)
    )
    return kept


def cut_repository(copy: Path) -> None:
    """Write the copy's snapshot of BACI anew, by the copy's own code, and say which zeros that makes."""
    heading, *listed = (copy / ZEROS).read_text(encoding="utf-8").splitlines()
    rows = [line for line in listed if tuple(line.split(",")[:2]) not in MORE_ZEROS]
    rows += [f"{model},{column},none_recorded,,few traders" for model, column in MORE_ZEROS]
    (copy / ZEROS).write_text("\n".join([heading, *sorted(rows), ""]), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "tests.few_traders"], cwd=copy, check=True)


def cut_files(files: Path, copy: Path, to: Path) -> dict[str, str]:
    """Lay in `to` what `files` has, of BACI the flows that the copy's snapshot has, and pin those in the copy.

    Rows of lines that are not ours stay, for they are counted. Returns the old pins with the new ones.
    """
    to.mkdir()
    for folder in files.iterdir():
        if folder.name != SOURCE:
            (to / folder.name).symlink_to(folder)
    (to / SOURCE).mkdir()
    listed = copy / "sources" / SOURCE / "source.yml"
    text, pins = listed.read_text(encoding="utf-8"), dict[str, str]()
    [edition] = load_source(SOURCE).editions
    for file in edition.files:
        flows = copy / "sources" / SOURCE / "snapshot" / edition.edition / f"{file.table}.parquet"
        kept = pl.read_parquet(flows).select(
            t="reference_year", k="hs6", i="exporter_code", j="importer_code"
        )
        content = (files / file.path).read_bytes()
        rows_of = _zip_of_few if file.name.endswith(".zip") else _rows_of_few
        few = rows_of(content, kept)
        (to / file.path).write_bytes(few)
        pins[file.sha256] = hashlib.sha256(few).hexdigest()
        text = text.replace(file.sha256, pins[file.sha256])
    listed.write_text(text, encoding="utf-8")
    return pins


def _zip_of_few(content: bytes, kept: pl.DataFrame) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as whole,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as few,
    ):
        for name in whole.namelist():
            member = whole.read(name)
            few.writestr(name, _rows_of_few(member, kept) if "_Y" in name else member)
    return packed.getvalue()


def _rows_of_few(text: bytes, kept: pl.DataFrame) -> bytes:
    rows = pl.read_csv(text, infer_schema=False)
    line = "k" if "k" in rows.columns else "hs6"
    named = {"t": "t", line: "k", "i": "i", "j": "j"}
    is_ours = pl.col(line).is_in(reference_list("hs_lines")["hs6"].unique().implode())
    keys = rows.select(
        pl.col(theirs).cast(kept.schema[ours]).alias(ours) for theirs, ours in named.items()
    )
    stays = keys.join(
        kept.with_columns(is_kept=True), on=kept.columns, how="left", maintain_order="left"
    )
    is_kept = stays["is_kept"].fill_null(False) | ~rows.select(is_ours).to_series()
    return rows.filter(is_kept).write_csv().encode()


def _main() -> None:
    source, reader = load_source(SOURCE), reader_of(SOURCE)
    few = cut(read_published(reader, source, Input.EMBEDDED, None))
    # The publisher's files are these tables.
    write_snapshot(replace(reader, stream=lambda _source, _root: few), source, Path())


if __name__ == "__main__":
    _main()
