"""Controls: dates, scope, and the cover of USGS table T4; lists and agreements against the real tables."""

import csv
import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import SOURCES_ROOT
from sources.reading.errors import SourceError
from sources.reading.lake import validated
from sources.reference.labels import country_aliases
from sources.reference.schema_policy import ExportControl, PolicyMilestone

# Words of T4 that join its items and name none.
JOINING_WORDS = {"and", "of", "including", "raw", "minerals", "materials", "ores", "concentrates"}
JOINING_WORDS |= {"ore", "rare", "earths"}


def _rows(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="session")
def t4(shared_data: Path) -> list[dict[str, str]]:
    """Table T4 as USGS publishes it."""
    return _rows(shared_data / "usgs_mcs" / "2026" / "MCS2026_T4_Country_Export_Control.csv")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z-]+|\d{4}", text.lower()))


@pytest.mark.shared
def test_every_t4_row_is_covered(lists: dict[str, pl.DataFrame], t4: list[dict[str, str]]) -> None:
    assert len(t4) == 19
    ours = lists["export_control_t4"].filter(edition="MCS2026")
    assert set(ours["t4_row"]) == set(range(1, 20))
    iso3 = {row["alias"]: row["country_iso3"] for row in country_aliases("usgs_name").to_dicts()}
    for number, row in enumerate(t4, start=1):
        mine = ours.filter(pl.col("t4_row") == number)
        assert set(mine["country_iso3"]) == {iso3[row["Country"]]}
        text = row["Commodity_Year"]
        for item in mine["t4_item"]:
            assert item in text, (number, item)
        named = set().union(*(_words(item) for item in mine["t4_item"]))
        assert _words(text) - named <= JOINING_WORDS, number


@pytest.mark.shared
def test_t4_events_are_of_that_country_and_kind(
    lists: dict[str, pl.DataFrame], t4: list[dict[str, str]]
) -> None:
    kinds = {
        "Export ban": {"ban"},
        "Temporary export ban": {"ban"},
        "Export quota": {"quota"},
        "Export licensing requirement": {"licence"},
        "Export licensing requirement for materials and technologies": {"licence"},
    }
    joined = lists["export_control_t4"].join(lists["export_control"], on="event_id")
    assert joined.height == lists["export_control_t4"]["event_id"].drop_nulls().len()
    assert (joined["country_iso3"] == joined["imposing_iso3"]).all()
    assert (joined["target"] == "ALL").all()
    for row in joined.to_dicts():
        published = t4[row["t4_row"] - 1]
        assert row["instrument"] in kinds[published["Control_Type"].strip()], row["event_id"]


def test_the_nine_events_that_the_draft_lacked_are_there(lists: dict[str, pl.DataFrame]) -> None:
    wanted = {
        ("LAO", 2024),
        ("TZA", 2017),
        ("VNM", 2012),
        ("VEN", 2024),
        ("RUS", 2022),
        ("ZAF", 2025),
        ("MAR", 2025),
        ("CHN", 2024),
        ("IDN", 2023),
    }
    events = lists["export_control"].with_columns(
        year=pl.coalesce("effective_from", "announced_on").dt.year()
    )
    assert wanted <= set(events.select("imposing_iso3", "year").iter_rows())


def test_every_event_says_what_it_covers(lists: dict[str, pl.DataFrame]) -> None:
    assert set(lists["export_control"]["event_id"]) == set(
        lists["export_control_mineral"]["event_id"]
    )


def test_suspensions_end_when_the_ministry_says(lists: dict[str, pl.DataFrame]) -> None:
    """Announcements No. 70 and No. 72 of 2025, by the law firms' reports."""
    suspended = lists["export_control"].filter(pl.col("suspended_from").is_not_null())
    six = suspended.filter(pl.col("suspended_until") == dt.date(2026, 11, 10))
    assert set(six["announced_on"]) == {dt.date(2025, 10, 9)}
    assert set(six["suspended_from"]) == {dt.date(2025, 11, 7)}
    assert sorted(re.findall(r"No\. (\d+) of 2025;", " ".join(six["legal_ref"]))) == [
        "55",
        "56",
        "57",
        "58",
        "61",
        "62",
    ]
    ban = suspended.filter(pl.col("event_id") == "CHN-US-BAN-2024")
    assert ban.select("suspended_from", "suspended_until").row(0) == (
        dt.date(2025, 11, 9),
        dt.date(2026, 11, 27),
    )
    assert suspended.height == six.height + 1


def test_controls_that_were_never_suspended(lists: dict[str, pl.DataFrame]) -> None:
    running = lists["export_control"].filter(
        pl.col("event_id").is_in(["CHN-7REE-2025", "CHN-US-MIL-2024", "CHN-JPN-2026"])
    )
    assert running["suspended_from"].null_count() == running.height == 3


def test_ore_bans_are_bans_on_ore(lists: dict[str, pl.DataFrame]) -> None:
    ores = lists["export_control_mineral"].filter(
        pl.col("event_id").is_in(["IDN-NI-2020", "IDN-BAUX-2023", "IDN-CU-2023", "ZWE-LI-ORE-2022"])
    )
    assert set(ores["stage"]) == {"mine"}


def test_competing_reports_are_kept(lists: dict[str, pl.DataFrame]) -> None:
    claims = lists["export_control"].filter(pl.col("status_claims").is_not_null())
    assert {"CHN-JPN-2026", "CHN-REE-JPN-2010", "ZAF-CR-2025"} <= set(claims["event_id"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"effective_from": dt.date(2000, 1, 1)}, "dates_in_order"),
        ({"effective_to": dt.date(2000, 1, 1)}, "dates_in_order"),
        ({"suspended_until": dt.date(2000, 1, 1)}, "dates_in_order"),
        ({"suspended_from": None}, "suspension_has_its_start"),
        ({"effective_from": None}, "precision_exactly_for_dates"),
        ({"date_precision": "month"}, "coarse_dates_are_first_days"),
        ({"announced_precision": "year"}, "coarse_dates_are_first_days"),
        ({"instrument": "informal"}, "text_exists_unless_informal"),
    ],
)
def test_impossible_control_is_refused(
    lists: dict[str, pl.DataFrame], changes: dict[str, object], rule: str
) -> None:
    row = (
        lists["export_control"]
        .filter(pl.col("event_id") == "CHN-US-BAN-2024")
        .with_columns(
            pl.lit(value, dtype=lists["export_control"].schema[name]).alias(name)
            for name, value in {"effective_to": dt.date(2030, 1, 1), **changes}.items()
        )
    )
    with pytest.raises(SourceError) as caught:
        validated(row, ExportControl, "reference", "export_control")
    assert any(rule in offender for offender in caught.value.offenders)


# --- milestones and agreements


def test_crma_benchmarks_are_those_of_the_act(lists: dict[str, pl.DataFrame]) -> None:
    benchmarks = lists["policy_milestone"].filter(pl.col("benchmark").is_not_null())
    assert dict(zip(benchmarks["benchmark"], benchmarks["benchmark_share"], strict=True)) == {
        "extraction": 0.10,
        "processing": 0.40,
        "recycling": 0.25,
        "single_third_country": 0.65,
    }
    assert set(benchmarks["benchmark_year"]) == {2030}


def test_half_a_benchmark_is_refused(lists: dict[str, pl.DataFrame]) -> None:
    row = lists["policy_milestone"].filter(pl.col("benchmark") == "extraction")
    with pytest.raises(SourceError, match="break the rules"):
        validated(
            row.with_columns(benchmark_share=pl.lit(None, pl.Float64)),
            PolicyMilestone,
            "reference",
            "policy_milestone",
        )


@pytest.mark.shared
def test_every_agreement_of_t5_is_ours(lists: dict[str, pl.DataFrame], shared_data: Path) -> None:
    path = shared_data / "usgs_mcs" / "2026" / "MCS2026_T5_Trade_Agreements.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        # Two columns have one name: the second holds the ISO date.
        published = list(csv.reader(handle))[1:]
    ours = lists["trade_agreement"]
    assert set(ours["t5_row"].drop_nulls()) == set(range(1, len(published) + 1))
    iso3 = {row["alias"]: row["country_iso3"] for row in country_aliases("usgs_name").to_dicts()}
    # Signed two years before the date that T5 prints (USTR, 28 March 2023).
    corrected = {4: "2023-03-28"}
    for number, row in enumerate(published, start=1):
        mine = ours.filter(pl.col("t5_row") == number)
        assert set(mine["partner_iso3"]) == {iso3[name] for name in row[0].split(" and ")}
        dates = {str(date) for date in mine["signed_on"]}
        assert all(date.startswith(corrected.get(number, row[3])) for date in dates), number


# --- critical lists


@pytest.mark.shared
def test_us_list_is_that_of_t6(lists: dict[str, pl.DataFrame], shared_data: Path) -> None:
    folder = shared_data / "usgs_mcs" / "2026"
    published = _rows(folder / "MCS2026_T6_Critical_Minerals_End_Use.csv")
    ours = lists["critical_list_member"].filter(pl.col("list_id") == "US2025")
    assert ours.height == len(published) == 60
    assert set(ours["published_label"]) == {row["Critical_Mineral"].strip() for row in published}


@pytest.mark.shared
def test_eu_list_is_that_of_the_thresholds(
    lists: dict[str, pl.DataFrame], shared_data: Path
) -> None:
    """SR >= 1 and EI >= 2.8 among minerals, with copper and nickel as strategic: 34."""
    published = _rows(shared_data / "eu_crm_2023" / "dimension_CRMsOverTime.csv", "latin-1")
    over = {
        row["Material"]
        for row in published
        if row["Year"] == "2023"
        and row["SR"] != "-"
        and float(row["SR"]) >= 1
        and float(row["EI"]) >= 2.8
    }
    ours = lists["critical_list_member"].filter(pl.col("list_id") == "EU2023")
    assert set(ours["published_label"]) == over | {"Copper", "Nickel"}
    assert ours.height == 34


def test_strategic_list_has_seventeen(lists: dict[str, pl.DataFrame]) -> None:
    ours = lists["critical_list_member"].filter(pl.col("list_id") == "EU2023_STRATEGIC")
    assert ours.height == 17
    assert ours["mineral_id"].null_count() == 0


# --- lines


@pytest.fixture(scope="module")
def scoped(lists: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Lines said by hand, with the item that they are of."""
    return lists["export_control_line"].join(
        lists["export_control_mineral"], on=["event_id", "item"], how="left"
    )


def test_lines_are_of_an_item_and_its_mineral(
    lists: dict[str, pl.DataFrame], scoped: pl.DataFrame
) -> None:
    assert scoped["mineral_id"].null_count() == 0
    assert set(scoped["extent"]) <= {"whole", "part"}
    known = set(lists["hs_line"].select("hs6", "mineral_id").iter_rows())
    assert set(scoped.select("hs6", "mineral_id").iter_rows()) <= known


def test_every_part_says_its_lines(lists: dict[str, pl.DataFrame], scoped: pl.DataFrame) -> None:
    """What part of a mineral is meant follows from nothing: it must be said, or looked at in vain."""
    parts = lists["export_control_mineral"].filter(
        (pl.col("extent") == "part") & pl.col("mineral_id").is_not_null()
    )
    silent = parts.join(scoped, on=["event_id", "item"], how="anti")
    assert silent.is_empty(), silent.select("event_id", "item").rows()


def test_military_users_have_the_lines_of_the_licence(scoped: pl.DataFrame) -> None:
    """The two bans on military users name no goods: their lines are those of the licences."""
    licences = scoped.filter(
        pl.col("event_id").is_in(
            [
                "CHN-GAGE-2023",
                "CHN-GRAPHITE-2023",
                "CHN-SB-2024",
                "CHN-DUALUSE-LIST-2024",
                "CHN-5METALS-2025",
                "CHN-7REE-2025",
            ]
        )
    )
    for event in ("CHN-US-MIL-2024", "CHN-JPN-2026"):
        mine = scoped.filter(pl.col("event_id") == event)
        assert set(mine.select("mineral_id", "hs6").iter_rows()) == set(
            licences.select("mineral_id", "hs6").iter_rows()
        )
        assert set(mine["covers"]) == {"end_user", "none"}


@pytest.mark.parametrize(
    ("event", "hs6", "covers"),
    [
        # No. 23 of 2023: gallium metal 81129290, germanium metal 81129210, dioxide 28256000.
        ("CHN-GAGE-2023", "811292", "whole"),
        ("CHN-GAGE-2023", "282560", "whole"),
        # No. 33 of 2024: all of 2617.10 and 8110; of the oxide only 99.99% and more.
        ("CHN-SB-2024", "261710", "whole"),
        ("CHN-SB-2024", "811010", "whole"),
        ("CHN-SB-2024", "282580", "part"),
        # No. 39 of 2023: 25041010 and 25041091 of 2504.10, nothing of 2504.90.
        ("CHN-GRAPHITE-2023", "250410", "part"),
        ("CHN-GRAPHITE-2023", "250490", "none"),
        # No. 10 of 2025: paratungstate, oxides, carbide, solid metal; neither ore nor powder. All bismuth metal
        # and products (8106101091 on), tellurium metal (2804500001); no unwrought indium.
        ("CHN-5METALS-2025", "810600", "whole"),
        ("CHN-5METALS-2025", "280450", "whole"),
        ("CHN-5METALS-2025", "810210", "part"),
        ("CHN-5METALS-2025", "811292", "none"),
        ("CHN-5METALS-2025", "284180", "part"),
        ("CHN-5METALS-2025", "284990", "whole"),
        ("CHN-5METALS-2025", "810110", "none"),
        ("CHN-5METALS-2025", "261100", "none"),
        # No. 18 of 2025: seven elements, cerium not among them.
        ("CHN-7REE-2025", "284690", "part"),
        ("CHN-7REE-2025", "284610", "none"),
    ],
)
def test_lines_are_those_of_the_announcements(
    scoped: pl.DataFrame, event: str, hs6: str, covers: str
) -> None:
    found = scoped.filter((pl.col("event_id") == event) & (pl.col("hs6") == hs6))
    assert set(found["covers"]) == {covers}


def test_dates_of_exposure_reach_every_control(lists: dict[str, pl.DataFrame]) -> None:
    """`control_exposure` reads the shares at the last date: no control may be younger."""
    path = SOURCES_ROOT.parent / "dbt" / "seeds" / "control_date.csv"
    last = max(row["on_date"] for row in _rows(path))
    youngest = lists["export_control"]["announced_on"].max()
    assert last >= str(youngest), "add a row to dbt/seeds/control_date.csv"
