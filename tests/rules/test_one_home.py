"""What is known as of a day, which edition is current, and what a series is: each is said in one place."""

import csv
import re
from pathlib import Path

import pytest
from house import DBT, said, shown

MODELS = sorted((DBT / "models").rglob("*.sql"))
# A series gets its name where it is made; everywhere else its properties are asked for (seed `trade_series`).
BIRTHPLACES = {"stg_eurostat_comext__imports.sql", "int_trade__classified_flows.sql"}
# Tables that no edition brings out: our own lists, of today whatever day is asked for.
UNDATED = "reference"
DATED_LISTS = {"stg_reference__editions.sql", "stg_reference__export_controls.sql"}

# A claim is judged as of its own date beside today: of what was known by then.
JUDGED_AT_TWO_DATES = {"int_claims__production_verdicts.sql", "int_claims__import_evidence.sql"}
# A date of release compared with the day asked for, or with another.
_CUT = re.compile(r"""var\(\s*['"]as_of['"]\s*\)|\breleased_on\s*(?:<=|>=|<|>)""")
_ORDERED = re.compile(r"order\s+by[^()]*\breleased_on\b(?!\s*,\s*edition\b)", re.IGNORECASE)


def series_ids() -> list[str]:
    with (DBT / "seeds" / "trade_series.csv").open(encoding="utf-8", newline="") as lines:
        return [row["series_id"] for row in csv.DictReader(lines)]


def source_ranks(sql: str) -> list[str]:
    """Orders of sources that are written into a model."""
    return re.findall(r"case\s+(?:when\s+)?(?:\w+\.)?source_id\b[^;]*?\bthen\s+\d", said(sql))


@pytest.mark.parametrize("path", MODELS, ids=shown)
def test_as_of_is_applied_in_one_place(path: Path) -> None:
    if path.name in JUDGED_AT_TWO_DATES:
        return
    assert not _CUT.findall(said(path.read_text(encoding="utf-8"))), (
        "staging is cut by `known_by_as_of`: what was not out yet does not reach a later model"
    )


@pytest.mark.parametrize("path", MODELS, ids=shown)
def test_the_newest_edition_is_chosen_in_one_place(path: Path) -> None:
    assert not _ORDERED.findall(said(path.read_text(encoding="utf-8"))), (
        "use the macros `edition_age` or `newest_first`: by the date alone the order of rows decides"
    )


STAGING = sorted((DBT / "models" / "staging").rglob("stg_*.sql"))


@pytest.mark.parametrize("path", STAGING, ids=shown)
def test_every_staging_view_of_an_edition_is_cut(path: Path) -> None:
    if path.parent.name == UNDATED and path.name not in DATED_LISTS:
        return
    sql = said(path.read_text(encoding="utf-8"))
    assert "known_by_as_of(" in sql or "of_known_editions(" in sql


@pytest.mark.parametrize("path", MODELS, ids=shown)
def test_series_are_chosen_by_their_properties(path: Path) -> None:
    if path.name in BIRTHPLACES:
        return
    sql = said(path.read_text(encoding="utf-8"))
    named = [name for name in series_ids() if f"'{name}'" in sql]
    assert not named, "ask for what the series is: columns of the seed `trade_series`"


@pytest.mark.parametrize("path", MODELS, ids=shown)
def test_sources_stand_in_the_order_of_the_seed(path: Path) -> None:
    assert not source_ranks(path.read_text(encoding="utf-8")), "join the seed `source_priority`"


SOURCE_IDS = sorted(path.parent.name for path in (DBT.parent / "sources").glob("*/source.yml"))
ABOVE_STAGING = [path for path in MODELS if "staging" not in path.parts]
INTERMEDIATE = [path for path in MODELS if "intermediate" in path.parts]


def named_sources(sql: str) -> list[str]:
    """Sources that a model names in a string."""
    return [source for source in SOURCE_IDS if f"'{source}'" in said(sql)]


@pytest.mark.parametrize("path", ABOVE_STAGING, ids=shown)
def test_no_model_above_staging_names_a_source(path: Path) -> None:
    assert not named_sources(path.read_text(encoding="utf-8")), (
        "ask for what the source is: a column of its staging model, or of a seed (source_priority)"
    )


@pytest.mark.parametrize("path", INTERMEDIATE, ids=shown)
def test_no_intermediate_reads_a_mart(path: Path) -> None:
    assert not re.findall(r"ref\('(mart_\w+)'\)", said(path.read_text(encoding="utf-8"))), (
        "move what both need into an intermediate, or ask the question in a mart"
    )


# A scenario has a target too, of its own seed.
AIMED_ELSEWHERE = {"int_controls__importer_spans.sql", "int_disruption__scenario_cases.sql"}
_AIM = re.compile(r"\btarget_id\s*(?:=|<>|in\b)|(?:=|<>)\s*\w+\.target_id\b")


@pytest.mark.parametrize("path", ABOVE_STAGING, ids=shown)
def test_whom_a_control_is_aimed_at_is_decided_in_one_place(path: Path) -> None:
    if path.name in AIMED_ELSEWHERE or path.parent.name == "disruption":
        return
    assert not _AIM.findall(said(path.read_text(encoding="utf-8"))), (
        "ask `int_controls__importer_spans` for the reach of the control on the day"
    )


def test_the_rules_bite() -> None:
    assert len(SOURCE_IDS) >= 8
    assert named_sources("where source_id = 'usgs_mcs'") == ["usgs_mcs"]
    assert not named_sources("-- where source_id = 'usgs_mcs'")
    assert _CUT.search("where released_on <= cast('{{ var(\"as_of\") }}' as date)")
    assert _CUT.search("where released_on <= date '2026-01-01'")
    assert not _CUT.search("and dated.as_of >= editions.released_on")
    assert _ORDERED.search("row_number() over (partition by a order by released_on desc)")
    assert not _ORDERED.search("lag(edition) over (partition by a order by released_on, edition)")
    assert source_ranks("order by case when c.source_id = 'usgs_mcs' then 1 else 2 end")
    assert source_ranks("order by case source_id when 'usgs_mcs' then 1 end")
    assert not source_ranks("-- case source_id when 'usgs_mcs' then 1 end")
    assert _AIM.search("and slices.target_id in ('ALL', headlines.importer_id)")
    assert _AIM.search("inner join parties on parties.party_id = controls.target_id")
    assert not _AIM.search("controls.target_id,")
    assert "hs92" in series_ids()


# `sources/reading/clock.py` is asked; the age of a file is that of its file system's clock.
_ASKS_THE_CLOCK = re.compile(
    r"\b(?:datetime\.(?:now|utcnow|today)|date\.today)\(|\bimport datetime$"
)
CODE = sorted(
    path
    for folder in ("sources", "dagster_project")
    for path in (DBT.parent / folder).rglob("*.py")
    if path.name != "clock.py"
)


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_today_is_asked_of_one_clock(path: Path) -> None:
    assert not _ASKS_THE_CLOCK.findall(path.read_text(encoding="utf-8")), (
        "use sources.reading.clock"
    )


@pytest.mark.parametrize(
    "line", ["dt.datetime.now(dt.UTC)", "dt.date.today()", "import datetime", "datetime.utcnow()"]
)
def test_clock_rule_bites(line: str) -> None:
    assert _ASKS_THE_CLOCK.findall(line)
