"""The source on its example file: expected figures worked out by hand from the six printed rows."""

import shutil
from pathlib import Path

import pytest

from sources._template.reader import READER
from sources.reading.catalog import Source, load_source
from sources.reading.errors import SourceError
from sources.reading.files import sha256_of
from sources.reading.lake_checks import checks_of
from sources.reading.open_file import Tables
from sources.reference.labels import mineral_ids

SOURCE = load_source("_template")
FILE = SOURCE.folder / "example" / "outputs.csv"


def read(root: Path, text: str | None = None) -> Tables:
    """Lake tables of the example, or of a changed copy of it; either is pinned anew."""
    # Of the first edition; one with another header or label gets an example and a test of its own.
    edition = SOURCE.editions[0]
    [file] = edition.files
    path = root / file.path
    path.parent.mkdir(parents=True)
    shutil.copyfile(FILE, path)
    if text is not None:
        path.write_text(text, encoding="utf-8")
    # The example may be a part of the publisher's file.
    pinned = file.model_copy(update={"sha256": sha256_of(path)})
    example = edition.model_copy(update={"files": (pinned,)})
    source: Source = SOURCE.model_copy(update={"editions": (example,)})
    return READER.lake_tables(READER.checked(READER.read_files(source, root)), source)


def test_figures_are_the_printed_ones_in_tonnes(tmp_path: Path) -> None:
    output = read(tmp_path)["output"].select(
        "country_iso3", "reference_year", "output_tonnes", "value_status"
    )
    assert sorted(output.rows()) == [
        ("CHL", 2023, 44_000.0, "numeric"),
        ("CHL", 2024, 49_000.0, "numeric"),
        ("CHN", 2023, 33_000.0, "numeric"),
        ("CHN", 2024, None, "withheld"),
        ("FRO", 2024, 0.0, "zero"),
    ]


def test_every_check_of_the_lake_passes(tmp_path: Path) -> None:
    tables = read(tmp_path)
    failed = {check.name: check.run(tables) for check in checks_of(READER, SOURCE)}
    assert not {name: outcome for name, outcome in failed.items() if not outcome.passed}
    assert tables["not_used"].get_column("file_rows").sum() == 1
    assert set(tables["output"]["mineral_id"]) <= mineral_ids(), "sources/reference/minerals.csv"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Country,", "Land,", "the header is not the one of this edition"),
        ("Freedonia", "Sylvania", "country labels that the closed table does not have"),
        ("All metals", "Unobtainium", "labels that a closed table does not have"),
        (",W\n", ",n.a.\n", "values that are no number and no known token"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        read(tmp_path, FILE.read_text(encoding="utf-8").replace(old, new))
    assert raised.value.problem == problem


def test_rows_of_the_lake_and_rows_not_used_are_all_rows(tmp_path: Path) -> None:
    tables = read(tmp_path)
    of_file, not_used = (tables[name]["file_rows"].sum() for name in ("file_rows", "not_used"))
    assert tables["output"].height + not_used == of_file
