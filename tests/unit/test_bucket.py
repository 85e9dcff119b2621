"""The lake in a bucket: tables and what describes them are written, kept, listed and read as in a folder."""

from collections.abc import Iterator
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from dagster_project.cli.lake_editions import editions_of
from dagster_project.publishing.export import ExportError, served
from dagster_project.publishing.warehouse import opened
from dagster_project.settings import SettingsError, load_settings
from sources.reading.bucket import PROVIDERS, SECRETS, BucketError, BucketPath, bucket_path
from sources.reading.bucket import opened as store_of
from sources.reading.lake import (
    Sidecar,
    keep_tables,
    read_sidecar,
    read_tables,
    sidecar_matches,
    write_table,
)
from tests.s3_server import SECRET, reaching, serving_bucket

pytestmark = pytest.mark.slow
LAKE = BucketPath("minerals", "a lake")


class Fruit(dy.Schema):
    name = dy.String(primary_key=True, nullable=False)
    tonnes = dy.Float64(nullable=True)


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    with serving_bucket() as bucket:
        yield bucket


@pytest.fixture
def lake(bucket: dict[str, str]) -> Iterator[BucketPath]:
    with reaching(bucket, CHOKEPOINT_LAKE=str(LAKE)):
        yield LAKE


def _written(lake: BucketPath, tonnes: float, build_id: str = "one") -> Sidecar:
    return write_table(
        pl.DataFrame({"name": ["pear", "apple"], "tonnes": [tonnes, None]}),
        Fruit,
        lake=lake,
        source_id="garden",
        table="fruit",
        input_name="embedded",
        build_id=build_id,
        editions={"G1": "0" * 64},
        made_from="code and bytes",
        minerals=[],
    )


def test_a_table_is_written_and_read(lake: BucketPath) -> None:
    sidecar = _written(lake, 2.5)
    assert read_sidecar(lake, "garden", "fruit") == sidecar
    assert sidecar_matches(lake, sidecar)
    tables = read_tables(lake, "garden")
    assert list(tables) == ["fruit"]
    assert tables["fruit"].rows() == [("apple", None), ("pear", 2.5)]
    assert editions_of(lake) == ["garden G1"]
    with pytest.raises(FileNotFoundError):
        read_sidecar(lake, "garden", "vegetable")


def test_names_below_a_prefix_are_of_that_folder_alone(lake: BucketPath) -> None:
    _written(lake, 2.5)
    (lake / "garden.old" / "fruit.json").write_bytes(b"{}")
    (lake / "garden" / "deep" / "fruit.parquet").write_bytes(b"")
    assert (lake / "garden").glob("*.parquet") == [lake / "garden" / "fruit.parquet"]
    assert (lake / "nothing").glob("*.parquet") == []


def test_what_describes_a_table_is_written_after_it(
    lake: BucketPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, the gate sees a table that nothing describes."""
    old = _written(lake, 2.5)
    written: list[BucketPath] = []
    write = BucketPath.write_bytes

    def killed(self: BucketPath, content: bytes) -> None:
        written.append(self)
        if self.key.endswith(".json"):
            raise KeyboardInterrupt
        write(self, content)

    monkeypatch.setattr(BucketPath, "write_bytes", killed)
    with pytest.raises(KeyboardInterrupt):
        _written(lake, 3.5, "two")
    folder = lake / "garden"
    assert written == [folder / "fruit.parquet", folder / "fruit.json"]
    assert read_sidecar(lake, "garden", "fruit") == old
    assert not sidecar_matches(lake, old)


def test_a_table_is_kept_while_its_bytes_are_the_same(lake: BucketPath) -> None:
    _written(lake, 2.5)
    made_from = "code and bytes"
    (kept,) = keep_tables(lake, "garden", ["fruit"], made_from=made_from, build_id="two")
    assert (kept.build_id, kept.kept_from) == ("two", "one")
    assert read_sidecar(lake, "garden", "fruit") == kept
    assert not keep_tables(lake, "garden", ["fruit"], made_from="other code", build_id="three")
    path = lake / "garden" / "fruit.parquet"
    path.write_bytes(path.read_bytes()[::-1])
    assert not keep_tables(lake, "garden", ["fruit"], made_from=made_from, build_id="three")


def test_duckdb_reads_it_and_knows_no_key_in_any_statement(
    lake: BucketPath, tmp_path: Path
) -> None:
    _written(lake, 2.5)
    file = tmp_path / "x.duckdb"
    with opened(str(file)) as connection:
        read = f"select * from read_parquet('{lake}/garden/fruit.parquet')"
        connection.execute(f"create view fruit as {read}")
        found = connection.execute("select name, tonnes from fruit order by name").fetchall()
    assert found == [("apple", None), ("pear", 2.5)]
    assert SECRET.encode() not in file.read_bytes()


def test_a_store_that_refuses_is_told_in_a_line_without_keys(lake: BucketPath) -> None:
    other = BucketPath("no-such-bucket", "x")
    with pytest.raises(FileNotFoundError, match="s3://no-such-bucket/x is not there") as missing:
        other.write_bytes(b"")
    assert SECRET not in str(missing.value)
    (told,) = editions_of(other)
    assert told.startswith("can't be read: s3://no-such-bucket/x")


def test_without_a_key_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SECRETS, *PROVIDERS):
        monkeypatch.delenv(name, raising=False)
    address = "s3://no-key-for-this/x"
    with pytest.raises(ExportError, match="no key in the environment; next: set AWS_") as told:
        served(address)
    assert "\n" not in str(told.value)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    assert store_of("no-key-for-this", "role")


def test_a_store_that_does_not_answer_is_told_in_a_line(
    bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sources.reading.bucket.TRIES", 0)
    with (
        reaching(bucket, AWS_ENDPOINT_URL="http://127.0.0.1:9"),
        pytest.raises(BucketError) as refused,
    ):
        LAKE.read_bytes()
    assert "\n" not in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("address", ["s3://key:secret@bucket/x", "ftp://a/b", "s3://b/x?token=1"])
def test_an_address_with_a_key_is_refused_and_not_repeated(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="neither a folder nor") as refused:
        bucket_path(address)
    assert address not in str(refused.value)
    for name in ("CHOKEPOINT_LAKE", "CHOKEPOINT_PUBLISH_TO"):
        with monkeypatch.context() as patched:
            patched.setenv(name, address)
            with pytest.raises(SettingsError, match=f"{name}: the address is neither") as told:
                load_settings()
            assert address not in str(told.value)


def test_what_may_not_be_passed_on_is_not_published_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHOKEPOINT_INPUT", "files")
    monkeypatch.setenv("CHOKEPOINT_INCLUDE_RESTRICTED", "1")
    monkeypatch.setenv("CHOKEPOINT_PUBLISH_TO", "s3://minerals/public")
    with pytest.raises(SettingsError, match="Leave one of them out"):
        load_settings()
