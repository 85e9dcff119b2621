"""What is seen as new: another sheet at one address, a name on a page, a description in the drop folder."""

import datetime as dt
import hashlib
import multiprocessing
import os
import re
import shutil
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from dagster_project.settings import PROJECT_ROOT, load_settings
from sources.editions import candidates, detect
from sources.editions.candidates import fetch_candidate
from sources.editions.comparison import compare, edition_before
from sources.editions.detect import LOOK, detect_editions
from sources.editions.pins import place, with_pins
from sources.fetching.fetch_edition import fetch_source
from sources.reading import catalog, clock
from sources.reading.catalog import Edition, load_source
from sources.reading.errors import FetchError
from sources.reading.files import sha256_of
from sources.registry import reader_of
from tests.mirror import publishers
from tests.mirror.server import DOWN, Answer, Fault, Mirror

SHEET = "CMO-Historical-Data-Monthly.xlsx"
PINK, COMEXT = "world_bank_pink_sheet", "eurostat_comext"
DEATH = 9


def _dies_reading(*arguments: Any) -> None:
    """Take an edition in, in a process that the reading of it ends."""
    candidates.read_published = lambda *_, **__: os._exit(DEATH)
    fetch_candidate(*arguments)


def sheet_of_april(files: Path) -> bytes:
    """The real sheet, its day of release another: the text of one cell."""
    out = BytesIO()
    path = files / PINK / SHEET
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        # With the times of the old, or a second call a second later packs other bytes.
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, content.replace(b"March 03, 2026", b"April 02, 2026"))
    return out.getvalue()


@pytest.mark.shared
def test_another_sheet_at_the_address_is_a_new_edition(
    live: Mirror, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, settings = load_source(PINK), load_settings()
    url = source.editions[0].live.addresses[SHEET]
    publishers.publish(live, source, shared_data)
    # Never fetched: nothing to compare with, and the next refresh fetches it.
    assert detect_editions(source, settings.raw, settings.drop) == []
    fetch_source(source, settings.raw, settings.drop)
    assert detect_editions(source, settings.raw, settings.drop) == []
    assert live.requests(url)[-1].status == 304

    live.put_file(url, sheet_of_april(shared_data))
    [seen] = detect_editions(source, settings.raw, settings.drop)
    assert seen.kind == "new"
    # A look downloads nothing, and the same detection has the same fingerprint.
    assert detect_editions(source, settings.raw, settings.drop) == [seen]
    # Of a day to come by the clock: it, and one that came in while the clock ran ahead.
    for day, told in ((31, "today: CMO2026-04 "), (1, "CMO2026-03 (2026-03-03)")):
        with monkeypatch.context() as patched:
            patched.setattr(clock, "today", lambda day=day: dt.date(2026, 3, day))
            pin = fetch_candidate(source, seen, settings.raw, settings.drop)
        assert pin.state == "needs_review"
        assert told in pin.reason
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert (pin.edition.edition, pin.state) == ("CMO2026-04", "trial")
    assert str(pin.edition.released_on) == "2026-04-02"
    assert pin.edition.title == "Commodity Price Data (The Pink Sheet), April 2026"
    # It says April and ends with February: told, and no reason to refuse it.
    warned = pin.compared["warned"]
    assert isinstance(warned, list)
    assert [name.split(":")[1].strip() for name in warned] == ["newest_period_is_recent"]
    assert str(pin.compared["commodity_price: coverage"]).startswith("0 of ")
    place(settings.raw, source, pin)
    assert detect_editions(with_pins(source, [pin]), settings.raw, settings.drop) == []


@pytest.mark.shared
def test_a_file_that_kills_its_reader_is_read_twice_and_told_once(
    live: Mirror, shared_data: Path
) -> None:
    source, settings = load_source(PINK), load_settings()
    publishers.publish(live, source, shared_data)
    fetch_source(source, settings.raw, settings.drop)
    live.put_file(source.editions[0].live.addresses[SHEET], sheet_of_april(shared_data))
    [seen] = detect_editions(source, settings.raw, settings.drop)
    spawn = multiprocessing.get_context("spawn")
    for _ in range(2):
        process = spawn.Process(
            target=_dies_reading, args=(source, seen, settings.raw, settings.drop)
        )
        process.start()
        process.join()
        assert process.exitcode == DEATH
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert pin.state == "needs_review"
    assert "ended the process that read it" in pin.reason
    assert "no end of 2 beginnings" in pin.reason
    # Told, it is forgotten: other bytes, or a person who asks, begin anew.
    assert fetch_candidate(source, seen, settings.raw, settings.drop).state == "trial"


@pytest.mark.shared
def test_a_sheet_without_a_day_waits(live: Mirror, shared_data: Path) -> None:
    source, settings = load_source(PINK), load_settings()
    publishers.publish(live, source, shared_data)
    fetch_source(source, settings.raw, settings.drop)
    changed = BytesIO()
    with (
        zipfile.ZipFile(shared_data / PINK / SHEET) as old,
        zipfile.ZipFile(changed, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"March 03, 2026", b"soon"))
    live.put_file(source.editions[0].live.addresses[SHEET], changed.getvalue())
    [seen] = detect_editions(source, settings.raw, settings.drop)
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert pin.state == "needs_review"
    assert "no day of release" in pin.reason


def test_a_name_on_a_page_is_reported_to_a_person(live: Mirror) -> None:
    source, settings = load_source("cepii_baci"), load_settings()
    assert source.live is not None
    assert source.live.new_editions is not None
    page = source.live.new_editions.page
    assert page is not None
    old = b'<html><a href="/data/BACI_HS92_V202601.zip">HS92</a>'
    live.put(page, Answer(old, "text/html"))
    assert detect_editions(source, settings.raw, settings.drop) == []
    live.put(page, Answer(b"<html>Back soon", "text/html"))
    with pytest.raises(FetchError, match="names no edition at all"):
        detect_editions(source, settings.raw, settings.drop)
    live.put(page, Answer(old + b'<a href="/data/BACI_HS92_V202701.zip">', "text/html"))
    [seen] = detect_editions(source, settings.raw, settings.drop)
    assert (seen.edition, seen.kind) == ("BACI202701", "told")
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert pin.state == "needs_review"
    assert "sources/cepii_baci/README.md" in pin.reason


@pytest.mark.shared
def test_a_described_edition_in_the_drop_folder_is_taken_in(
    live: Mirror, shared_data: Path
) -> None:
    source, settings = load_source(PINK), load_settings()
    folder = settings.drop / PINK
    folder.mkdir(parents=True)
    content = source.editions[0].model_dump(mode="json", exclude={"live"})
    content |= {"edition": "CMO2026-04", "released_on": "2026-04-02"}
    del content["files"][0]["sha256"]
    publishers.publish(live, source, shared_data)
    (folder / "CMO2026-04.yml").write_text(yaml.safe_dump(content))
    [seen] = detect_editions(source, settings.raw, settings.drop)
    # Its file is not there yet.
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert pin.state == "needs_review"
    assert "do not lie beside it" in pin.reason
    # A name that another edition pins lies in a folder of its own.
    (folder / "CMO2026-04").mkdir()
    (folder / "CMO2026-04" / SHEET).write_bytes(sheet_of_april(shared_data))
    [again] = detect_editions(source, settings.raw, settings.drop)
    assert again.fingerprint != seen.fingerprint
    pin = fetch_candidate(source, again, settings.raw, settings.drop)
    assert (pin.edition.edition, pin.state) == ("CMO2026-04", "trial"), pin.reason
    digest = hashlib.sha256(sheet_of_april(shared_data)).hexdigest()
    assert pin.edition.files[0].sha256 == digest
    # Once it is pinned, the description may stay where it is.
    assert detect_editions(with_pins(source, [pin]), settings.raw, settings.drop) == []
    (folder / "CMO2026-04" / SHEET).write_bytes(b"another")
    assert len(detect_editions(with_pins(source, [pin]), settings.raw, settings.drop)) == 1


@pytest.mark.shared
def test_a_warning_names_the_place(live: Mirror, shared_data: Path) -> None:
    """Flows of a year halved: a revision may be so, and whoever looks must know where."""
    source, settings = load_source(COMEXT), load_settings()
    [pinned] = source.editions
    [file] = pinned.files
    folder = settings.drop / COMEXT
    (folder / "COMEXT2025").mkdir(parents=True)
    content = pinned.model_dump(mode="json", exclude={"live": True, "files": {0: {"sha256"}}})
    content |= {"edition": "COMEXT2025", "released_on": "2026-10-31"}
    (folder / "COMEXT2025.yml").write_text(yaml.safe_dump(content))
    flows = pl.read_csv(shared_data / file.path, infer_schema=False)
    value, whole = pl.col("VALUE_IN_EUROS"), pl.col("VALUE_IN_EUROS").str.contains(r"^\d\d+$")
    half = (value.cast(pl.Int64, strict=False) // 2).cast(pl.String)
    halved = pl.when(whole, pl.col("PERIOD") == "2024").then(half).otherwise(value)
    flows.with_columns(VALUE_IN_EUROS=halved).write_csv(folder / "COMEXT2025" / file.name)
    [seen] = detect_editions(source, settings.raw, settings.drop)
    pin = fetch_candidate(source, seen, settings.raw, settings.drop)
    assert pin.state == "trial", pin.reason
    warned = pin.compared["warned"]
    assert isinstance(warned, list)
    [steps] = [line for line in warned if "figures_look_as_usual" in line]
    place = "lake/eurostat_comext/cn8_import: figures_look_as_usual: expected within"
    assert steps.startswith(place)
    assert "COMEXT2025, value_eur: sum" in steps
    assert "first: beyond" in steps
    assert "period 2024" in steps
    assert "\n" not in steps


@pytest.mark.parametrize(
    "mended", [f"{PINK}/mappings/commodities.csv", "reference/country_aliases.csv"]
)
def test_what_was_refused_is_tried_again_once_a_list_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: str
) -> None:
    """Refusals name lists of the source and of `reference/`; the docs say that the edition is then taken in by itself."""
    root, drop = tmp_path / "sources", tmp_path / "drop"
    for folder in (PINK, "reference"):
        shutil.copytree(catalog.SOURCES_ROOT / folder, root / folder)
    drop.mkdir()
    (drop / "CMO2026-04.yml").touch()
    source = load_source(PINK)
    monkeypatch.setattr(catalog, "SOURCES_ROOT", root)
    [refused] = detect._dropped(source, drop)
    with (root / mended).open("a", encoding="utf-8") as handle:
        handle.write("Kyrgyz Rep.,KGZ\n")
    # A deployment starts the process anew.
    detect.code_fingerprint.cache_clear()
    [again] = detect._dropped(source, drop)
    detect.code_fingerprint.cache_clear()
    assert again.fingerprint != refused.fingerprint


def test_the_description_of_the_docs_is_one() -> None:
    text = (PROJECT_ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    content = yaml.safe_load(shown)
    for file in content["files"]:
        file["sha256"] = "0" * 64
    described = Edition.model_validate(content)
    like = load_source("iea_critical_minerals").editions[0].files[0]
    assert (described.files[0].table, described.files[0].layout) == (like.table, like.layout)


def test_a_look_for_editions_never_waits(live: Mirror) -> None:
    source, settings = load_source("cepii_baci"), load_settings()
    assert source.live is not None
    assert source.live.new_editions is not None
    page = source.live.new_editions.page or ""
    live.put(page, Answer(b"", "text/html"))
    for fault in (DOWN, Fault(status=429, headers={"Retry-After": "250"})):
        live.fail(page, fault, fault)
        with pytest.raises(FetchError) as told:
            detect_editions(source, settings.raw, settings.drop)
        assert told.value.is_transient
        live.mend()


def test_a_look_has_one_limit_for_the_whole(live: Mirror) -> None:
    source, settings = load_source("cepii_baci"), load_settings()
    assert source.live is not None
    assert source.live.new_editions is not None
    page = source.live.new_editions.page or ""
    live.put(page, Answer(b"BACI" * 100_000, "text/html"))
    # Before a request, and within a body that trickles.
    live.fail(page, always=Fault(drip_seconds=0.1))
    for seconds in (0.0, 0.3):
        retry_policy = replace(LOOK, whole_seconds=seconds, sleep=lambda _: None)
        with pytest.raises(FetchError, match="takes too long") as told:
            detect_editions(source, settings.raw, settings.drop, retry_policy=retry_policy)
        assert told.value.is_transient
    assert LOOK.whole_seconds + LOOK.connect_seconds + LOOK.read_seconds <= 60


def test_a_dropped_file_is_read_once_while_it_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, read = load_source(PINK), list[Path]()
    (tmp_path / f"{source.editions[-1].edition}.yml").touch()
    (tmp_path / SHEET).write_bytes(b"one")

    def counted(path: Path) -> str:
        read.append(path)
        return sha256_of(path)

    monkeypatch.setattr(detect, "sha256_of", counted)
    for _ in range(3):
        assert len(list(detect._dropped(source, tmp_path))) == 1
    assert len(read) == 1
    (tmp_path / SHEET).write_bytes(b"three")
    assert len(list(detect._dropped(source, tmp_path))) == 1
    assert len(read) == 2


def prices(**editions: dict[str, float]) -> dict[str, pl.DataFrame]:
    """Prices of January by edition and mineral."""
    rows = [
        {"edition": edition, "mineral_id": mineral, "price_usd_per_tonne": value}
        for edition, values in editions.items()
        for mineral, value in values.items()
    ]
    same = {"stage": "refined", "form": "metal", "price_month": dt.date(2026, 1, 1)}
    return {"commodity_price": pl.DataFrame([{**row, **same} for row in rows])}


def test_an_edition_is_compared_by_rows_coverage_magnitude_and_largest_changes() -> None:
    schemas = {"commodity_price": reader_of(PINK).lake["commodity_price"]}
    old = {"copper": 10_000.0, "nickel": 20_000.0, "tin": 30_000.0}
    new = {"copper": 10_000.0, "nickel": 5_000.0, "zinc": 1.0}
    tables = prices(A=old, B=new)
    told = compare(schemas, tables, tables, ("A", "B"), load_source(PINK))
    assert told.rows == {"commodity_price": (3, 3)}
    # Folds 1 and 4: in the middle 2.5, beyond the bound of 2. Tin is lost, a third of the series.
    magnitude, coverage = told.outcomes.values()
    assert magnitude.numbers == {"middle_fold": 2.5}
    assert (magnitude.passed, magnitude.severity) == (False, "stop")
    assert coverage.numbers == {"worst_loss_share": pytest.approx(1 / 3), "series_lost": 1}
    assert (coverage.passed, coverage.severity) == (False, "stop")
    # Of tin and zinc all moved, of nickel three quarters; copper did not, and is not told.
    listed = [(str(c["what"]).split()[0], c["before"], c["after"], c["fold"]) for c in told.changes]
    assert listed == [
        ("tin", 30_000, None, None),
        ("zinc", None, 1, None),
        ("nickel", 20_000, 5_000, 4),
    ]


def test_what_is_gone_hides_no_slip_of_units_and_no_slip_what_is_gone() -> None:
    """Places of the list, of ten: with lost and slipped figures in plenty five each, else what there is."""
    schemas = {"commodity_price": reader_of(PINK).lake["commodity_price"]}
    for lost, slipped, places in (
        (12, 12, (5, 5)),
        (12, 1, (9, 1)),
        (2, 12, (2, 8)),
        (1, 1, (1, 1)),
    ):
        gone = {f"gone_{number}": 500_000.0 for number in range(lost)}
        old = {f"slip_{number}": 10.0 for number in range(slipped)}
        new = {mineral: value * 1000 for mineral, value in old.items()}
        tables = prices(A=old | gone, B=new)
        told = compare(schemas, tables, tables, ("A", "B"), load_source(PINK)).changes
        words = [str(change["what"]).partition("_")[0] for change in told]
        assert (words.count("gone"), words.count("slip")) == places


def test_a_figure_that_became_zero_is_told_and_a_table_of_zeros_stops() -> None:
    schemas = {"commodity_price": reader_of(PINK).lake["commodity_price"]}
    old = {"copper": 10_000.0, "nickel": 20_000.0, "tin": 30_000.0}
    for zeros, passes in ((["tin"], True), (["tin", "nickel"], False)):
        tables = prices(A=old, B=old | dict.fromkeys(zeros, 0.0))
        told = compare(schemas, tables, tables, ("A", "B"), load_source(PINK))
        assert [outcome.passed for outcome in told.outcomes.values()] == [passes, True]
        assert {str(change["what"]).split()[0] for change in told.changes} == set(zeros)


@pytest.mark.parametrize(
    ("edition", "other"),
    [
        ("MCS2026", "MCS2025"),
        ("MCS2025", ""),
        ("API2023_20261126", "API2023_20260301"),
        ("API2024_20261126", ""),
    ],
)
def test_an_edition_is_compared_with_the_one_before_of_its_kind(edition: str, other: str) -> None:
    names = ["MCS2025", "API2023_20260301", "API2023_20261126", "API2024_20261126"]
    if edition == "MCS2026":
        names = ["MCS2025", "MCS2026"]
    assert edition_before(names, edition) == other


def test_one_revised_figure_is_no_slip_of_units() -> None:
    schemas = {"commodity_price": reader_of(PINK).lake["commodity_price"]}
    old = {"copper": 10_000.0, "nickel": 20_000.0, "tin": 30_000.0}
    for change, passes in ((1, True), (1000, False)):
        new = {mineral: value * change for mineral, value in old.items()} | {"tin": 90_000.0}
        tables = prices(A=old, B=new)
        outcomes = compare(schemas, tables, tables, ("A", "B"), load_source(PINK)).outcomes
        assert [outcome.passed for outcome in outcomes.values()] == [passes, True]
