"""The publisher's real files, damaged one by one: a single error each, that says all there is to say.

A copy of one edition lies in `tmp_path`. Its new bytes are pinned, but for the test of changed bytes:
behind the pin, the next step must notice.
"""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from damage import read, refused, replaced, rezipped, source_of
from publisher_files import EDITIONS, FILE_2025, FILE_2026, PAGE, assert_error_says

from sources.reading.files import sha256_of

pytestmark = pytest.mark.shared

PATH_2025, PATH_2026 = "usgs_mcs/2025/World_Data.zip", f"usgs_mcs/2026/{FILE_2026}"
ANTIMONY = "usgs_mcs/2024/world/mcs2024-antim_world.csv"
Copy = Callable[[str], Path]
LITHIUM = (
    "LITHIUM,World Mine Production and Reserves,Lithium,{},Production,Mine production,metric tons,"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def copy(shared_data: Path, root: Path) -> Copy:
    """Copies the files of one edition, as the publisher has them."""

    def copied(edition: str) -> Path:
        for file in EDITIONS[edition].files:
            (root / file.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shared_data / file.path, root / file.path)
        return root

    return copied


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_undamaged_copy_is_read(copy: Copy, root: Path, edition: str) -> None:
    lake = read(source_of(edition, copy(edition), pin=False), root)
    assert lake["production"].height > 1_000


def test_new_labels(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    australia, chile = LITHIUM.format("Australia"), LITHIUM.format("Chile")
    replaced(
        root / PATH_2026,
        (australia, australia.replace("Mine production,", "Brine production,")),
        (chile, chile.replace(",Lithium,", ",Lithium hydroxide,")),
    )
    assert_error_says(
        refused("MCS2026", root),
        problem="labels that the closed table of series does not have",
        where="commodity and stage of MCS2026",
        expected="a row of mappings/world_series.csv for each",
        got="2 figures without one",
        next_step="add the label to sources/usgs_mcs/mappings/world_series.csv",
        offenders=[
            "MCS2026, production: 'Lithium', 'Brine production' (1 figures, from row ",
            "MCS2026, production: 'Lithium hydroxide', 'Mine production' (1 figures, from row ",
        ],
    )


def test_new_spellings_of_countries(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    replaced(
        root / PATH_2026,
        (LITHIUM.format("Chile"), LITHIUM.format("Chilé")),
        (LITHIUM.format("China"), LITHIUM.format("China (mainland)")),
    )
    assert_error_says(
        refused("MCS2026", root),
        problem="country labels that the closed table does not have",
        where="published_country, scheme 'usgs_name'",
        expected="sources/reference/country_aliases.csv",
        got="2 rows without one",
        next_step="add the spelling",
        offenders=["'Chilé' in 2024 (1 rows)", "'China (mainland)' in 2024 (1 rows)"],
    )


def _without_country(content: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(row[:2] + row[3:] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _with_nation(content: bytes) -> bytes:
    return content.replace(b"COMMODITY,COUNTRY,", b"COMMODITY,NATION,", 1)


@pytest.mark.parametrize(
    ("change", "offenders"),
    [
        (_with_nation, ["missing column 'COUNTRY'", "unknown column 'NATION'"]),
        (_without_country, ["missing column 'COUNTRY'"]),
    ],
    ids=["renamed", "missing"],
)
def test_another_column_in_the_wide_file(
    copy: Copy, root: Path, change: Callable[[bytes], bytes], offenders: list[str]
) -> None:
    copy("MCS2025")
    rezipped(root / PATH_2025, change)
    assert_error_says(
        refused("MCS2025", root),
        problem="the header is not the one of this edition",
        where=FILE_2025,
        expected="SOURCE, COMMODITY, COUNTRY",
        got="SOURCE, COMMODITY, ",
        next_step="layouts.py",
        offenders=offenders,
    )


def test_another_column_in_a_small_file(copy: Copy, root: Path) -> None:
    copy("MCS2024")
    replaced(root / ANTIMONY, ("Country,Type,Prod_t", "Nation,Type,Output_t"))
    assert_error_says(
        refused("MCS2024", root),
        problem="the header is not one of this layout",
        where="mcs2024-antim_world.csv",
        expected="Source, Country, Type",
        got="Source, Nation, Type, Output_t",
        next_step="compare with the edition's other files",
        offenders=[
            "unknown column 'Nation'",
            "unknown column 'Output_t",
            "missing column 'Country'",
        ],
    )


def test_changed_units(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    chile, china = LITHIUM.format("Chile"), LITHIUM.format("China")
    replaced(
        root / PATH_2026,
        (chile, chile.replace("metric tons", "thousand metric tons")),
        (china, china.replace("metric tons", "short tons")),
    )
    assert_error_says(
        refused("MCS2026", root),
        problem="units that are not the ones these series are published in",
        where="unit of MCS2026",
        expected="mappings/world_series.csv",
        got="2 figures in another",
        next_step="corrections.yml",
        offenders=[
            "Lithium: expected 'metric tons', got 'thousand metric tons'",
            "Lithium: expected 'metric tons', got 'short tons'",
        ],
    )


def test_a_changed_unit_in_the_name_of_a_column(copy: Copy, root: Path) -> None:
    copy("MCS2024")
    replaced(root / ANTIMONY, ("Reserves_t", "Reserves_kt"))
    raised = refused("MCS2024", root)
    assert "units that are not the ones" in str(raised.value)
    assert all("antim: expected 't', got 'kt'" in line for line in raised.value.offenders)
    assert "MCS2024:mcs2024-antim_world.csv:2:Reserves_kt" in raised.value.offenders[0]


def test_values_that_are_no_number(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    lines = (root / PATH_2026).read_bytes().split(b"\r\n")
    rows = {2033: ('"12,400"', "12.400,0"), 2047: ('"27,600"', "n.a.")}
    for row, (old, new) in rows.items():
        assert old.encode() in lines[row - 1]
        lines[row - 1] = lines[row - 1].replace(old.encode(), f'"{new}"'.encode())
    (root / PATH_2026).write_bytes(b"\r\n".join(lines))
    assert_error_says(
        refused("MCS2026", root),
        problem="values that are no number and no known token",
        where=FILE_2026,
        expected="mappings/value_tokens.csv",
        got="2 cells",
        next_step="declare it in mappings/value_tokens.csv",
        offenders=[
            "row 2033, Copper, China, 2024: '12.400,0'",
            "row 2047, Copper, World total, 2024: 'n.a.'",
        ],
    )


def test_a_truncated_zip(copy: Copy, root: Path) -> None:
    copy("MCS2025")
    content = (root / PATH_2025).read_bytes()
    (root / PATH_2025).write_bytes(content[: len(content) // 2])
    assert_error_says(
        refused("MCS2025", root),
        problem="the zip can't be read",
        where=f"{root / PATH_2025}, member {FILE_2025}",
        expected="a whole zip archive",
        got="not a zip file",
        next_step="fetch it again",
    )


@pytest.mark.parametrize(
    ("edition", "path", "problem"),
    [
        ("MCS2026", PATH_2026, "the file is no regular CSV"),
        ("MCS2024", ANTIMONY, "the file is no regular CSV"),
        ("MCS2025", PATH_2025, "the zip can't be read"),
    ],
)
def test_an_error_page_under_the_name_of_a_file(
    copy: Copy, root: Path, edition: str, path: str, problem: str
) -> None:
    copy(edition)
    (root / path).write_bytes(PAGE)
    raised = refused(edition, root)
    assert raised.value.problem == problem
    assert Path(path).name in raised.value.where
    assert "fetch" in raised.value.next_step
    if problem == "the file is no regular CSV":
        assert "'<!DOCTYPE html>'" in raised.value.got


def test_an_error_page_without_a_comma_is_no_table_either(copy: Copy, root: Path) -> None:
    copy("MCS2024")
    (root / ANTIMONY).write_bytes(b"<html>\r\n<body>moved</body>\r\n</html>\r\n")
    raised = refused("MCS2024", root)
    assert raised.value.problem == "the header is not one of this layout"
    assert raised.value.got == "<html>"


@pytest.mark.parametrize("edition", ["MCS2024", "MCS2025", "MCS2026"])
def test_another_encoding(copy: Copy, root: Path, edition: str) -> None:
    copy(edition)

    def saved_as_cp1252(content: bytes) -> bytes:
        return content.decode("utf-8-sig").encode("cp1252", errors="replace")

    if edition == "MCS2026":
        path, expected = root / PATH_2026, "cp1252"
        path.write_bytes(path.read_bytes().decode("cp1252").encode("utf-8"))
    elif edition == "MCS2025":
        path, expected = root / PATH_2025, "utf-8-sig"
        rezipped(path, saved_as_cp1252)
    else:
        # Country cells hold a no-break space.
        path, expected = root / "usgs_mcs/2024/world/mcs2024-vanad_world.csv", "utf-8-sig"
        path.write_bytes(saved_as_cp1252(path.read_bytes()))
    name = FILE_2025 if edition == "MCS2025" else path.name
    assert_error_says(
        refused(edition, root),
        problem="wrong text encoding",
        where=f"{name}, byte ",
        expected=expected,
        got=f"that {expected} does not have here",
        next_step="fetch the file again as published",
    )


def test_a_duplicate_key(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    lines = (root / PATH_2026).read_bytes().split(b"\r\n")
    lines.insert(2033, lines[2032])
    (root / PATH_2026).write_bytes(b"\r\n".join(lines))
    raised = refused("MCS2026", root)
    assert_error_says(
        raised,
        problem="rows break the rules of their schema",
        where="lake/usgs_mcs/production",
        expected="every row satisfies Production",
        got="2 of ",
        next_step="look at the rows named",
        offenders=["primary_key: 2 rows"],
    )
    told = str(raised.value)
    for part in (FILE_2026, "'file_row': 2033", "'file_row': 2034", "'copper'", "'12,400'"):
        assert part in told
    assert "released_on" not in told, "neither key, nor place, nor the publisher's words"


def test_changed_bytes_under_a_pin(copy: Copy, root: Path) -> None:
    copy("MCS2026")
    replaced(root / PATH_2026, ('"12,400"', '"12,401"'))
    assert_error_says(
        refused("MCS2026", root, pin=False),
        problem="the bytes of a pinned edition changed",
        where=f"{root / PATH_2026} (MCS2026, table world_figure)",
        expected=f"sha256 {EDITIONS['MCS2026'].files[0].sha256}",
        got=f"sha256 {sha256_of(root / PATH_2026)}",
        next_step="pin the new sha256 in sources/usgs_mcs/",
    )


@pytest.mark.parametrize(("edition", "path"), [("MCS2026", PATH_2026), ("MCS2024", ANTIMONY)])
def test_an_empty_file(copy: Copy, root: Path, edition: str, path: str) -> None:
    copy(edition)
    (root / path).write_bytes(b"")
    assert_error_says(
        refused(edition, root),
        problem="a publisher's file is empty",
        where=f"{root / path} ({edition}",
        expected="at least a header",
        got="0 bytes",
        next_step="fetch it again from https://doi.org/",
    )


def test_a_missing_file(copy: Copy, root: Path) -> None:
    copy("MCS2024")
    (root / ANTIMONY).unlink()
    assert_error_says(
        refused("MCS2024", root, pin=False),
        problem="a publisher's file is missing",
        where=str(root / ANTIMONY),
        expected="the file of MCS2024",
        got="no such file",
        next_step="fetch it from https://doi.org/",
    )


def test_a_salient_table_under_the_name_of_a_world_table(
    copy: Copy, root: Path, shared_data: Path
) -> None:
    copy("MCS2024")
    salient = shared_data / "usgs_mcs" / "2024" / "salient" / "mcs2024-antim_salient.csv"
    shutil.copyfile(salient, root / ANTIMONY)
    raised = refused("MCS2024", root)
    assert_error_says(
        raised,
        problem="the header is not one of this layout",
        where="mcs2024-antim_world.csv",
        expected="Source, Country, Type",
        got="DataSource, Commodity, Year",
        next_step="compare with the edition's other files",
        offenders=["unknown column 'DataSource'", "unknown column 'Year'"],
    )
    assert {"missing column 'Source'", "missing column 'Country'"} <= set(raised.value.offenders)


def test_the_world_table_of_another_commodity(copy: Copy, root: Path, shared_data: Path) -> None:
    # The publisher's own mistake: this "salient" file of 2024 holds the world table of cobalt.
    copy("MCS2024")
    salient = shared_data / "usgs_mcs" / "2024" / "salient" / "mcs2024-cobal_salient.csv"
    shutil.copyfile(salient, root / ANTIMONY)
    raised = refused("MCS2024", root)
    assert raised.value.problem == "labels that the closed table of series does not have"
    assert "'antim', " in raised.value.offenders[0]
    assert "cobalt" in raised.value.offenders[0].lower()
