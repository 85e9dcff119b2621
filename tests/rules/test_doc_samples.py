"""Rows, descriptions and errors that a page shows are ones that the code takes, or gives.

Each `csv` and `yaml` block, and each `text` block that is an error, has its test here or names it: `SHOWN`.
"""

import io
import re

import polars as pl
import pytest
import yaml

from sources.iea_critical_minerals.layouts import LAYOUTS
from sources.reading.catalog import SOURCES_ROOT, Edition, load_source
from sources.reading.files import sha256_of
from sources.reading.lake import validated
from sources.reference.tidy import LAKE
from tests.pages import BLOCKS, ROOT, Block

BLOC, BAND, DROP = "add-a-bloc.md", "add-a-band.md", "operate.md"
# Page to its one block of that language, or to the test that reads them.
SHOWN = {
    ("csv", BLOC): "here",
    ("csv", BAND): "here",
    ("csv", "add-a-mineral.md"): "tests/golden/test_add_a_mineral.py",
    ("yaml", DROP): "here",
    ("yaml", "deploy.md"): "tests/integration/test_host_locks.py",
    ("error", "CONTRIBUTING.md"): "here",
}
ERROR = re.compile(r"^\w+: .+\n  where: ")


def kind(block: Block) -> str:
    """What a sample is of; empty for a block that is none."""
    if block.language == "text":
        return "error" if ERROR.match(block.text) else ""
    return block.language if block.language in {"csv", "yaml"} else ""


def sample_text(wanted: str, page: str) -> str:
    """Text of the one sample of that kind on a page."""
    [block] = [block for block in BLOCKS if (kind(block), block.path.name) == (wanted, page)]
    return block.text


def test_every_sample_is_read_by_a_test() -> None:
    found = {(kind(block), block.path.name) for block in BLOCKS if kind(block)}
    assert found == set(SHOWN)
    places = set(SHOWN.values()) - {"here"}
    assert all((ROOT / place).is_file() for place in places)


def test_rows_of_a_bloc_are_taken() -> None:
    heading = (SOURCES_ROOT / "reference/country_groups.csv").read_text("utf-8").split("\n")[0]
    schema = LAKE["country_group_member"]
    text = f"{heading}\n{sample_text('csv', BLOC)}\n"
    frame = pl.read_csv(io.StringIO(text), schema=schema.create_empty().schema)
    assert validated(frame, schema, "reference", BLOC).height == 2
    key = schema.primary_key()
    assert frame.equals(frame.sort(key)), "in the order that the page asks for"


def test_the_row_of_a_band_is_one_of_the_seed() -> None:
    seed = (ROOT / "dbt/seeds/production_share_band.csv").read_text("utf-8").splitlines()
    assert sample_text("csv", BAND) in seed


def test_the_description_of_a_dropped_edition_is_taken() -> None:
    """As the intake reads it: with the digests of the files that lie beside it."""
    content = yaml.safe_load(sample_text("yaml", DROP))
    assert not any("sha256" in file for file in content["files"])
    for file in content["files"]:
        file["sha256"] = sha256_of(ROOT / "README.md")
    edition = Edition.model_validate(content)
    source = load_source("iea_critical_minerals")
    known = source.editions[-1]
    assert edition.released_on > known.released_on
    assert {file.layout for file in edition.files} <= set(LAYOUTS)
    assert {file.table for file in edition.files} <= {
        file.table for known in source.editions for file in known.files
    }


@pytest.mark.parametrize("part", ["problem", "expected", "next"])
def test_the_error_is_worded_as_the_code_words_it(part: str) -> None:
    first, *lines = sample_text("error", "CONTRIBUTING.md").splitlines()
    said = {name.strip(): text.strip() for name, text in (line.split(":", 1) for line in lines)} | {
        "problem": first.split(": ", 1)[1]
    }
    assert f'"{said[part]}"' in (SOURCES_ROOT / "usgs_mcs/tidy.py").read_text("utf-8")
