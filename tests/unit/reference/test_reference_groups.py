"""Blocs have the members that history and the ministerial's own list give them."""

import datetime as dt

import polars as pl
import pytest

# Members of the day, by the Commission's own page (regional policy glossary: enlargement).
FOUNDERS = {"BEL", "DEU", "FRA", "ITA", "LUX", "NLD"}
OF_2004 = {"CYP", "CZE", "EST", "HUN", "LTU", "LVA", "MLT", "POL", "SVK", "SVN"}


def _members(lists: dict[str, pl.DataFrame], group: str, year: int) -> list[str]:
    """Members on 1 July, one for each row: a double entry stays visible."""
    day = dt.date(year, 7, 1)
    rows = lists["country_group_member"].filter(
        (pl.col("group_id") == group)
        & (pl.col("valid_from").fill_null(dt.date.min) <= day)
        & (pl.col("valid_to").fill_null(dt.date.max) >= day)
    )
    return rows["member_id"].sort().to_list()


@pytest.mark.parametrize(
    ("year", "count"),
    [
        (1972, 6),
        (1973, 9),
        (1981, 10),
        (1986, 12),
        (1994, 12),
        (1995, 15),
        (2003, 15),
        (2004, 25),
        (2006, 25),
        (2007, 27),
        (2012, 27),
        (2013, 28),  # Croatia joined on the very day of the rule
        (2019, 28),
        (2020, 27),  # the United Kingdom left on 31 January
        (2026, 27),
    ],
)
def test_eu_counts_per_year(lists: dict[str, pl.DataFrame], year: int, count: int) -> None:
    members = _members(lists, "EU", year)
    assert len(members) == len(set(members)) == count


def test_eu_changes_are_the_right_countries(lists: dict[str, pl.DataFrame]) -> None:
    assert set(_members(lists, "EU", 1970)) == FOUNDERS
    assert set(_members(lists, "EU", 2004)) - set(_members(lists, "EU", 2003)) == OF_2004
    assert set(_members(lists, "EU", 2007)) - set(_members(lists, "EU", 2006)) == {"BGR", "ROU"}
    assert set(_members(lists, "EU", 2013)) - set(_members(lists, "EU", 2012)) == {"HRV"}
    assert set(_members(lists, "EU", 2019)) - set(_members(lists, "EU", 2020)) == {"GBR"}


@pytest.mark.parametrize("year", [1995, 2010, 2026])
def test_constant_groups_do_not_move(lists: dict[str, pl.DataFrame], year: int) -> None:
    eu27 = _members(lists, "EU27", year)
    assert len(eu27) == 27
    assert "GBR" not in eu27
    assert eu27 == _members(lists, "EU", 2026)
    assert len(_members(lists, "G7", year)) == 7
    assert _members(lists, "CHN_HKG", year) == ["CHN", "HKG", "MAC"]
    assert len(_members(lists, "REEXPORT_HUB", year)) == 8


@pytest.mark.parametrize("year", [2008, 2024, 2026])
def test_ministerial_counts_each_country_once(lists: dict[str, pl.DataFrame], year: int) -> None:
    """Eleven countries and the EU's 27, of which France, Germany and Italy are counted already: 35."""
    members = _members(lists, "MEETING_2026_01_12", year)
    assert len(members) == len(set(members)) == 11 + 27 - 3
    assert set(_members(lists, "EU27", year)) <= set(members)
    assert set(_members(lists, "G7", year)) <= set(members)


def test_ministerial_has_twelve_parties_and_one_host(lists: dict[str, pl.DataFrame]) -> None:
    rows = lists["country_group_member"].filter(pl.col("group_id") == "MEETING_2026_01_12")
    assert rows["party_id"].unique().sort().to_list() == [
        "AUS",
        "CAN",
        "DEU",
        "EU27",
        "FRA",
        "GBR",
        "IND",
        "ITA",
        "JPN",
        "KOR",
        "MEX",
        "USA",
    ]
    assert rows.filter(pl.col("role") == "host")["member_id"].to_list() == ["USA"]


@pytest.mark.parametrize(("year", "count"), [(2021, 0), (2022, 33), (2023, 35), (2025, 35)])
def test_msp_counts_each_country_once(
    lists: dict[str, pl.DataFrame], year: int, count: int
) -> None:
    """Six countries outside the EU and its 27; Norway and India joined before July 2023."""
    members = _members(lists, "MSP", year)
    assert len(members) == len(set(members)) == count


def test_ipef_has_fourteen_partners(lists: dict[str, pl.DataFrame]) -> None:
    assert len(_members(lists, "IPEF", 2022)) == 14
    assert _members(lists, "IPEF", 2021) == []


def test_no_membership_overlaps_itself(lists: dict[str, pl.DataFrame]) -> None:
    """A country that came in twice, through the EU and itself, is never counted twice on one day."""
    rows = lists["country_group_member"].with_columns(
        pl.col("valid_from").fill_null(dt.date.min), pl.col("valid_to").fill_null(dt.date.max)
    )
    pairs = rows.join(rows, on=["group_id", "member_id"], suffix="_other").filter(
        (pl.col("party_id") < pl.col("party_id_other"))
        & (pl.col("valid_from") <= pl.col("valid_to_other"))
        & (pl.col("valid_from_other") <= pl.col("valid_to"))
    )
    assert pairs.is_empty()
