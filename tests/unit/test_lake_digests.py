"""The digest in a table's sidecar does not depend on the order in which rows came, whatever the table's own order."""

from pathlib import Path
from typing import ClassVar

import dataframely as dy
import polars as pl
import pytest

from sources.reading.lake import write_table


class ByKey(dy.Schema):
    name = dy.String(primary_key=True)
    weight = dy.Float64()


class KeyWithin(ByKey):
    lake_order: ClassVar[tuple[str, ...]] = ("weight", "name")


class WithoutKey(ByKey):
    """Rows of one weight come as they come."""

    lake_order: ClassVar[tuple[str, ...]] = ("weight",)


def digest(frame: pl.DataFrame, schema: type[dy.Schema], lake: Path) -> str:
    sidecar = write_table(
        frame,
        schema,
        lake=lake,
        source_id="garden",
        table="fruit",
        input_name="files",
        build_id="b1",
        editions={"E1": "abc"},
        minerals=(),
    )
    return sidecar.content_digest


@pytest.mark.parametrize("schema", [ByKey, KeyWithin, WithoutKey])
def test_rows_in_any_order_have_one_digest(schema: type[dy.Schema], tmp_path: Path) -> None:
    rows = pl.DataFrame({"name": ["pear", "fig", "apple"], "weight": [1.0, 1.0, 0.5]})
    found = {digest(frame, schema, tmp_path) for frame in (rows, rows.reverse(), rows.sort("name"))}
    assert len(found) == 1
    heavier = rows.with_columns(weight=pl.lit(1.0))
    assert digest(heavier, schema, tmp_path) not in found
