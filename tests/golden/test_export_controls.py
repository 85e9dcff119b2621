"""Export controls on a day: states by hand from the dates, exposure from CEPII's own files.

States were read off `export_controls.csv` by eye, each date beside the rules of sources/reference/README.md.
"""

import time
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.slow

MEETING, TODAY = "2026-01-12", "2026-11-28"
# Event: state at the ministerial and on 28 November 2026; None where it is not known or has ended by then.
STATES = {
    # Gallium and germanium since 1 August 2023, antimony since 15 September 2024, graphite since 1 December 2023.
    "CHN-GAGE-2023": ("active", "active"),
    "CHN-SB-2024": ("active", "active"),
    "CHN-GRAPHITE-2023": ("active", "active"),
    # Seven rare earths since 4 April 2025, never suspended.
    "CHN-7REE-2025": ("active", "active"),
    # Tungsten, tellurium, bismuth, molybdenum, indium since 4 February 2025.
    "CHN-5METALS-2025": ("active", "active"),
    # The six of October 2025, suspended from 7 November 2025 to 10 November 2026.
    "CHN-OCT-2025-61": ("suspended", "unknown_after_expiry"),
    "CHN-OCT-2025-62": ("suspended", "unknown_after_expiry"),
    "CHN-OCT-2025-BATT": ("suspended", "unknown_after_expiry"),
    "CHN-OCT-2025-EQUIP": ("suspended", "unknown_after_expiry"),
    "CHN-OCT-2025-REE5": ("suspended", "unknown_after_expiry"),
    "CHN-OCT-2025-SUPERHARD": ("suspended", "unknown_after_expiry"),
    # The ban on the United States, suspended from 9 November 2025 to 27 November 2026; its military part is not.
    "CHN-US-BAN-2024": ("suspended", "unknown_after_expiry"),
    "CHN-US-MIL-2024": ("active", "active"),
    "CHN-JPN-2026": ("active", "active"),
    "CHN-SILVER-W-SB-2026": ("active", "active"),
    # DR Congo's ban gave way to the quota on 16 October 2025, which runs to the end of 2027.
    "COD-COBALT-2025": (None, None),
    "COD-COBALT-QUOTA": ("active", "active"),
    # Zimbabwe: all raw ore since January 2023, lithium concentrate since 25 February 2026.
    "ZWE-LI-ORE-2022": (None, None),
    "ZWE-BASE-2023": ("active", "active"),
    "ZWE-LI-CONC-2026": (None, "active"),
    # Indonesia: nickel ore since 2020; the ban of 2014 was eased in January 2017.
    "IDN-NI-2014": (None, None),
    # Malawi's order of 21 October 2025, Vietnam's law from 1 January 2026.
    "MWI-RAW-2025": ("active", "active"),
    "VNM-REE-2026": ("active", "active"),
    "IDN-NI-2020": ("active", "active"),
    # Announced only.
    "ZAF-CR-2025": ("announced", "announced"),
    "GAB-MN-2029": ("announced", "announced"),
    "CHN-REE-JPN-2010": (None, None),
}
NOBODY = "select * from marts.controls_as_of('1999-12-31')"


def _states(release: duckdb.DuckDBPyConnection, day: str) -> dict[str, str]:
    found = release.execute(
        "select distinct event_id, status from marts.controls_as_of(?)", [day]
    ).fetchall()
    assert len({event for event, _ in found}) == len(found), "two states of one event"
    return dict(found)


def test_states_at_the_ministerial_and_today(release: duckdb.DuckDBPyConnection) -> None:
    meeting, today = _states(release, MEETING), _states(release, TODAY)
    got = {event: (meeting.get(event), today.get(event)) for event in STATES}
    assert got == STATES


@pytest.mark.parametrize(
    ("event", "day", "status"),
    [
        ("CHN-OCT-2025-REE5", "2025-10-08", None),
        ("CHN-OCT-2025-REE5", "2025-10-09", "announced"),
        ("CHN-OCT-2025-REE5", "2025-11-06", "announced"),
        ("CHN-OCT-2025-REE5", "2025-11-07", "suspended"),
        ("CHN-OCT-2025-REE5", "2025-11-08", "suspended"),
        ("CHN-OCT-2025-REE5", "2026-11-10", "suspended"),
        ("CHN-OCT-2025-REE5", "2026-11-11", "unknown_after_expiry"),
        ("CHN-US-BAN-2024", "2025-11-08", "active"),
        ("CHN-US-BAN-2024", "2025-11-09", "suspended"),
        ("CHN-US-BAN-2024", "2026-11-27", "suspended"),
        ("CHN-US-BAN-2024", "2026-11-28", "unknown_after_expiry"),
        ("CHN-US-BAN-2024", "2026-11-29", "unknown_after_expiry"),
        ("COD-COBALT-2025", "2025-10-15", "active"),
        ("COD-COBALT-2025", "2025-10-16", None),
        ("COD-COBALT-QUOTA", "2025-10-15", "announced"),
        ("COD-COBALT-QUOTA", "2025-10-16", "active"),
        ("COD-COBALT-QUOTA", "2027-12-31", "active"),
        ("COD-COBALT-QUOTA", "2028-01-01", None),
        ("CHN-REE-JPN-2010", "2010-10-01", "active"),
    ],
)
def test_states_change_on_the_day(
    release: duckdb.DuckDBPyConnection, event: str, day: str, status: str | None
) -> None:
    assert _states(release, day).get(event) == status


# What each announcement put on the list of dual-use items, so under the ban on military users of No. 46 of 2024.
FIRST = {"gallium", "germanium", "antimony", "graphite_natural", "graphite_synthetic", "magnesium"}
NO_10_OF_2025 = {"tungsten", "tellurium", "bismuth", "molybdenum", "indium"}
NO_18_OF_2025 = {"rare_earths"}


@pytest.mark.parametrize(
    ("day", "minerals"),
    [
        ("2024-12-02", set()),
        ("2024-12-03", FIRST),
        ("2025-02-03", FIRST),
        ("2025-02-04", FIRST | NO_10_OF_2025),
        ("2025-04-03", FIRST | NO_10_OF_2025),
        ("2025-04-04", FIRST | NO_10_OF_2025 | NO_18_OF_2025),
        # No. 72 of 2025 suspends article 2 alone; No. 70's five earths were never in force.
        ("2025-11-10", FIRST | NO_10_OF_2025 | NO_18_OF_2025),
        ("2026-01-06", FIRST | NO_10_OF_2025 | NO_18_OF_2025),
        ("2026-11-29", FIRST | NO_10_OF_2025 | NO_18_OF_2025),
    ],
)
def test_the_ban_on_military_users_grows_with_the_list(
    release: duckdb.DuckDBPyConnection, day: str, minerals: set[str]
) -> None:
    found = release.execute(
        "select mineral_id, status from marts.controls_as_of(?) where event_id = 'CHN-US-MIL-2024'",
        [day],
    ).fetchall()
    assert {mineral for mineral, _ in found} == minerals
    assert {status for _, status in found} <= {"active"}


@pytest.mark.parametrize(
    ("day", "extent"),
    [
        # Law 3 of 2020 in force, MEMR regulation 7 of 2023 lets the two large miners through, to the end of 2024.
        ("2023-06-10", "part"),
        ("2024-12-31", "part"),
        ("2025-01-01", "whole"),
        # Freeport's six months (MEMR regulation 6 of 2025), Amman's from 31 October.
        ("2025-03-17", "part"),
        ("2025-09-16", "part"),
        ("2025-10-16", "whole"),
        ("2025-10-31", "part"),
        ("2026-04-30", "part"),
        ("2026-05-01", "whole"),
    ],
)
def test_permits_for_copper_concentrate_are_part_of_the_ban(
    release: duckdb.DuckDBPyConnection, day: str, extent: str
) -> None:
    found = release.execute(
        "select extent from marts.controls_as_of(?) "
        "where event_id = 'IDN-CU-2023' and status = 'active'",
        [day],
    ).fetchall()
    assert found == [(extent,)]


def test_a_ban_with_permits_weighs_high_alone(release: duckdb.DuckDBPyConnection) -> None:
    """All windows are weighed by the three years before the ban's first day, 2020 to 2022."""
    found = release.execute(
        "select extent, min(first_year_before), max(last_year_before), "
        "max(value_share_before_low), max(value_share_before_high) "
        "from marts.mart_export_control_exposure as mart "
        "inner join marts.fct_export_control using (event_id, item) "
        "where event_id = 'IDN-CU-2023' and importer_id = 'JPN' and hs6 = '260300' "
        "group by extent order by extent"
    ).fetchall()
    (part, whole) = found
    assert part[:3] == ("part", 2020, 2022)
    assert whole[:3] == ("whole", 2020, 2022)
    assert part[3] == 0
    assert part[4] == whole[3] == whole[4] > 0.05


def test_items_say_how_they_are_known(release: duckdb.DuckDBPyConnection) -> None:
    """Read: No. 10 of 2025, article by article. A listed item is known no better than its listing."""
    known = release.execute(
        "select event_id, mineral_id, verification, read_at from marts.fct_export_control "
        "where event_id in ('CHN-5METALS-2025', 'CHN-US-MIL-2024', 'VNM-REE-2026')"
    ).fetchall()
    of = {(event, mineral): verification for event, mineral, verification, _ in known}
    assert of["CHN-5METALS-2025", "bismuth"] == of["CHN-US-MIL-2024", "bismuth"] == "read"
    assert of["CHN-US-MIL-2024", "magnesium"] == "third_party"
    assert of["VNM-REE-2026", "rare_earths"] == "third_party"
    assert all(place for _, _, verification, place in known if verification == "read")


def test_competing_claims_stay_visible(release: duckdb.DuckDBPyConnection) -> None:
    [(claims, status)] = release.execute(
        "select distinct status_claims, status from marts.controls_as_of(?) "
        "where event_id = 'CHN-JPN-2026'",
        [TODAY],
    ).fetchall()
    assert "Wall Street Journal" in claims
    assert status == "active"


def test_a_day_before_all_controls_has_none(release: duckdb.DuckDBPyConnection) -> None:
    assert release.execute(NOBODY).fetchall() == []


# --- whom they touch


def test_a_ban_on_one_country_exposes_it_alone(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select distinct importer_id from marts.mart_export_control_exposure "
        "where event_id in ('CHN-US-BAN-2024', 'CHN-US-MIL-2024') and importer_kind = 'country'"
    ).fetchall()
    assert found == [("USA",)]
    blocs = release.execute(
        "select distinct importer_id from marts.mart_export_control_exposure "
        "where event_id = 'CHN-JPN-2026' order by 1"
    ).fetchall()
    assert {"G7", "JPN", "MEETING_2026_01_12"} <= {bloc for (bloc,) in blocs}
    assert not {"EU27", "EU", "USA"} & {bloc for (bloc,) in blocs}


def test_technology_and_mixed_lines_weigh_no_trade(release: duckdb.DuckDBPyConnection) -> None:
    reasons = dict(
        release.execute(
            "select mineral_id || ' ' || coalesce(stage, ''), max(latest_null_reason) "
            "from marts.mart_export_control_exposure where on_date = ? and importer_id = 'USA' "
            "and event_id in ('CHN-GAGE-2023', 'CHN-OCT-2025-62', 'CHN-5METALS-2025') "
            "and value_share_latest_high is null group by all",
            [TODAY],
        ).fetchall()
    )
    assert reasons["gallium refined"] == "only_mixed_lines"
    assert reasons["germanium refined"] == "code_drift"
    assert reasons["rare_earths "] == "technology"
    assert reasons["indium "] == "no_line_of_ours"
    assert reasons["tungsten refined"] == "scope_not_in_series"


def test_weighed_shares_are_those_of_import_dependency(release: duckdb.DuckDBPyConnection) -> None:
    """On one line, what is wholly or partly covered is all that comes from the country."""
    [(rows, wrong)] = release.execute(
        "select count(*), count(*) filter (where abs(mart.value_share_latest_high "
        "- coalesce(share.value_share, 0)) > 1e-12 or abs(mart.quantity_share_latest_high "
        "- coalesce(share.quantity_share, 0)) > 1e-12) "
        "from marts.mart_export_control_exposure as mart "
        "left join marts.mart_import_dependency as share on share.importer_id = mart.importer_id "
        "and share.hs6 = mart.hs6 and share.mineral_id = mart.mineral_id "
        "and share.origin_id = mart.imposing_iso3 and share.is_current_series "
        "and share.series_level = 'hs6' and share.reference_year = mart.latest_year "
        "where mart.series_level = 'hs6' and mart.on_date = ? and mart.target_id = 'ALL' "
        "and mart.value_share_latest_high is not null",
        [TODAY],
    ).fetchall()
    assert rows > 1000
    assert wrong == 0


# Event, line, who buys, who of them is aimed at, imposing country, years before, and whether wholly covered.
WEIGHED = [
    ("IDN-NI-2020", "260400", "CHN", "CHN", "IDN", (2017, 2018, 2019), True),
    ("CHN-7REE-2025", "284690", "EU27", "EU27", "CHN", (2022, 2023, 2024), False),
    ("COD-COBALT-QUOTA", "810510", "KOR", "KOR", "COD", (2022, 2023, 2024), True),
    ("CHN-GRAPHITE-2023", "250410", "JPN", "JPN", "CHN", (2020, 2021, 2022), False),
    ("CHN-US-BAN-2024", "261710", "G7", "USA", "CHN", (2021, 2022, 2023), True),
    ("CHN-JPN-2026", "280530", "G7", "JPN", "CHN", (2023, 2024), False),
]


@pytest.mark.shared
@pytest.mark.parametrize("case", WEIGHED, ids=lambda case: f"{case[0]}-{case[2]}")
def test_shares_before_are_those_of_the_zip(
    baci: duckdb.DuckDBPyConnection,
    release: duckdb.DuckDBPyConnection,
    case: tuple[str, str, str, str, str, tuple[int, ...], bool],
) -> None:
    """Mean of three yearly shares, by value and by tonnes; a bloc's own trade left out."""
    event, hs6, buyer, aimed_at, seller, years, is_whole = case
    per_year = baci.execute(
        "with buyers as (select member_id, reference_year from member where group_id = $buyer "
        "union select iso3, unnest(range(1995, 2025)) from party where iso3 = $buyer), "
        "aimed as (select member_id, reference_year from member where group_id = $aimed "
        "union select iso3, unnest(range(1995, 2025)) from party where iso3 = $aimed), "
        "bought as (select flow.* from flow semi join buyers on flow.importer_iso3 = buyers.member_id "
        "and flow.reference_year = buyers.reference_year anti join buyers as inside "
        "on flow.exporter_iso3 = inside.member_id and flow.reference_year = inside.reference_year "
        "where flow.revision = 'HS92' and flow.hs6 = $hs6 and flow.reference_year in $years), "
        "touched as (select bought.* from bought semi join aimed on bought.importer_iso3 = "
        "aimed.member_id and bought.reference_year = aimed.reference_year "
        "where bought.exporter_iso3 = $seller) "
        "select (select coalesce(sum(usd), 0) from touched where touched.reference_year = bought.reference_year) "
        "/ sum(usd), (select coalesce(sum(kg), 0) from touched where touched.reference_year = "
        "bought.reference_year) / sum(kg) from bought group by bought.reference_year",
        {"buyer": buyer, "aimed": aimed_at, "hs6": hs6, "seller": seller, "years": years},
    ).fetchall()
    assert len(per_year) == len(years)
    value, tonnes = (sum(column) / len(column) for column in zip(*per_year, strict=True))
    [got] = release.execute(
        "select value_share_before_low, value_share_before_high, quantity_share_before_high, "
        "years_before from marts.mart_export_control_exposure where on_date = ? and event_id = ? "
        "and hs6 = ? and importer_id = ? and series_level = 'hs6'",
        [TODAY, event, hs6, buyer],
    ).fetchall()
    assert got == pytest.approx((value if is_whole else 0, value, tonnes, len(years)), abs=1e-9)


def test_a_working_ban_shows_before_and_not_after(release: duckdb.DuckDBPyConnection) -> None:
    [(before, latest)] = release.execute(
        "select value_share_before_low, value_share_latest_low from marts.control_exposure('CHN', ?) "
        "where event_id = 'IDN-NI-2020' and hs6 = '260400'",
        [TODAY],
    ).fetchall()
    assert before > 0.36
    assert latest < 0.001


# --- the macros


def test_any_day_has_the_exposure_of_its_status(release: duckdb.DuckDBPyConnection) -> None:
    """The macro answers as the mart does on each of its days, but for what has ended."""
    days = release.execute(
        "select distinct on_date from marts.mart_export_control_exposure order by 1"
    ).fetchall()
    for (day,) in days:
        columns = (
            "event_id, item, hs6, stage, series_level, status, value_share_before_high, "
            "quantity_share_latest_low, latest_null_reason"
        )
        wrong = release.execute(
            f"(select {columns} from marts.control_exposure('JPN', $day) except all "
            f"select {columns} from marts.mart_export_control_exposure where importer_id = 'JPN' "
            f"and on_date = $day) union all (select {columns} from "
            "marts.mart_export_control_exposure where importer_id = 'JPN' and on_date = $day "
            f"and status <> 'ended' except all select {columns} from "
            "marts.control_exposure('JPN', $day))",
            {"day": day},
        ).fetchall()
        assert not wrong, (day, wrong[:3])


ASKED = [
    f"select * from marts.controls_as_of('{TODAY}')",
    "select * from marts.controls_as_of(date '2031-02-03')",
    f"select * from marts.control_exposure('MEETING_2026_01_12', '{MEETING}')",
]


@pytest.mark.parametrize("how", ["opened", "attached"])
@pytest.mark.parametrize("sql", ASKED)
def test_macros_answer_at_once(data: Path, how: str, sql: str) -> None:
    """The best of five, in under 0.1 s of the processor, on the file opened directly or attached without an alias."""
    path = data / "published" / "current" / "critical_minerals.duckdb"
    attached = how == "attached"
    with duckdb.connect(
        ":memory:" if attached else str(path), read_only=not attached
    ) as connection:
        if attached:
            connection.execute(f"attach '{path}' (read_only)")
            sql = sql.replace("marts.", "critical_minerals.marts.")
        taken: list[float] = []
        for _ in range(5):
            begun = time.process_time()
            assert len(connection.execute(sql).fetchall()) > 30
            taken.append(time.process_time() - begun)
        assert min(taken) < 0.1
