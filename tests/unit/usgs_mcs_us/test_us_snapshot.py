"""The embedded US tables are the publisher's files, read; figures and labels, no prose; all accounted for."""

import csv
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from us_files import EDITIONS, SOURCE

from sources.reading.checks import records_are_accounted_for
from sources.reading.files import sha256_of
from sources.reading.lake import validated
from sources.usgs_mcs_us.reader import READER

MOST_CHARACTERS = 90
MOST_BYTES = 2_000_000
Tables = dict[str, pl.DataFrame]


def _embedded() -> Tables:
    return {
        table: pl.concat(
            pl.read_csv(
                SOURCE.snapshot / edition / f"{table}.csv", schema=schema.create_empty().schema
            )
            for edition in EDITIONS
        )
        for table, schema in READER.published.items()
    }


def test_the_embedded_tables_become_valid_lake_tables() -> None:
    lake = READER.lake_tables(_embedded())
    assert set(lake) == set(READER.lake)
    for table, frame in lake.items():
        assert not validated(frame, READER.lake[table], "usgs_mcs_us", table).is_empty()


def test_the_snapshot_holds_short_cells_in_small_files() -> None:
    files = sorted(SOURCE.snapshot.glob("*/*.csv"))
    assert len(files) == len(EDITIONS) * len(READER.published)
    for path in files:
        assert path.stat().st_size < MOST_BYTES, path
        with path.open(encoding="utf-8", newline="") as handle:
            long = [
                cell for row in csv.reader(handle) for cell in row if len(cell) > MOST_CHARACTERS
            ]
        assert not long, f"{path.name}: {long[:3]}"


def _content(root: Path, path: str, member: str | None) -> bytes:
    if member is None:
        return (root / path).read_bytes()
    with zipfile.ZipFile(root / path) as archive:
        return archive.read(member)


@pytest.mark.shared
def test_the_account_agrees_with_an_independent_count(us_lake: Tables, shared_data: Path) -> None:
    """Cells after the third column of a wide file, lines of any other, counted by csv alone."""
    counted = []
    for edition in SOURCE.editions:
        for file in edition.files:
            content = _content(shared_data, file.path, file.member)
            encoding = "cp1252" if file.layout == "commodities_2026" else "utf-8-sig"
            header, *lines = csv.reader(io.StringIO(content.decode(encoding), newline=""))
            is_wide = "Commodity" in header[:3] and file.table == "salient"
            records = len(lines) * (len(header) - 3) if is_wide else len(lines)
            name = file.member or Path(file.path).name
            counted.append((edition.edition, name, records))
    assert sorted(us_lake["file_rows"].rows()) == sorted(counted)
    used = [frame for frame in us_lake.values() if "file_row" in frame.columns]
    outcome = records_are_accounted_for(used, us_lake["not_used"], us_lake["file_rows"])
    assert outcome.passed, outcome.offenders
    assert outcome.numbers["records_in"] == sum(records for _, _, records in counted)


@pytest.mark.shared
def test_what_is_not_used_says_why(us_lake: Tables) -> None:
    not_used = us_lake["not_used"]
    reasons = not_used.group_by("not_used_reason").agg(pl.col("file_rows").sum())
    said = dict(reasons.rows())
    assert all(reason.strip() for reason in said)
    # 8,886 lines of the 2026 file, less 4,863 of US statistics and 720 of import sources.
    assert said["world table: read by the source usgs_mcs"] == 3_303
    assert said["figure 2 repeats the chapters' net import reliance"] == 68
    misfiled = not_used.filter(pl.col("not_used_reason").str.starts_with("a world table, filed"))
    assert misfiled.select("source_file", "file_rows").sort("source_file").rows() == [
        ("mcs2024-cobal_salient.csv", 14),
        ("mcs2024-gypsu_salient.csv", 22),
        ("mcs2024-kyani_salient.csv", 22),
    ]
    gallium = not_used.filter(edition="MCS2026", label="Gallium").sort("not_used_reason")
    assert gallium["not_used_reason"].to_list() == [
        "measure not used: exports",
        "measure not used: imports",
        "measure not used: production",
    ]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "table", "keys"),
    [
        ("salient_measures", "salient", ["edition", "source_file", "published_commodity", "file_column", "published_statistic", "published_measure", "published_unit"]),
        ("supply_measures", "salient", ["edition", "source_file", "published_commodity", "file_column", "published_statistic", "published_measure", "published_unit"]),
        ("import_lines", "import_source", ["edition", "published_commodity", "published_form"]),
        ("export_control_commodities", "export_control", ["edition", "published_country", "published_commodity"]),
        ("control_types", "export_control", ["published_control"]),
        ("agreement_kinds", "trade_agreement", ["edition", "published_country", "published_agreement"]),
    ],
)  # fmt: skip
def test_no_row_of_a_mapping_is_stale(
    us_published: Tables, name: str, table: str, keys: list[str]
) -> None:
    mapping = pl.read_csv(SOURCE.folder / "mappings" / f"{name}.csv", infer_schema=False)
    published = us_published[table].select(pl.col(keys).cast(pl.String)).unique()
    stale = mapping.select(keys).join(published, on=keys, how="anti", nulls_equal=True)
    assert stale.is_empty(), stale.rows()[:5]


@pytest.mark.shared
def test_the_pins_are_the_files(shared_data: Path) -> None:
    for edition in SOURCE.editions:
        for path, sha256 in {(file.path, file.sha256) for file in edition.files}:
            assert sha256_of(shared_data / path) == sha256, path
