"""What the atlas answers: every mineral, on which basis, of which lines, for whom it is no reliance; and what it is saved as."""

from pathlib import Path

import duckdb
import pytest

from tests.integration._watched import Watched, download

pytestmark = pytest.mark.slow
CHOICE = "importer=JPN&mineral=rare_earths&stage=refined&year=2024"


def test_every_mineral_and_stage_of_the_release_can_be_chosen(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """Also those without a pool of trade, and those that nothing of the release tells of: these say why."""
    page = watched.open(address)
    offered = page.locator("#mineral option").evaluate_all("all => all.map((one) => one.value)")
    known = release.execute(
        "select mineral_id from marts.dim_mineral union select mineral_id from marts.mart_import_dependency "
        "union select mineral_id from marts.mart_headline"
    ).fetchall()
    assert sorted(offered) == sorted(mineral for (mineral,) in known)
    stages = release.execute(
        "select mineral_id, list(distinct stage) from marts.mart_headline group by mineral_id"
    ).fetchall()
    closed = page.evaluate(
        """async (asked) => {
            const closed = [];
            for (const [mineral, stages] of asked) {
                const drawn = document.documentElement.dataset.drawn;
                location.hash = `importer=EU27&mineral=${mineral}&stage=${stages[0]}&year=2024`;
                while (document.documentElement.dataset.drawn === drawn) await new Promise(requestAnimationFrame);
                for (const stage of stages) if (document.querySelector(`input[name=stage][value=${stage}]`)?.disabled ?? true) closed.push([mineral, stage]);
            }
            return closed;
        }""",
        [list(row) for row in stages],
    )
    assert closed == []
    page.evaluate("location.hash = 'importer=USA&mineral=uranium&stage=refined&year=2024'")
    page.wait_for_selector("#headline:has-text('No customs line of its own')")
    [(leader, share)] = release.execute(
        "select leading_origin_name, leading_share from marts.mart_headline "
        "where importer_id = 'EU27' and mineral_id = 'heavy_rare_earths' and stage = 'refined'"
    ).fetchall()
    page.evaluate(
        "location.hash = 'importer=EU27&mineral=heavy_rare_earths&stage=refined&year=2024'"
    )
    page.wait_for_selector(f"#headline:has-text('{leader} supplied {share:.1%}')")
    assert "Comext" in page.locator("#headline").inner_text()


def test_a_share_of_some_lines_says_so(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """And where the lines that lack could change the leader, as `mart_headline` judges, that is said, too."""
    rows = release.execute(
        """
        select mineral_id, stage, coalesce(quality_flags like '%leader_of_lines_held%', false),
            coalesce(quality_flags like '%lines_missing%', false)
        from marts.mart_headline
        where importer_id = 'JPN' and reference_year = 2024 and evidence_kind = 'current_series'
            and (mineral_id, stage) in (('boron', 'mine'), ('tungsten', 'refined'), ('cobalt', 'refined'))
        order by mineral_id
        """
    ).fetchall()
    assert {row[2:] for row in rows} == {(True, True), (False, True), (False, False)}
    for mineral, stage, is_unsure, is_part in rows:
        watched.page.goto("about:blank")
        page = watched.open(f"{address}#importer=JPN&mineral={mineral}&stage={stage}&year=2024")
        said = page.locator("#headline").inner_text()
        assert ("of the lines held" in said) is is_part, mineral
        assert ("another country the leader" in said) is is_unsure, mineral


def test_a_ranking_says_who_needs_no_import(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """The US sells beryllium net: no level, behind what it needs; of lead ore it sells more than it buys."""
    page = watched.open(f"{address}#importer=USA&mineral=rare_earths&stage=refined&year=2024")
    page.locator("#ranking .more summary").click()
    assert "by concentration of imports" in page.locator("#ranking h2").inner_text()
    told = {
        row.locator(".name").inner_text(): row.locator(".own").inner_text()
        for row in page.locator("#ranking li:has(.own)").all()
    }
    known = release.execute(
        "select mineral_name, stage_name, is_net_exporter, net_import_reliance_share_lower, "
        "export_value_usd > import_value_usd from marts.mart_vulnerability inner join marts.dim_stage using (stage) "
        "where importer_id = 'USA' and mineral_rank is not null"
    ).fetchall()
    for mineral, stage, is_exporter, lower, sells_more in known:
        said = told.pop(f"{mineral}, {stage.lower()}", "")
        words = (
            "net exporter (USGS"
            if is_exporter
            else "of use (USGS"
            if lower is not None
            else "sells more of it than it buys"
            if sells_more
            else ""
        )
        assert words in said, (mineral, stage, said)
        assert bool(words) is bool(said), (mineral, stage, said)
    assert told == {}
    assert sum(bool(is_exporter) for *_, is_exporter, _, _ in known) >= 4
    levels = page.locator("#ranking li", has_text="net exporter").locator(".chip").all_inner_texts()
    assert set(levels) == {"no level"}


def test_one_choice_tells_one_story_on_all_its_cards(watched: Watched, address: str) -> None:
    """Gallium: a share on another basis stands with its basis, and no card says that there is none."""
    page = watched.open(f"{address}#importer=DEU&mineral=gallium&stage=refined&year=2024")
    share = page.locator("#headline .figure").first.inner_text().rstrip("⚑⚐")
    tile = page.locator("#stats .stat", has_text="Sold by China").first
    assert tile.locator(".figure").inner_text().rstrip("⚑⚐") == share
    watched.page.goto("about:blank")
    page = watched.open(f"{address}#importer=USA&mineral=gallium&stage=refined&year=2024")
    headline = page.locator("#headline").inner_text()
    assert "supplied" in headline
    assert "USGS, import sources" in headline
    china = page.locator("#stats .stat", has_text="Sold by China").first
    assert china.locator(".figure").inner_text().rstrip("⚑⚐") in headline
    assert "USGS" in china.inner_text()
    compared = (
        page.locator("#compare .compared li", has_text="United States")
        .locator("> span")
        .all_inner_texts()
    )
    assert "Canada (USGS, import sources" in compared[1]
    assert compared[2].rstrip("⚑⚐") == china.locator(".figure").inner_text().rstrip("⚑⚐")


def test_a_leader_without_a_share_by_tonnes_is_named_as_such(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """Its tonnes are published for too little of its value, and are still more than those of any other."""
    leader, share = release.execute(
        """
        select origin_name, quantity_share
        from marts.mart_import_dependency
        where importer_id = 'BIH' and mineral_id = 'rare_earths' and stage = 'refined' and reference_year = 2024
            and series_level = 'mineral_stage' and is_current_series and origin_kind = 'country'
        order by quantity_tonnes_contained desc nulls last
        limit 1
        """
    ).fetchall()[0]
    assert (leader, share) == ("Slovenia", None)
    choice = "importer=BIH&mineral=rare_earths&stage=refined&year=2024"
    page = watched.open(f"{address}#{choice}&by=tonnes")
    headline = page.locator("#headline")
    assert f"{leader} sold the most" in headline.inner_text()
    assert headline.locator(".figure.null").count() == 1
    assert "less than 0.8" in headline.inner_text()
    rows = page.locator("#suppliers .rows li:not(.head)")
    told = rows.locator(".main").all_inner_texts()
    assert any("%" in text for text in told)
    assert rows.filter(has_text=leader).locator(".main.null").count() == 1
    compared = page.locator("#compare .compared li", has_text="Bosnia").inner_text()
    assert leader in compared
    watched.page.goto("about:blank")
    page = watched.open(f"{address}#{choice}&by=value")
    assert "United States sold 40.0%" in page.locator("#headline").inner_text()
    assert watched.complaints == []


def test_what_is_saved_bears_the_name_of_what_it_shows(watched: Watched, address: str) -> None:
    """The ranking shows all minerals of an importer, or all importers of a mineral: not the choice of the others."""
    page = watched.open(f"{address}#{CHOICE}")
    for kind in ("CSV", "PNG", "SVG"):
        saved = download(page, "ranking", kind)
        assert saved.suggested_filename == f"chokepoint_ranking_JPN.{kind.lower()}"
    text = Path(saved.path()).read_text(encoding="utf-8")
    title, footer = "".join(text.split("<title")[1].split("</title>")[0]), text[-2500:]
    for part in (title, footer):
        assert "Japan · All minerals" in part
        assert "Rare earths" not in part
        assert "2024" not in part.split("release")[0]
    page.locator("#ranking .segments label", has_text="importers").click()
    saved = download(page, "ranking", "SVG")
    assert saved.suggested_filename == "chokepoint_ranking_rare_earths_refined.svg"
    text = Path(saved.path()).read_text(encoding="utf-8")
    assert "All countries · Rare earths · Refining" in text.split("</title>")[0]
    assert "Japan" not in text.split("</title>")[0]
    assert download(page, "prices", "CSV").suggested_filename == "chokepoint_prices_rare_earths.csv"
    assert (
        download(page, "suppliers", "CSV").suggested_filename
        == "chokepoint_suppliers_JPN_rare_earths_refined_2024_value.csv"
    )


def test_a_claim_stands_under_what_is_said_of_the_whole_of_it(
    watched: Watched, address: str, release: duckdb.DuckDBPyConnection
) -> None:
    """Most importers moved away from China's rare earths, but not Japan alone; of a tie nothing is settled."""
    whole = release.execute(
        "select distinct verdict from marts.mart_claim_check where claim_id = 'JPN_ACTED_2010' "
        "and as_of_kind = 'today' and party_id is null"
    ).fetchall()
    most = release.execute(
        "select mode(verdict) from marts.mart_claim_check where claim_id = 'JPN_ACTED_2010' "
        "and as_of_kind = 'today'"
    ).fetchall()
    assert (whole, most) == ([("differs",)], [("agrees",)])
    page = watched.open(f"{address}#{CHOICE}&asof=today")
    headed = page.locator("#claims").evaluate(
        """card => {
            const headed = {};
            let heading = null;
            for (const one of card.querySelectorAll('h3, .claimtext')) {
                if (one.tagName === 'H3') heading = one.textContent; else headed[one.textContent] = heading;
            }
            return headed;
        }"""
    )
    [of_japan] = [text for text in headed if text.startswith("Japan took measures")]
    [to_japan] = [text for text in headed if text.startswith("China has begun to restrict")]
    assert headed[of_japan] == "On rare earths: differs"
    assert headed[to_japan] == "On rare earths: cannot be tested"
