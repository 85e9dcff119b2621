"""`source.yml` and our own lists: typed, closed, and consistent with each other."""

from pathlib import Path

import polars as pl
import pytest
import yaml
from publisher_files import SOURCE, assert_error_says
from pydantic import ValidationError

from sources.reading import catalog
from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.lake import validated
from sources.reading.vocabulary import SUPPLY_STAGES
from sources.reference import tidy as reference
from sources.reference.labels import country_aliases
from sources.registry import all_sources, reader_of
from sources.usgs_mcs.layouts import LAYOUTS

SCHEMES = ["eu_crm_name", "eurostat_geo", "iea_name", "m49", "usgs_name", "wgi_code"]


def _yaml(folder: Path) -> dict:
    return yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))


PINS = "edition,table,path,member,layout,sha256\n"


def _orchard(root: Path, content: dict, pins: str = "") -> None:
    """A source of that page and those pins, besides the pins of the old editions."""
    folder = root / "orchard"
    folder.mkdir()
    text = yaml.safe_dump({**content, "source_id": "orchard"})
    (folder / "source.yml").write_text(text, encoding="utf-8")
    old = "".join(
        f"{edition},world_figure,{edition}.csv,,by_commodity,{'c' * 64}\n"
        for edition in ("MCS2023", "MCS2024")
    )
    (folder / "files.csv").write_text(PINS + old + pins, encoding="utf-8")


def test_every_source_has_a_catalogue_page_a_reader_and_its_editions_in_order() -> None:
    folders = {path.parent.name for path in catalog.SOURCES_ROOT.glob("[!_]*/reader.py")} - {
        "reading"
    }
    assert {source.source_id for source in all_sources()} == folders
    assert all(reader_of(name).source_id == name for name in folders)
    for source in all_sources():
        assert (source.folder / "source.yml").is_file()
        released = [edition.released_on for edition in source.editions]
        assert released == sorted(released)
        assert len({edition.edition for edition in source.editions}) == len(source.editions)
        bounds = source.bounds
        assert 1 < bounds.magnitude_ratio_warn < bounds.magnitude_ratio_stop
        assert 0 < bounds.coverage_loss_warn < bounds.coverage_loss_stop < 1
        for edition in source.editions:
            assert edition.url.startswith("https://")
            assert edition.files


def test_the_layouts_that_the_editions_name_are_written() -> None:
    named = {file.layout for edition in SOURCE.editions for file in edition.files}
    assert named == set(LAYOUTS)


@pytest.mark.parametrize(
    ("path", "right", "wrong"),
    [
        ((), "publisher", "publihser"),
        (("licence",), "licence_id", "license_id"),
        (("bounds",), "coverage_loss_stop", "coverage_loss_halt"),
        (("editions", 0), "released_on", "released"),
        (("editions", 3, "files", 0), "sha256", "sha265"),
        (("editions", 2, "files", 0), "member", "membre"),
    ],
)
def test_a_misspelt_key_is_refused_and_named(
    path: tuple[str | int, ...], right: str, wrong: str
) -> None:
    content = _yaml(SOURCE.folder)
    # Editions 2023 and 2024 pin their files in files.csv.
    assert Source.model_validate(content).editions[2:] == SOURCE.editions[2:]
    part = content
    for step in path:
        part = part[step]
    part[wrong] = part.pop(right)
    with pytest.raises(ValidationError, match=wrong):
        Source.model_validate(content)


@pytest.mark.parametrize(
    ("key", "value"),
    [("cadence", "annual"), ("overdue_after_days", "soon"), ("redistributable", "perhaps")],
)
def test_a_wrong_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        Source.model_validate({**_yaml(SOURCE.folder), key: value})


@pytest.mark.parametrize("sha256", ["", "c8d4", "C" * 64, "g" * 64, "a" * 65])
def test_a_pin_that_is_no_sha256_is_refused(sha256: str) -> None:
    content = _yaml(SOURCE.folder)
    content["editions"][2]["files"][0]["sha256"] = sha256
    with pytest.raises(ValidationError, match="sha256"):
        Source.model_validate(content)


def test_a_source_is_read_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _orchard(tmp_path, _yaml(SOURCE.folder))
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    source = catalog.load_source.__wrapped__("orchard")
    assert source.publisher == SOURCE.publisher
    assert source.snapshot == tmp_path / "orchard" / "snapshot"


def test_an_edition_of_many_files_pins_them_in_files_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _yaml(SOURCE.folder)
    del content["editions"][3]["files"]
    pins = (
        f"MCS2026,world_figure,a.csv,,long_2026,{'a' * 64}\n"
        f"MCS2025,world_figure,b.zip,b.csv,wide_2025,{'b' * 64}\n"
    )
    _orchard(tmp_path, content, pins)
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    _, of_2024, of_2025, of_2026 = catalog.load_source.__wrapped__("orchard").editions
    assert [file.path for file in of_2024.files] == ["MCS2024.csv"]
    assert [(file.path, file.member) for file in of_2026.files] == [("a.csv", None)]
    # Beside those that source.yml names.
    assert [file.path for file in of_2025.files] == ["usgs_mcs/2025/World_Data.zip", "b.zip"]
    assert of_2025.files[1].sha256 == "b" * 64


def test_pins_for_editions_that_do_not_exist_are_refused_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = "".join(
        f"{edition},world_figure,{path},,long_2026,{'a' * 64}\n"
        for edition, path in (("MCS 2026", "a.csv"), ("MCS2026", "b.csv"), ("", "c.csv"))
    )
    _orchard(tmp_path, _yaml(SOURCE.folder), pins)
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    with pytest.raises(SourceError) as raised:
        catalog.load_source.__wrapped__("orchard")
    assert_error_says(
        raised,
        source="orchard",
        problem="pins of an edition that source.yml does not have",
        where="sources/orchard/files.csv",
        expected="one of MCS2023, MCS2024, MCS2025, MCS2026",
        got="2 of 5 rows of another",
        next_step="correct the edition's name",
        offenders=["row 4: edition 'MCS 2026', path 'a.csv'", "row 6: edition '', path 'c.csv'"],
    )


def test_editions_without_a_file_are_refused_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _yaml(SOURCE.folder)
    content["editions"][2]["files"] = []
    del content["editions"][3]["files"]
    _orchard(tmp_path, content)
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    with pytest.raises(SourceError) as raised:
        catalog.load_source.__wrapped__("orchard")
    assert_error_says(
        raised,
        source="orchard",
        problem="editions without a file",
        where="sources/orchard/source.yml",
        expected="at least one pinned file",
        got="2 editions without one",
        next_step="in files.csv",
        offenders=["MCS2025", "MCS2026"],
    )


def test_our_own_lists_satisfy_their_schemas() -> None:
    tables = reference.tidy(all_sources())
    assert set(tables) == set(reference.LAKE)
    for name, frame in tables.items():
        assert not validated(frame, reference.LAKE[name], "reference", name).is_empty()
    assert tables["stage"]["stage"].to_list() == SUPPLY_STAGES
    assert tables["edition"]["edition"].to_list() == [
        edition.edition for source in all_sources() for edition in source.editions
    ]


def test_series_are_mapped_to_minerals_and_stages_that_exist_or_say_why_not() -> None:
    series = pl.read_csv(SOURCE.folder / "mappings" / "world_series.csv", infer_schema=False)
    used = series.filter(pl.col("mineral_id").is_not_null())
    assert set(used["mineral_id"]) <= set(reference.tidy(all_sources())["mineral"]["mineral_id"])
    assert set(used["stage"]) <= set(SUPPLY_STAGES)
    assert used.select(pl.col("form", "basis", "published_unit").null_count()).row(0) == (0, 0, 0)
    assert used["not_used_reason"].null_count() == used.height
    unused = series.filter(pl.col("mineral_id").is_null())
    assert unused["not_used_reason"].null_count() == 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_aliases_name_known_countries_and_their_years_never_overlap(scheme: str) -> None:
    aliases = country_aliases(scheme)
    assert not aliases.is_empty()
    is_country = aliases["geography_kind"] == "country"
    assert (aliases["country_iso3"].is_not_null() == is_country).all()
    known = set(reference.tidy(all_sources())["country"]["country_iso3"])
    assert set(aliases["country_iso3"].drop_nulls()) <= known
    spans = aliases.select(
        "alias",
        first=pl.col("valid_from_year").fill_null(0),
        last=pl.col("valid_to_year").fill_null(9999),
    ).sort("alias", "first")
    assert (spans["first"] <= spans["last"]).all()
    overlapping = spans.filter(
        (pl.col("alias") == pl.col("alias").shift(1)) & (pl.col("first") <= pl.col("last").shift(1))
    )
    assert overlapping.is_empty(), overlapping


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a copy of our own lists, which the reader now reads."""
    folder = tmp_path / "reference"
    folder.mkdir()
    for name, _ in reference.LISTS.values():
        content = (catalog.SOURCES_ROOT / "reference" / name).read_bytes()
        (folder / name).write_bytes(content)
    monkeypatch.setattr(reference, "SOURCES_ROOT", tmp_path)
    return folder


def test_a_mineral_with_an_unknown_parent_is_refused(lists: Path) -> None:
    text = (lists / "minerals.csv").read_text(encoding="utf-8")
    (lists / "minerals.csv").write_text(f"{text}unobtainium,U,pandorum,,element\n", "utf-8")
    with pytest.raises(SourceError) as raised:
        reference.tidy(all_sources())
    assert_error_says(
        raised,
        source="reference",
        problem="minerals name a parent that is not in the list",
        where="sources/reference/minerals.csv",
        expected="parent_mineral_id is a mineral_id of the same list",
        got="pandorum",
        next_step="add the parent or correct the name",
        offenders=["unobtainium"],
    )


@pytest.mark.parametrize(
    ("right", "wrong"), [("mine,1,", "mine,first,"), ("stage_name", "nomination")]
)
def test_a_list_with_a_wrong_number_or_column_is_refused(
    lists: Path, right: str, wrong: str
) -> None:
    text = (lists / "stages.csv").read_text(encoding="utf-8")
    (lists / "stages.csv").write_text(text.replace(right, wrong), "utf-8")
    with pytest.raises(SourceError) as raised:
        reference.tidy(all_sources())
    assert_error_says(
        raised,
        source="reference",
        problem="a reference list can't be read",
        where=str(lists / "stages.csv"),
        expected="columns stage, stage_order",
        got=wrong.split(",")[-2] if "," in wrong else wrong,
        next_step="sources/reference/schema.py",
    )


def test_the_digest_of_a_list_follows_its_bytes(lists: Path) -> None:
    before = reference.list_digests()
    (lists / "stages.csv").write_bytes((lists / "stages.csv").read_bytes() + b"\n")
    after = reference.list_digests()
    assert set(before) == {name for name, _ in reference.LISTS.values()}
    assert {name for name in before if before[name] != after[name]} == {"stages.csv"}
