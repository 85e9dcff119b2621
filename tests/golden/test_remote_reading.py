"""A release on a web server: how much of it ten questions fetch, of the file and of Parquet."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
import pytest

from tests.range_server import Traffic, serving

pytestmark = pytest.mark.slow
# As pip installed it: tests have no network to install it from.
(HTTPFS,) = Path(duckdb_extension_httpfs.__file__).parent.rglob("httpfs.duckdb_extension")
ASKED = [
    ("DEU", "gallium", "refined", 2024),
    ("USA", "graphite_natural", "mine", 2023),
    ("EU27", "rare_earths", "refined", 2023),
    ("CHN", "cobalt", "refined", 2010),
    ("JPN", "lithium", "refined", 2024),
    ("KOR", "tungsten", "mine", 2022),
    ("FRA", "titanium", "mine", 2020),
    ("IND", "copper", "mine", 2019),
    ("GBR", "antimony", "refined", 2021),
    ("ZAF", "manganese", "refined", 2018),
]
MEGABYTE = 1_000_000
# Opening the file fetches its catalogue, 34 blocks of 64 KB; without `type duckdb`, one megabyte more to see what it is.
# It was 33 blocks until the stored origins told which of them are weighed, one column more in each row group.
MOST_TO_OPEN = 2.25 * MEGABYTE
# With the opening. It was 21 of this DuckDB, and 70 of an older one.
MOST_OF_THE_FILE = 5 * MEGABYTE
MOST_REQUESTS = 50
MOST_OF_TEN = 20 * MEGABYTE
# As docs/reading.md asks.
PARQUET = """
    select origin_name, value_share, null_reason
    from read_parquet('{address}/parquet/mart_import_dependency.parquet')
    where importer_id = ? and mineral_id = ? and stage = ? and reference_year = ?
        and series_level = 'mineral_stage' and is_current_series
    order by value_share desc nulls last, origin_id
"""


@pytest.fixture(scope="module")
def traffic(data: Path) -> Iterator[Traffic]:
    with serving(data / "published" / "current") as traffic:
        yield traffic


def _reader(extension: Path = HTTPFS) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"load '{extension}'")
    return connection


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]}-{asked[1]}")
def test_a_dependency_fetches_little_of_the_file(
    asked: tuple[str, str, str, int], traffic: Traffic, release: duckdb.DuckDBPyConnection
) -> None:
    question = "select origin_id, value_share, null_reason from critical_minerals.marts.dependency(?, ?, ?, ?)"
    with _reader() as connection:
        traffic.reset()
        address = f"{traffic.address}/critical_minerals.duckdb"
        connection.execute(f"attach '{address}' as critical_minerals (type duckdb, read_only)")
        assert traffic.bytes < MOST_TO_OPEN
        found = connection.execute(question, asked).fetchall()
    assert found == release.execute(question, asked).fetchall()
    assert found
    assert traffic.bytes < MOST_OF_THE_FILE
    assert traffic.requests < MOST_REQUESTS


def test_ten_questions_fetch_less_than_ten_times_one(traffic: Traffic) -> None:
    """What one has fetched the next finds in memory."""
    with _reader() as connection:
        traffic.reset()
        address = f"{traffic.address}/critical_minerals.duckdb"
        connection.execute(f"attach '{address}' as critical_minerals (type duckdb, read_only)")
        for asked in ASKED:
            connection.execute(
                "from critical_minerals.marts.dependency(?, ?, ?, ?)", asked
            ).fetchall()
    assert traffic.bytes < MOST_OF_TEN


def test_a_dependency_fetches_little_of_parquet(
    traffic: Traffic, release: duckdb.DuckDBPyConnection, data: Path
) -> None:
    for asked in ASKED:
        with _reader() as connection:
            traffic.reset()
            found = connection.execute(PARQUET.format(address=traffic.address), asked).fetchall()
            assert traffic.bytes < MEGABYTE, asked
            assert traffic.requests < MOST_REQUESTS
        local = PARQUET.format(address=data / "published" / "current")
        assert found == release.execute(local, asked).fetchall()
