"""UN Comtrade by month: imports of all reporters pulled from the mirror, read and tidied beside the years."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import yaml
from declared_rows import NOTHING

from sources.reading.catalog import Edition, Source, load_source
from sources.reading.errors import FetchError, SourceError
from sources.reading.open_file import Tables
from sources.reference.labels import reference_list
from sources.un_comtrade.pulled import ApiByMonth
from sources.un_comtrade.reader import READER
from tests.mirror import comtrade
from tests.mirror.comtrade import part_of, row
from tests.mirror.server import Mirror, running

GRAPHITE = "250410"
MONTH = [
    # Germany buys from China and from all of the world, Japan from China; China's sales are not asked.
    row("276", "156", GRAPHITE, "202405", "M", value=100.0),
    row("276", "0", GRAPHITE, "202405", "M", value=100.0),
    row("392", "156", GRAPHITE, "202405", "M", value=50.0),
    row("156", "276", GRAPHITE, "202405", "X", value=90.0),
    row("276", "156", GRAPHITE, "202404", "M", value=7.0),
    row("276", "156", GRAPHITE, "2024", "M", value=999.0),
]


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    with running({comtrade.HOST}, tmp_path) as (server, environment):
        for name, value in {**environment, "COMTRADE_API_KEY": comtrade.KEY}.items():
            monkeypatch.setenv(name, value)
        comtrade.publish(server, MONTH, preview_rows=500, keyed_rows=100_000)
        yield server


def pulled(folder: Path) -> tuple[Source, Edition, bytes]:
    """The edition that a pull of May 2024 becomes, and its file."""
    said = ApiByMonth().pull("2024-05", folder / "raw", folder / "drop")
    assert "described as M202405_" in said
    [description] = (folder / "drop" / "un_comtrade").glob("M202405_*.yml")
    content = yaml.safe_load(description.read_text(encoding="utf-8"))
    [file] = content["files"]
    edition = Edition.model_validate({**content, "files": [{**file, "sha256": "0" * 64}]})
    held = description.with_suffix("") / Path(file["path"]).name
    return load_source("un_comtrade").with_editions([edition]), edition, held.read_bytes()


def read(folder: Path) -> tuple[Source, Tables]:
    source, edition, content = pulled(folder)
    return source, {**NOTHING, **READER.read_file(source, edition, edition.files[0], content)}


def test_a_month_is_its_imports_and_stands_beside_the_years(mirror: Mirror, tmp_path: Path) -> None:
    source, published = read(tmp_path)
    [asked] = mirror.requests(f"https://{comtrade.HOST}/data/v1/get/C/M/HS")
    assert (asked.query["period"], asked.query["flowCode"]) == ("202405", "M")
    lake = READER.tidy(READER.checked(published), source)
    assert lake["declaration"].is_empty()
    found = lake["month_trade"].select(
        "reporter_iso3", "partner_iso3", "hs_code", "reference_year", "reference_month", "value",
        "quantity_tonnes_gross", "currency",
    )  # fmt: skip
    assert sorted(found.rows()) == [
        ("DEU", "CHN", GRAPHITE, 2024, 5, 100.0, 0.01, "USD"),
        ("JPN", "CHN", GRAPHITE, 2024, 5, 50.0, 0.005, "USD"),
    ]
    assert lake["not_used"]["file_rows"].sum() == 1


def test_a_partner_that_is_not_told_may_be_any_country(mirror: Mirror, tmp_path: Path) -> None:
    """Areas and special categories hide a country; ships' stores and the World's row do not."""
    areas = [row("276", area, GRAPHITE, "202405", "M", value=8.0) for area in ("899", "839", "837")]
    comtrade.publish(mirror, [*MONTH, *areas], preview_rows=500, keyed_rows=100_000)
    source, published = read(tmp_path)
    lake = READER.tidy(READER.checked(published), source)
    found = lake["secret_trade"].select(
        "reporter_iso3", "partner_iso3", "partner_label", "visible_digits", "hidden", "reference_year",
        "reference_month", "file_rows",
    )  # fmt: skip
    assert found.rows() == [
        ("DEU", None, "839", GRAPHITE, "partner", 2024, 5, 1),
        ("DEU", None, "899", GRAPHITE, "partner", 2024, 5, 1),
    ]
    assert lake["not_used"]["file_rows"].sum() == 4


def test_a_weight_that_comtrade_estimated_says_so(mirror: Mirror, tmp_path: Path) -> None:
    estimated = {**MONTH[0], "isNetWgtEstimated": True}
    comtrade.publish(mirror, [estimated, MONTH[2]], preview_rows=500, keyed_rows=100_000)
    source, published = read(tmp_path)
    months = READER.tidy(READER.checked(published), source)["month_trade"]
    found = dict(months.select("reporter_iso3", "is_quantity_estimated").rows())
    assert found == {"DEU": True, "JPN": None}


def test_a_month_that_nobody_declared_yet_is_no_empty_month(mirror: Mirror, tmp_path: Path) -> None:
    comtrade.publish(mirror, MONTH[4:], preview_rows=500, keyed_rows=100_000)
    with pytest.raises(FetchError, match="nobody declared what was asked for") as caught:
        pulled(tmp_path)
    assert caught.value.is_transient
    assert comtrade.KEY not in str(caught.value)


@pytest.mark.parametrize("changed", [{"refMonth": 4}, {"refYear": 2023}])
def test_a_row_that_contradicts_its_month_is_refused(
    mirror: Mirror, tmp_path: Path, changed: dict[str, int]
) -> None:
    rows = [{**MONTH[0], **changed}, MONTH[2]]
    comtrade.publish(mirror, rows, preview_rows=500, keyed_rows=100_000)
    with pytest.raises(FetchError, match="contradict their period"):
        pulled(tmp_path)


def test_a_total_that_comes_twice_with_another_value_is_refused(
    mirror: Mirror, tmp_path: Path
) -> None:
    doubled = {**MONTH[0], "primaryValue": 101.0}
    comtrade.publish(mirror, [*MONTH, doubled], preview_rows=500, keyed_rows=100_000)
    source, published = read(tmp_path)
    with pytest.raises(SourceError, match="two totals of one key contradict each other"):
        READER.tidy(published, source)


def test_parts_of_a_total_are_not_asked_for(mirror: Mirror, tmp_path: Path) -> None:
    comtrade.publish(mirror, [*MONTH, part_of(MONTH[0])], preview_rows=500, keyed_rows=100_000)
    _, published = read(tmp_path)
    assert published["month_declaration"].height == 3


def test_a_file_of_two_months_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    source, edition, content = pulled(tmp_path)
    path = tmp_path / "two.parquet"
    path.write_bytes(content)
    two = pl.read_parquet(path)
    pl.concat([two, two.with_columns(period=pl.lit("202406"))]).write_parquet(path)
    with pytest.raises(SourceError, match="a pull is of one month"):
        READER.read_file(source, edition, edition.files[0], path.read_bytes())


def test_a_pull_says_nothing_of_lines_that_came_into_the_list_later(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, published = read(tmp_path)
    assert READER.tidy(READER.checked(published), source)["line_not_asked"].is_empty()
    grown = pl.DataFrame({"hs6": [*reference_list("hs_lines")["hs6"], "999999"]})
    monkeypatch.setattr("sources.reference.asked.reference_list", lambda _: grown)
    not_asked = READER.tidy(published, source)["line_not_asked"]
    assert not_asked["hs6"].to_list() == ["999999"]
