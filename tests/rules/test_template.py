"""The template of a mart is a mart: its names agree, and a copy stands where marts stand."""

import re
from pathlib import Path

import pytest
import yaml

from scripts.new_mart import copies, write

FOLDER = Path("dbt/models/marts/reserve_life")


def test_a_copy_is_a_whole_mart() -> None:
    files = copies("reserve_life")
    assert set(files) == {
        FOLDER / "mart_reserve_life.sql",
        FOLDER / "_reserve_life__models.yml",
        FOLDER / "_unit_tests.yml",
        Path("docs/methods/reserve_life.md"),
    }
    left = [text for text in files.values() if re.search(r"\b[Tt]hing\b|thing__|_thing", text)]
    assert left == []
    assert files[Path("docs/methods/reserve_life.md")].startswith("# Reserve life\n")


def test_contract_lists_the_columns_of_the_last_select() -> None:
    files = copies("reserve_life")
    sql = files[FOLDER / "mart_reserve_life.sql"]
    last = sql[sql.index("final as (") :]
    selected = re.findall(r"^ {8}(?:.* as )?(\w+),?$", last, re.MULTILINE)
    [model] = yaml.safe_load(files[FOLDER / "_reserve_life__models.yml"])["models"]
    # Types and names of countries and minerals come from the contract.
    assert "{{ contract_columns() }}" in last
    assert [
        column["name"] for column in model["columns"] if column["name"] != "mineral_name"
    ] == selected
    [test] = yaml.safe_load(files[FOLDER / "_unit_tests.yml"])["unit_tests"]
    assert test["model"] == model["name"] == "mart_reserve_life"
    assert "One row per" in model["description"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    written = write("reserve_life", tmp_path)
    assert all((tmp_path / path).is_file() for path in written)
    with pytest.raises(FileExistsError, match="choose another subject"):
        write("reserve_life", tmp_path)
