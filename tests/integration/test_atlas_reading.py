"""Values of a year by mouse, finger and keys; what can be saved and embedded; grave caveats; a phone."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from dagster_project.publishing.atlas.build import write_atlas
from tests.integration._watched import Watched, download

pytestmark = pytest.mark.slow
ROUNDING = 1.0e-5
CHOICE = "importer=JPN&mineral=rare_earths&stage=refined&year=2024"


def _told(page: Page, year: int) -> dict[str, str]:
    """Names and values of the lines of `year`, as the tip has them."""
    assert page.locator("#tip > b").inner_text() == str(year)
    return {
        row.locator("span").first.inner_text(): row.locator("b, .faint").inner_text().rstrip("⚑⚐")
        for row in page.locator("#tip .yearvalues li").all()
    }


def _shares(release: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    rows = release.execute(
        "select origin_name, value_share from marts.mart_import_dependency where importer_id = 'JPN' "
        "and mineral_id = 'rare_earths' and stage = 'refined' and series_level = 'mineral_stage' "
        "and is_current_series and origin_kind = 'country' and value_share >= 0.001 and reference_year = ?",
        [year],
    ).fetchall()
    return {name: f"{share:.1%}" for name, share in rows}


def test_pointer_and_keys_tell_all_lines_of_a_year(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    page = watched.open(f"{address}#{CHOICE}")
    chart = page.locator("#overtime svg")
    chart.scroll_into_view_if_needed()
    box, (left, right) = (
        chart.bounding_box(),
        page.locator("#overtime .grid").first.evaluate(
            "node => [Number(node.getAttribute('x1')), Number(node.getAttribute('x2'))]"
        ),
    )
    assert box
    page.mouse.move(box["x"] + left + (right - left) * 15 / 29, box["y"] + 20)
    by_mouse, known = _told(page, 2010), _shares(release, 2010)
    assert len(by_mouse) >= 5
    for name, value in by_mouse.items():
        assert value == known.get(name, "no record"), name
    page.mouse.move(5, 5)
    assert page.locator("#tip").is_hidden()
    grip = page.locator("#overtime .grip")
    grip.focus()
    assert grip.get_attribute("aria-valuenow") == "2010", "where the pointer was"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    by_keys, known = _told(page, 1996), _shares(release, 1996)
    assert by_keys
    assert all(value == known.get(name, "no record") for name, value in by_keys.items())
    assert "no record" in by_keys.values(), "a year without a record is no zero"
    assert "1996: " in (grip.get_attribute("aria-valuetext") or "")
    page.keyboard.press("Enter")
    assert "year=1996" in page.url


def test_phone_has_a_sticky_choice_and_no_sideways_scroll(browser: Browser, address: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    watched = Watched(context.new_page())
    page = watched.open(f"{address}#{CHOICE}")
    assert page.locator("#importer").is_hidden()
    page.locator("#overtime").evaluate("node => node.scrollIntoView()")
    assert page.locator("#toggle").bounding_box()["y"] < 20, "in sight"  # type: ignore[index]
    box = page.locator("#overtime svg").bounding_box()
    assert box
    address_before = page.url
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 20)
    page.wait_for_selector("#tip .yearvalues li")
    assert page.url == address_before, "a finger reads; it does not choose"
    page.locator("#toggle").tap()
    page.select_option("#importer", "NLD")
    page.wait_for_selector("#headline:has-text('Netherlands')")
    assert not page.evaluate(
        "[...document.querySelectorAll('.card *')].filter((node) => node.scrollWidth > node.clientWidth + 1"
        " && getComputedStyle(node).overflowX === 'auto').map((node) => node.className)"
    ), "nothing inside a card scrolls sideways"
    for year in (2024, 2010):
        page.evaluate(f"location.hash = 'importer=EU27&mineral=cobalt&stage=refined&year={year}'")
        page.wait_for_selector(f"#headline:has-text('{year}')")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert watched.complaints == []
    context.close()


def test_importers_are_compared_on_one_chart(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """Added and removed by hand, kept in the address; a line each, in figures that are the mart's."""
    page = watched.open(f"{address}#{CHOICE}&with=EU27")
    page.select_option("#compareadd", "VNM")
    page.wait_for_selector("#compare .compared >> text=Vietnam")
    assert "with=EU27%2CVNM" in page.url
    for seen in ("Largest supplier", "HHI of suppliers", "China"):
        page.locator("#compare .segments label", has_text=seen).click()
        assert page.locator("#compare .line").count() == 3, seen
    rows = dict(
        release.execute(
            "select importer_id, value_share from marts.mart_import_dependency where mineral_id = 'rare_earths' "
            "and stage = 'refined' and series_level = 'mineral_stage' and is_current_series "
            "and reference_year = 2024 and origin_id = 'CHN' and importer_id in ('JPN', 'EU27', 'VNM')"
        ).fetchall()
    )
    shown = page.locator("#compare .compared li:not(.head) > span:nth-child(3)").all_inner_texts()
    assert [text.rstrip("⚑⚐") for text in shown] == [
        f"{rows[code]:.1%}" for code in ("JPN", "EU27", "VNM")
    ]
    page.locator("#compare [aria-label='Remove EU27']").click()
    page.wait_for_function("document.querySelectorAll('#compare .line').length === 2")
    page.locator("#compare [aria-label='Remove Vietnam']").click()
    page.reload()
    page.wait_for_selector("html[data-drawn]")
    assert page.locator("#compare .line").count() == 1, "nobody is compared, and that is kept"


def test_prices_outlook_network_and_months_are_drawn_where_they_are_held(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """Their figures are checked with all others; here that a control is a mark, and that no year is made up."""
    page = watched.open(f"{address}#importer=USA&mineral=cobalt&stage=refined&year=2024")
    began = release.execute(
        "select min(valid_from) as began from marts.fct_export_control_slice "
        "where mineral_id = 'cobalt' and status = 'active' group by event_id order by began"
    ).fetchall()
    marks = page.locator("#prices .eventlist li").all_inner_texts()
    assert [text[:10] for text in marks] == [f"{day}" for (day,) in began]
    assert page.locator("#prices .event").count() == len(marks)
    page.locator("#outlook .grip").focus()
    page.keyboard.press("Home")
    seen = [page.locator("#tip > b").inner_text()]
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        seen.append(page.locator("#tip > b").inner_text())
    known = release.execute(
        "select reference_year from marts.fct_demand where mineral_id = 'cobalt' and is_current_edition "
        "union select reference_year from marts.fct_supply_outlook where mineral_id = 'cobalt' "
        "and is_current_edition and geography_kind = 'world'"
    ).fetchall()
    assert sorted(set(seen)) == sorted(str(year) for (year,) in known)
    assert page.locator("#network li").count() == 9
    assert "US$" in page.locator("#yeartodate").inner_text()
    page.select_option("#importer", "JPN")
    page.wait_for_selector("#headline:has-text('Japan')")
    assert page.locator("#yeartodate").count() == 0, "only US months are held"


@pytest.mark.parametrize(
    ("choice", "country", "told"),
    [
        # BACI 2024, 711021: Russia buys of one country, without a weight.
        ("mineral=palladium&stage=refined", "Russia", "Tonnes are published for too little"),
        # Its only exporter buys none.
        ("mineral=cobalt&stage=intermediate", "Congo", "It imports nothing"),
    ],
)
def test_who_buys_without_a_weight_is_not_said_to_buy_nothing(
    watched: Watched, address: str, choice: str, country: str, told: str
) -> None:
    page = watched.open(f"{address}#importer=USA&year=2024&{choice}")
    cells = page.locator(f"#network li:has-text('{country}') .cell")
    said = cells.nth(2).locator(".figure").get_attribute("aria-label")
    assert f"no figure: {told}" in (said or "")


def test_newest_month_is_drawn_where_a_release_holds_months(
    browser: Browser, data: Path, tmp_path: Path
) -> None:
    """The default input holds none, so they are made up: China sold 150 and Japan nothing in January 2025."""
    current = data / "published" / "current"
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        for path in (current / "parquet").glob("*.parquet"):
            connection.execute(
                f"create view marts.{path.stem} as from read_parquet('{path.resolve()}')"
            )
        connection.execute(
            """
            create table made_up as from marts.mart_trade_month where false;
            insert into made_up by name
            select 'USA' as importer_id, 'usgs_mcs' as source_id, 'MCS2026' as edition, '260500' as hs6,
                'cobalt,nickel' as mineral_ids, false as is_mixed_line, 'USD' as currency, *
            from (values
                ('CHN', 2024, 12, 100.0, 1.0, null, null, null, 'month_missing'),
                ('CHN', 2025, 1, 150.0, 0.9615, 0.5, null, null, null),
                ('JPN', 2025, 1, 0.0, 0.0385, null, null, null, 'nothing_a_year_before')
            ) as t(origin_id, reference_year, reference_month, value, value_share_twelve_months,
                change_share, null_reason, trailing_null_reason, change_null_reason);
            create or replace view marts.mart_trade_month as from made_up
            """
        )
        about = json.loads((current / "release.json").read_text(encoding="utf-8"))
        write_atlas(connection, tmp_path / "atlas.html", about)
    page = browser.new_page()
    page.goto((tmp_path / "atlas.html").as_uri() + "#importer=USA&mineral=cobalt&stage=refined")
    page.wait_for_selector("html[data-drawn]")
    rows = [
        [cell.strip() for cell in row.locator("> span").all_inner_texts()]
        for row in page.locator("#months li:not(.head)").all()
    ]
    assert rows == [
        ["China", "US$ 150", "+50.0%", "96.2%"],
        ["Japan", "US$ 0", "no figure", "3.9%"],
    ]
    assert "January 2025" in page.locator("#months h3").inner_text()
    assert "same months of the year before" in page.locator("#months .foot").inner_text()
    page.close()


def _saved(page: Page, card: str, kind: str) -> bytes:
    return Path(download(page, card, kind).path()).read_bytes()


def test_csv_of_a_card_is_what_its_sql_gives(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """A figure that is missing is empty, with its reason, and no zero."""
    page = watched.open(f"{address}#{CHOICE}")
    checked = missing = 0
    for card in ("ranking", "suppliers", "views", "concentration", "controls"):
        text = _saved(page, card, "CSV").decode("utf-8-sig")
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
        assert rows, card
        for row in rows:
            known = {found[0] for found in release.execute(row["sql"]).fetchall()}
            if row["value"]:
                assert len(known) == 1
                assert abs(known.pop() - float(row["value"])) <= ROUNDING
                assert row["source_id"]
                assert row["licence"]
            else:
                assert known == {None}
                assert row["null_reason"]
            checked, missing = checked + 1, missing + (not row["value"])
    assert checked > 100
    assert missing


def test_pictures_have_title_figures_and_source(watched: Watched, address: str) -> None:
    """Text and shapes that any program draws, light also where the page is dark; PNG at twice the size."""
    page = watched.open(f"{address}#{CHOICE}")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    for card in ("overtime", "suppliers", "flow", "map", "claims"):
        root = ElementTree.fromstring(_saved(page, card, "SVG"))
        words = " ".join(
            "".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")
        )
        subject = "Rare earths" if card == "claims" else "Japan · Rare earths"
        for part in (page.locator(f"#{card} h2").inner_text(), subject, "release 20"):
            assert part in words, (card, part)
        assert not [node for node in root.iter() if node.tag.endswith("foreignObject")]
    # What is folded away on the page would lie over the source line of the picture.
    page.evaluate("location.hash = 'importer=USA&mineral=rare_earths&stage=refined'")
    folded = page.locator("#ranking details.more:not([open]) button")
    assert folded.count() > 20
    drawn = "".join(ElementTree.fromstring(_saved(page, "ranking", "SVG")).itertext())
    assert folded.first.evaluate("node => node.textContent") not in drawn
    page.evaluate(f"location.hash = '{CHOICE}'")
    root = ElementTree.fromstring(_saved(page, "suppliers", "SVG"))
    assert "CEPII" in "".join(root.itertext())
    rects = [node for node in root.iter() if node.tag.endswith("rect")]
    assert rects[0].get("fill") == "rgb(255, 255, 255)"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    png = _saved(page, "suppliers", "PNG")
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == pytest.approx(2 * float(root.get("width") or 0), abs=3)


def test_link_shows_one_card_alone(watched: Watched, address: str) -> None:
    for card in ("flow", "suppliers"):
        watched.page.goto("about:blank")
        page = watched.open(f"{address}#{CHOICE}&card={card}&embed=1")
        assert [node.get_attribute("id") for node in page.locator(".card").all()] == [card]
        for gone in (".top", "#choice", "#headline", "#stats", "footer"):
            assert page.locator(gone).is_hidden(), gone
        subject = page.locator(".subject a")
        assert "Japan · Rare earths · Refining · 2024" in subject.inner_text()
        assert "embed" not in (subject.get_attribute("href") or "")
        assert page.locator(f"#{card} .foot").inner_text().startswith("Source")


def test_grave_caveats_stand_apart(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """As `mart_headline` judges: the ranking marks as grave what it calls so, and nothing else."""
    page = watched.open(f"{address}#importer=USA&mineral=tin&stage=mine&year=2024")
    page.locator("#ranking .more summary").click()
    rows = release.execute(
        "select mineral_name, stage_name, is_caveat_grave, main_caveat from marts.mart_vulnerability "
        "inner join marts.dim_stage using (stage) where importer_id = 'USA' and mineral_rank is not null"
    ).fetchall()
    known = {
        f"{mineral}, {stage.lower()}": "⚑" if is_grave else "⚐" if caveat else ""
        for mineral, stage, is_grave, caveat in rows
    }
    shown = {
        row.locator(".name").inner_text(): "".join(
            mark for mark in row.locator(".main").inner_text() if mark in "⚑⚐"
        )
        for row in page.locator("#ranking li").all()
    }
    assert shown == known
    assert set(known.values()) == {"⚑", "⚐", ""}
    foot = page.locator("#ranking .foot")
    assert foot.locator(".grave").inner_text().startswith("⚑ Grave: ")


def test_claims_of_the_mineral_come_first_by_verdict(watched: Watched, address: str) -> None:
    page = watched.open(f"{address}#{CHOICE}")
    heads = page.locator("#claims > h3").all_inner_texts()
    mine = [head for head in heads if head.startswith("On rare earths")]
    assert mine
    assert heads[: len(mine)] == mine
    assert len(set(heads)) == len(heads)
    shown = json.loads(page.evaluate("JSON.stringify(window.atlas.shown())"))
    assert shown
