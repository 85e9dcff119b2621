"""The atlas in a headless browser, from disk: choose, switch, hover, copy, reload, by mouse and by keyboard."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, BrowserContext

from dagster_project.publishing.release_files import DATABASE, LOOKED_UP
from tests.integration._watched import MISPLACED, Watched

pytestmark = pytest.mark.slow
DRAWN_SECONDS = 1
ROUNDING = 1.0e-5
# What a test shows: countries and blocs, with and without answers, every stage that trade has.
CHOICES = (
    "importer=USA&mineral=rare_earths&stage=refined&year=2024",
    "importer=EU27&mineral=cobalt&stage=refined&year=2023&by=tonnes",
    "importer=MEETING_2026_01_12&mineral=metal_magnets&stage=product&year=2024",
    "importer=JPN&mineral=gallium&stage=refined&year=2010",
    "importer=CHN_HKG&mineral=nickel&stage=mine&year=2023&by=tonnes&map=production",
    "importer=EU27&mineral=gallium&stage=refined&year=2024&on=2023-12-01&asof=claim_date",
    # Where trade refuses and a publisher knows: a mean of four years, and one of 2016 to 2020.
    "importer=USA&mineral=gallium&stage=refined&year=2024",
    "importer=EU27&mineral=arsenic&stage=intermediate&year=2024",
    # A publisher gives bounds: "more than 99%".
    "importer=USA&mineral=strontium&stage=mine&year=2024",
    # Their data lie beside the page.
    "importer=NLD&mineral=cobalt&stage=refined&year=2022",
    "importer=MYS&mineral=tin&stage=mine&year=2018&by=tonnes",
)


def test_charts_are_there_in_a_second(watched: Watched, address: str) -> None:
    """Of the page's own time, of which others on the machine take nothing: to read the data and draw all charts."""
    session = watched.page.context.new_cdp_session(watched.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page = watched.open(address)
    counted = session.send("Performance.getMetrics")["metrics"]
    own = {metric["name"]: metric["value"] for metric in counted}
    assert page.locator("#overtime svg circle").count() > 50
    assert 0.1 < own["TaskDuration"] < DRAWN_SECONDS
    # What is seen first is drawn first.
    first, drawn = (
        page.evaluate(f"performance.getEntriesByName('{mark}')[0].startTime")
        for mark in ("first", "drawn")
    )
    assert first < drawn


def test_controls_change_the_page_and_the_address_keeps_it(watched: Watched, address: str) -> None:
    page = watched.open(address)
    page.select_option("#importer", "EU27")
    page.select_option("#mineral", "cobalt")
    page.locator("#by label", has_text="tonnes").click()
    page.locator("#year").fill("2023")
    page.locator("#map .segments label", has_text="Refined in").click()
    headline = page.locator("#headline").inner_text()
    assert "EU27 · Cobalt · Refining · 2023" in headline
    assert "by tonnes" in headline
    kept = page.url
    for part in (
        "importer=EU27",
        "mineral=cobalt",
        "stage=refined",
        "year=2023",
        "by=tonnes",
        "map=refiner",
    ):
        assert part in kept
    again = watched.page
    again.goto("about:blank")
    again.goto(kept)
    again.wait_for_selector("html[data-drawn]")
    assert again.locator("#headline").inner_text() == headline
    assert again.locator("#map input:checked").input_value() == "refiner_origin_share"
    again.reload()
    again.wait_for_selector("html[data-drawn]")
    assert again.locator("#headline").inner_text() == headline


def test_it_opens_on_a_ranking_that_leads_to_each_of_its_rows(
    watched: Watched, address: str
) -> None:
    page = watched.open(f"{address}#importer=JPN")
    first = page.locator("#cards .card").first
    assert first.get_attribute("id") == "ranking"
    rows = first.locator("ol").first.locator("li")
    assert rows.count() == 12
    shares = [
        float(text.rstrip("%⚑⚐").lstrip(">")) for text in rows.locator(".main").all_inner_texts()
    ]
    assert shares[0] == max(shares)
    chosen = rows.nth(3).locator(".name").inner_text()
    rows.nth(3).locator("button").click()
    mineral, _, stage = chosen.rpartition(", ")
    assert f"Japan · {mineral} · {stage}".lower() in page.locator("#headline").inner_text().lower()
    page.locator("#ranking .segments label", has_text="importers").click()
    assert "rank=importers" in page.url
    # Every country of the release, not only the importers that the page draws.
    page.locator("#ranking .more summary").click()
    assert page.locator("#ranking li").count() > 50
    assert page.locator("#ranking li.chosen").count() == 1


def test_every_importer_of_the_release_can_be_chosen(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    page = watched.open(address)
    offered = page.locator("#importer option").evaluate_all("all => all.map((one) => one.value)")
    known = release.execute("select distinct importer_id from marts.mart_headline").fetchall()
    assert sorted(offered) == sorted(code for (code,) in known)
    assert not any("/atlas/" in url for url in watched.requests), (
        "what is in the page is not loaded"
    )
    page.select_option("#importer", "NLD")
    page.wait_for_selector("#headline:has-text('the Netherlands imported')")
    page.select_option("#importer", "ESH")
    page.wait_for_selector("#headline:has-text('Western Sahara')")
    assert page.locator("#overtime .reason code").inner_text() == "importer_not_in_series"


def test_data_that_are_not_there_or_of_another_release_are_refused(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    """A page that was passed on alone keeps the importers inside it, and says what it lacks."""
    folder = Path(address.removeprefix("file://")).parent
    shutil.copy(folder / "atlas.html", tmp_path)
    (tmp_path / "atlas").mkdir()
    text = (folder / "atlas" / "NLD.js").read_text(encoding="utf-8")
    digest = json.loads(text.removeprefix("atlasHold(").removesuffix(")"))["NLD"][0]
    (tmp_path / "atlas" / "NLD.js").write_text(text.replace(digest, "0" * 8), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "atlas.html").as_uri() + "#importer=NLD")
    page.wait_for_selector("html[data-drawn]")
    assert "is of another release" in page.locator("#headline").inner_text()
    assert page.locator(".card").count() == 0, "nobody else's figures are left"
    page.select_option("#importer", "BEL")
    page.wait_for_selector("#headline:has-text('atlas/BEL.js')")
    page.select_option("#importer", "JPN")
    page.wait_for_selector("#overtime svg circle")
    page.close()


def test_address_of_another_day_still_opens(watched: Watched, address: str) -> None:
    page = watched.open(
        f"{address}#importer=NOBODY&mineral=unobtainium&stage=none&year=1066&by=weight"
    )
    assert page.locator("#headline .figure").count() == 1


def test_hover_shows_the_passport_and_press_gives_the_sql(
    watched: Watched, context: BrowserContext, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = watched.open(address)
    point = page.locator("#suppliers .figure").first
    point.hover()
    tip = page.locator("#tip").inner_text()
    assert "BACI" in tip
    assert point.inner_text().rstrip("⚑⚐").strip() in tip
    point.click()
    panel = page.locator("#passport")
    for part in ("Source", "Edition", "aveats", "Credit line", "Licence", "select value_share"):
        assert part in panel.inner_text()
    panel.locator(".copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == panel.locator("pre").inner_text()
    with page.expect_popup() as opened:
        panel.locator("a[href='methods.html#import_dependency']").click()
    assert opened.value.locator("#import_dependency h2").is_visible()
    (share, *_) = release.execute(copied).fetchall()[0]
    assert f"{share:.1%}" == panel.locator(".big").inner_text()
    page.keyboard.press("Escape")
    assert panel.is_hidden()


def test_what_a_publisher_bounds_is_a_range(watched: Watched, address: str) -> None:
    page = watched.open(f"{address}#importer=USA&mineral=strontium&stage=mine&year=2024")
    assert "Mexico supplied 99.0% to 100%" in page.locator("#headline").inner_text().replace(
        "⚐", ""
    )
    row = page.locator("#suppliers .rows li", has_text="Mexico")
    assert row.locator(".bar .range").count() == 1
    assert row.locator(".figure").count() == 2


def test_null_shows_its_reason(watched: Watched, address: str) -> None:
    page = watched.open(f"{address}#{CHOICES[3]}")
    for card in ("#overtime", "#suppliers", "#flow", "#views"):
        assert "only_mixed_lines" in page.locator(card).inner_text()
    assert page.locator("#overtime svg").count() == 0, "no empty chart"
    page.locator("#suppliers .link").first.click()
    assert "Minor metals" in page.locator("#headline").inner_text()


def test_keyboard_reaches_controls_and_figures(watched: Watched, address: str) -> None:
    page = watched.open(address)
    seen: list[str] = []
    for _ in range(16):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.name || document.activeElement.className.baseVal"
                " || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert {"theme", "importer", "mineral", "stage", "year", "by"} <= set(seen)
    page.locator("#overtime circle[tabindex], #overtime [tabindex='0']").first.focus()
    before = page.evaluate("document.activeElement.dataset.figure")
    page.keyboard.press("ArrowRight")
    after = page.evaluate("document.activeElement.dataset.figure")
    assert after
    assert after != before
    page.keyboard.press("Enter")
    assert page.locator("#passport").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.figure") == after
    page.keyboard.press("Enter")
    page.locator("#theme").focus()
    assert page.locator("#passport").is_hidden(), "it would cover what has the focus"
    page.locator("#map input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == "refiner_origin_share", "focus kept"


def test_light_and_dark_wide_and_narrow(browser: Browser, address: str) -> None:
    grounds = {}
    switched = ""
    for scheme in ("light", "dark"):
        for width in (360, 1600):
            context = browser.new_context(
                viewport={"width": width, "height": 800},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            # Tin has had another seller nearly every year: names with the year a line ends in.
            choice = "" if scheme == "light" else "#importer=JPN&mineral=tin&stage=mine&year=2024"
            page = Watched(context.new_page()).open(address + choice)
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{scheme}, {width}: {overflow} px wider than the window"
            assert page.evaluate(MISPLACED) == []
            grounds[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
            if (scheme, width) == ("light", 1600):
                for _ in range(2):
                    page.locator("#theme").click()
                assert page.locator("html").get_attribute("data-theme") == "dark"
                page.reload()
                page.wait_for_selector("html[data-drawn]")
                switched = page.evaluate("getComputedStyle(document.body).backgroundColor")
            context.close()
    assert grounds["light"] != grounds["dark"] == switched


def test_on_paper_the_choice_the_sources_and_the_flags_are_there(
    watched: Watched, address: str
) -> None:
    """And nothing that only a hand can use; a page with the dark style too is white."""
    page = watched.open(f"{address}#importer=JPN&mineral=rare_earths&stage=refined&year=2024")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    for gone in ("#choice", "#theme", "#overtime .copy", "#views select"):
        assert page.locator(gone).first.is_hidden(), gone
    assert "rare earths that Japan imported in 2024" in page.locator("#headline").inner_text()
    assert "importer=JPN&mineral=rare_earths" in page.locator("#address").inner_text()
    for card, source in (("overtime", "BACI202601"), ("flow", "GCMO2025"), ("map", "BACI202601")):
        foot = page.locator(f"#{card} .foot").inner_text()
        assert source in foot
        assert "The customs line holds several metals." in foot
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)"


def test_without_scripts_it_says_where_the_figures_are(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert "critical_minerals.duckdb" in page.locator("main").inner_text()
    assert page.locator("#choice").is_hidden()
    context.close()


def test_another_year_and_another_mineral_are_announced(watched: Watched, address: str) -> None:
    """Views begin in 2023; China's licence of 2023 names natural graphite, which is not the mineral graphite."""
    page = watched.open(f"{address}#importer=DEU&mineral=magnesium&stage=refined&year=2022")
    hhi = page.locator("#concentration li:not(.head) .cell:last-child .figure").first.inner_text()
    assert hhi[:2] in {"0.", "1."}, "an index, no share"
    for card in ("#stats", "#views", "#flow"):
        assert "2024 (2022 is not held)" in page.locator(card).inner_text()
    # The EU study has one edition: no year before comes from another. Magnesium of USGS does in 2022.
    rows = page.locator("#concentration li")
    assert rows.filter(has_text="EU study").locator(".flag").count() == 0
    assert rows.filter(has_text="USGS").locator(".flag").count() > 0
    page.select_option("#mineral", "graphite")
    controls = page.locator("#controls").inner_text()
    assert "China: licence needed for natural flake graphite" in controls
    page.locator("#hint .link", has_text="Natural graphite").click()
    assert "Natural graphite · Mining" in page.locator("#headline").inner_text()


def _shown(watched: Watched, address: str, choice: str) -> list[dict[str, Any]]:
    page = watched.open(f"{address}#{choice}")
    page.evaluate(
        "for (const claim of document.querySelectorAll('details.claim')) claim.open = true"
    )
    page.wait_for_timeout(200)
    return json.loads(page.evaluate("JSON.stringify(window.atlas.shown())"))


def _held(database: Path, queries: list[str]) -> duckdb.DuckDBPyConnection:
    """The marts; of the view that most are asked, whoever is asked of as a table: else each question computes it."""
    asked = sorted(set(re.findall(r"importer_id = '(\w+)'", " ".join(queries))))
    connection = duckdb.connect()
    connection.execute(f"attach '{database}' as release (read_only)")
    connection.execute("create schema marts")
    for (mart,) in connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = 'release' and table_schema = 'marts'"
    ).fetchall():
        if mart == LOOKED_UP:
            connection.execute(
                f"create table marts.{mart} as from release.marts.{mart} where importer_id in {(*asked,)}"
            )
        else:
            connection.execute(f"create view marts.{mart} as from release.marts.{mart}")
    return connection


def _answers(release: duckdb.DuckDBPyConnection, queries: list[str]) -> list[tuple[Any, ...]]:
    """Rows, rows with a figure, smallest and largest figure of each query; a hundred at once."""
    answers: list[tuple[Any, ...]] = []
    for start in range(0, len(queries), 100):
        parts = [
            f"select {index}, count(*), count(figure), min(figure), max(figure) "
            f"from ({query.removesuffix(';')}) as shown(figure)"
            for index, query in enumerate(queries[start : start + 100])
        ]
        found = release.execute(" union all ".join(parts) + " order by 1").fetchall()
        answers += [row[1:] for row in found]
    return answers


def test_every_figure_shown_is_what_its_sql_gives(
    watched: Watched, address: str, data: Path
) -> None:
    """At least 500 figures of all kinds; one without a value has a reason, and its SQL only nulls."""
    figures: dict[str, dict[str, Any]] = {}
    for choice in CHOICES:
        # A page of its own: the address alone would not draw anew.
        watched.page.goto("about:blank")
        figures |= {figure["sql"]: figure for figure in _shown(watched, address, choice)}
    with _held(data / "published" / "current" / DATABASE, list(figures)) as release:
        answers = _answers(release, list(figures))
    tonnes = {sql for sql in figures if "select quantity_share_before_high" in sql}
    assert any(figures[sql]["value"] for sql in tonnes), "no exposure by tonnes is drawn"
    nulls = 0
    for (sql, figure), (rows, known, low, high) in zip(figures.items(), answers, strict=True):
        about = (figure["label"], sql, low, high)
        assert rows > 0, about
        if figure["value"] is None:
            nulls += 1
            assert known == 0, about
            assert figure["reason"], about
        else:
            assert known == rows, about
            assert low == high, about
            assert abs(low - figure["value"]) <= ROUNDING * max(1, abs(low)), about
            # Our own thresholds have a file, no publisher.
            is_ours = "marts.mart_assumption" in sql
            assert is_ours or (figure["source"] and figure["edition"]), about
    assert len(figures) >= 500
    assert nulls >= 20


def test_every_mineral_and_importer_draws(watched: Watched, address: str) -> None:
    """Each mineral for an importer in turn, in a year in turn: a chart or a reason, never an error."""
    page = watched.open(address)
    bare = page.evaluate(
        """async () => {
            const values = (id) => [...document.querySelectorAll(`#${id} option`)].map((option) => option.value);
            const [minerals, importers] = [values('mineral'), values('importer')];
            const bare = [];
            for (const [index, mineral] of minerals.entries()) {
                const importer = importers[index % importers.length];
                const drawn = document.documentElement.dataset.drawn;
                location.hash = `importer=${importer}&mineral=${mineral}&year=${1996 + index % 29}`;
                while (document.documentElement.dataset.drawn === drawn) await new Promise(requestAnimationFrame);
                for (const card of document.querySelectorAll('.card')) {
                    if (!card.querySelector('[data-figure], .reason, .control, details, .sources')) bare.push(`${location.hash} ${card.id}`);
                }
            }
            return minerals.length > 40 ? bare : ['too few minerals'];
        }"""
    )
    assert bare == []
