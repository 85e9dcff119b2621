"""The edge of the lake: what breaks its schema is not written, what is written is whole, digests tell frames apart."""

import json
import os
from pathlib import Path
from typing import ClassVar

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from publisher_files import assert_error_says, long_row, read_long, tidied

from sources.reading import lake
from sources.reading.disk import write_atomically
from sources.reading.errors import SourceError
from sources.reading.lake import (
    content_digest,
    read_sidecar,
    sidecar_matches,
    validated,
    write_table,
)
from sources.reading.lake_schemas import Production
from sources.reference.labels import mineral_ids
from sources.usgs_mcs.schema import PublishedFigure


class Fruit(dy.Schema):
    name = dy.String(primary_key=True)
    weight = dy.Float64(nullable=True, min=0)


class Basket(dy.Schema):
    """A table that readers want in another order than that of its key."""

    lake_order: ClassVar[tuple[str, ...]] = ("weight", "name")
    name = dy.String(primary_key=True)
    weight = dy.Float64()


FRUIT = pl.DataFrame({"name": ["pear", "apple"], "weight": [1.5, None]})
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["", "a", "b", "—"])),
        st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    ),
    min_size=1,
    max_size=6,
)


def _frame(content: list[tuple[str | None, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(content, schema={"t": pl.String, "x": pl.Float64}, orient="row")


def _write(frame: pl.DataFrame, lake: Path) -> lake.Sidecar:
    return write_table(
        frame,
        Fruit,
        lake=lake,
        source_id="garden",
        table="fruit",
        input_name="files",
        build_id="b1",
        editions={"E1": "abc"},
        minerals=(),
    )


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_frame_that_satisfies_its_schema_comes_back_as_it_is() -> None:
    assert validated(FRUIT, Fruit, "garden", "here") is FRUIT


@pytest.mark.parametrize(
    ("frame", "got"),
    [
        (FRUIT.drop("weight"), "name"),
        (FRUIT.rename({"weight": "mass"}), "name, mass"),
        (FRUIT.select("weight", "name"), "weight, name"),
        (FRUIT.with_columns(more=1), "name, weight, more"),
    ],
    ids=["missing", "renamed", "swapped", "added"],
)
def test_other_columns_are_refused(frame: pl.DataFrame, got: str) -> None:
    with pytest.raises(SourceError) as raised:
        validated(frame, Fruit, "garden", "lake/garden/fruit")
    assert_error_says(
        raised,
        source="garden",
        problem="a table has other columns than its schema",
        where="lake/garden/fruit",
        expected="name, weight",
        got=got,
        next_step="correct the tidy step or the schema",
    )


def test_other_types_are_refused_all_at_once() -> None:
    frame = pl.DataFrame({"name": [1, 2], "weight": ["1.5", None]})
    with pytest.raises(SourceError) as raised:
        validated(frame, Fruit, "garden", "lake/garden/fruit")
    assert_error_says(
        raised,
        source="garden",
        problem="columns of a table are of other types than in its schema",
        where="lake/garden/fruit",
        expected="name String, weight Float64",
        got="name Int64, weight String",
        next_step="correct the tidy step or the schema",
        offenders=["name: Int64 instead of String", "weight: String instead of Float64"],
    )
    with pytest.raises(SourceError, match="weight Float32"):
        validated(FRUIT.with_columns(pl.col("weight").cast(pl.Float32)), Fruit, "garden", "here")


def test_broken_rules_are_reported_rule_by_rule_with_their_rows() -> None:
    bad = pl.DataFrame({"name": ["pear", "pear", "plum"], "weight": [1.0, 2.0, -3.0]})
    with pytest.raises(SourceError) as raised:
        validated(bad, Fruit, "garden", "lake/garden/fruit")
    assert_error_says(
        raised,
        source="garden",
        problem="rows break the rules of their schema",
        where="lake/garden/fruit",
        expected="every row satisfies Fruit",
        got="3 of 3 rows do not",
        next_step="a rule is loosened only with a reason",
        offenders=["primary_key: 2 rows", "weight|min: 1 rows", "'plum'"],
    )


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("value_number", None, "number_only_where_published"),
        ("value_status", "withheld", "number_only_where_published"),
        ("value_number", 0.0, "zero_is_published_zero"),
        ("value_status", "zero", "zero_is_published_zero"),
        ("value_status", "missing", "value_status|check"),
        ("value_number", float("inf"), "value_number|inf"),
        ("reference_year", 24, "reference_year|min"),
    ],
)
def test_missing_and_zero_cannot_be_mistaken_in_published_figures(
    column: str, value: object, rule: str
) -> None:
    good = read_long(long_row("Chile", "5"))["world_figure"].select(PublishedFigure.column_names())
    assert validated(good, PublishedFigure, "usgs_mcs", "here").height == 1
    bad = good.with_columns(pl.lit(value, good.schema[column]).alias(column))
    with pytest.raises(SourceError) as raised:
        validated(bad, PublishedFigure, "usgs_mcs", "here")
    assert f"{rule}: 1 rows" in raised.value.offenders


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("quantity_tonnes", None, "quantity_only_where_published"),
        ("value_status", "not_available", "quantity_only_where_published"),
        ("quantity_tonnes", -1.0, "quantity_tonnes|min"),
        ("country_iso3", None, "country_exactly_for_countries"),
        ("geography_kind", "world", "country_exactly_for_countries"),
        ("geography_kind", "unspecified", "geography_kind|check"),
        ("stage", "smelting", "stage|check"),
        ("derivation", "guessed", "derivation|check"),
    ],
)
def test_the_lake_refuses_a_figure_without_a_sound_passport(
    column: str, value: object, rule: str
) -> None:
    good = tidied(read_long(long_row("Chile", "5")))["production"]
    bad = good.with_columns(pl.lit(value, good.schema[column]).alias(column))
    with pytest.raises(SourceError) as raised:
        validated(bad, Production, "usgs_mcs", "here")
    assert any(offender.startswith(f"{rule}") for offender in raised.value.offenders)


def test_a_mineral_that_the_list_lacks_does_not_reach_the_lake(tmp_path: Path) -> None:
    """It broke a mart far behind, which said nothing of a mineral."""
    good = tidied(read_long(long_row("Chile", "5"), long_row("China", "6")))["production"]
    bad = good.with_columns(mineral_id=pl.Series(["litium", "lithium"]))
    with pytest.raises(SourceError) as raised:
        write_table(
            bad,
            Production,
            lake=tmp_path,
            source_id="usgs_mcs",
            table="production",
            input_name="files",
            build_id="b1",
            editions={},
            minerals=mineral_ids(),
        )
    assert_error_says(
        raised,
        source="usgs_mcs",
        problem="minerals that the list does not have",
        where="mineral_id of lake/usgs_mcs/production",
        expected="a row of sources/reference/minerals.csv for each",
        got="1 rows without one",
        next_step="add the row to sources/reference/minerals.csv, or correct the name in sources/usgs_mcs/",
        offenders=["'litium' (1 rows)"],
    )
    assert not _files(tmp_path)


def test_a_table_is_written_sorted_with_a_sidecar_that_says_whence(tmp_path: Path) -> None:
    sidecar = _write(FRUIT, tmp_path)
    assert sorted(_files(tmp_path)) == ["fruit.json", "fruit.parquet"]
    written = pl.read_parquet(tmp_path / "garden" / "fruit.parquet")
    assert written.rows() == [("apple", None), ("pear", 1.5)]
    assert (sidecar.input, sidecar.build_id, sidecar.editions) == ("files", "b1", {"E1": "abc"})
    assert (sidecar.rows, sidecar.columns) == (2, {"name": "String", "weight": "Float64"})
    assert sidecar.content_digest == content_digest(FRUIT)
    assert read_sidecar(tmp_path, "garden", "fruit") == sidecar


def test_two_writings_of_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    _write(FRUIT, tmp_path / "a")
    _write(FRUIT.reverse(), tmp_path / "b")
    one, two = (_files(tmp_path / name)["fruit.parquet"] for name in "ab")
    assert one == two


def test_nothing_is_written_of_a_table_that_breaks_its_schema(tmp_path: Path) -> None:
    bad = FRUIT.with_columns(weight=pl.lit(-1.0))
    with pytest.raises(SourceError):
        _write(bad, tmp_path)
    assert list(tmp_path.rglob("*")) == []
    _write(FRUIT, tmp_path)
    before = _files(tmp_path)
    with pytest.raises(SourceError):
        _write(bad, tmp_path)
    assert _files(tmp_path) == before


def test_a_full_disk_leaves_the_old_table_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(FRUIT, tmp_path)
    before = _files(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _write(FRUIT.head(1), tmp_path)
    assert _files(tmp_path) == before


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deep" / "f.json"
    write_atomically(path, b"old")
    assert _files(tmp_path) == {"f.json": b"old"}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(path, b"new and longer")
    assert _files(tmp_path) == {"f.json": b"old"}
    write_atomically(path, b"new")
    assert _files(tmp_path) == {"f.json": b"new"}


def test_a_table_is_sorted_by_its_key_or_as_it_says() -> None:
    assert lake.lake_order(Fruit) == ["name"]
    assert lake.lake_order(Basket) == ["weight", "name"]
    assert Basket.column_names() == ["name", "weight"]


def test_a_column_of_one_value_does_not_order_a_digest() -> None:
    frame = pl.DataFrame({"same": ["x", "x", "x"], "none": [None, None, None], "n": [3, 1, 2]})
    assert content_digest(frame) == content_digest(frame.sort("n"))
    assert content_digest(frame) != content_digest(frame.with_columns(same=pl.lit("y")))
    assert content_digest(frame[:0]) != content_digest(frame)


def test_a_sidecar_knows_its_own_parquet_file(tmp_path: Path) -> None:
    sidecar = _write(FRUIT, tmp_path)
    assert sidecar_matches(tmp_path, sidecar)
    path = tmp_path / "garden" / "fruit.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"2")
    assert not sidecar_matches(tmp_path, sidecar)
    path.unlink()
    assert not sidecar_matches(tmp_path, sidecar)
    path.write_bytes(whole)
    assert sidecar_matches(tmp_path, sidecar)


def test_a_sidecar_written_before_it_knew_its_file_matches_none(tmp_path: Path) -> None:
    _write(FRUIT, tmp_path)
    path = tmp_path / "garden" / "fruit.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["parquet_sha256"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert not sidecar_matches(tmp_path, read_sidecar(tmp_path, "garden", "fruit"))


def test_a_kill_between_table_and_sidecar_leaves_a_pair_that_does_not_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(FRUIT, tmp_path)

    def killed(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise KeyboardInterrupt
        write_atomically(path, content)

    with monkeypatch.context() as broken:
        broken.setattr(lake, "write_atomically", killed)
        with pytest.raises(KeyboardInterrupt):
            _write(FRUIT.head(1), tmp_path)
    # New rows beside the old sidecar, which says two rows: whoever publishes must see it.
    assert pl.read_parquet(tmp_path / "garden" / "fruit.parquet").height == 1
    torn = read_sidecar(tmp_path, "garden", "fruit")
    assert torn.rows == 2
    assert not sidecar_matches(tmp_path, torn)
    assert sidecar_matches(tmp_path, _write(FRUIT.head(1), tmp_path))


def test_a_sidecar_of_a_table_never_written_is_not_invented(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sidecar(tmp_path, "garden", "fruit")


def test_a_sidecar_is_plain_json(tmp_path: Path) -> None:
    _write(FRUIT, tmp_path)
    text = (tmp_path / "garden" / "fruit.json").read_text(encoding="utf-8")
    assert json.loads(text)["source_id"] == "garden"


def test_a_digest_does_not_depend_on_the_order_of_zeros() -> None:
    zeros: list[tuple[str | None, float | None]] = [(None, 0.0), (None, -0.0)]
    assert content_digest(_frame(zeros)) == content_digest(_frame(zeros[::-1]))


@given(rows, st.randoms())
def test_a_digest_does_not_depend_on_the_order_of_rows(content, random) -> None:
    shuffled = list(content)
    random.shuffle(shuffled)
    assert content_digest(_frame(shuffled)) == content_digest(_frame(content))


@given(rows, rows)
def test_other_rows_have_another_digest(one, other) -> None:
    key = repr  # -0.0 and 0.0, None and "" are different contents
    same = sorted(map(key, one)) == sorted(map(key, other))
    assert (content_digest(_frame(one)) == content_digest(_frame(other))) == same


@pytest.mark.parametrize(
    "other",
    [
        pl.DataFrame({"t": ["", "x"], "n": [1, 2]}),
        pl.DataFrame({"t": [None, "x"], "n": [1, 3]}),
        pl.DataFrame({"t": [None, "x"], "n": [2, 1]}),
        pl.DataFrame({"t": [None, "x", "x"], "n": [1, 2, 2]}),
        pl.DataFrame({"t": [None, "x"], "m": [1, 2]}),
        pl.DataFrame({"t": [None, "x"], "n": [1, 2]}, schema_overrides={"n": pl.Int32}),
        pl.DataFrame({"t": [None, "x"], "n": ["1", "2"]}),
        pl.DataFrame({"n": [1, 2], "t": [None, "x"]}),
    ],
    ids=["null", "value", "pairing", "repeated", "name", "width", "type", "columns"],
)
def test_nearly_equal_frames_have_other_digests(other: pl.DataFrame) -> None:
    frame = pl.DataFrame({"t": [None, "x"], "n": [1, 2]})
    assert content_digest(frame) == content_digest(frame.clone())
    assert content_digest(other) != content_digest(frame)


def test_a_digest_keeps_every_digit_of_a_number() -> None:
    assert content_digest(pl.DataFrame({"x": [0.1 + 0.2]})) != content_digest(
        pl.DataFrame({"x": [0.3]})
    )
