"""Every importer, mineral, stage and year has an answer or the one reason why there is none.

Who could be asked about is listed without the mart: importers of CEPII's HS 1992 files, members of the
areas that they give as one, and blocs, by the minerals and stages of `hs_lines.csv`, by year.
"""

import duckdb
import pytest

from tests.golden.cells import REFERENCE

pytestmark = pytest.mark.slow
POOLED = REFERENCE.parents[1] / "dbt" / "seeds" / "trade_pooled_group.csv"

ASKED = f"""
    create or replace temp table asked as
    with
    importers as (
        select distinct importer_iso3 as importer_id from flow semi join line using (hs6)
        union
        select member_iso3 from read_csv('{REFERENCE}/area_members.csv', all_varchar = true)
        union
        select group_id from read_csv('{REFERENCE}/country_groups.csv', all_varchar = true)
        where group_id <> 'REEXPORT_HUB'
    ),
    questions as (
        select distinct mineral_id, stage
        from read_csv('{REFERENCE}/hs_lines.csv', all_varchar = true)
        union
        -- Mixed lines that are an article of their own.
        select group_id, stage
        from read_csv('{REFERENCE}/hs_lines.csv', all_varchar = true)
        where group_id in (select group_id from read_csv('{POOLED}', all_varchar = true, header = true))
    )
    select importer_id, mineral_id, stage, cast(year as integer) as reference_year
    from importers, questions, range(1995, 2025) as years(year)
"""
CELLS = """
    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        count(*) filter (where origin_kind = 'country' and value_share is not null) as answers,
        count(*) filter (where origin_id is null) as without_origin,
        count(*) filter (where origin_id is null and null_reason is not null) as reasons,
        count(distinct series_id) as series
    from marts.mart_import_dependency
    where series_level = 'mineral_stage' and is_current_series
    group by all
"""


@pytest.mark.shared
def test_every_question_has_its_cell(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    baci.execute(ASKED)
    baci.register("cells", release.execute(CELLS).pl())
    key = "(importer_id, mineral_id, stage, reference_year)"
    asked = baci.execute("select count(*) from asked").fetchall()[0][0]
    # About 240 importers, 97 minerals and stages, 30 years.
    assert asked > 600_000
    for one, other in (("asked", "cells"), ("cells", "asked")):
        missing = baci.execute(f"from {one} anti join {other} using {key} limit 5").fetchall()
        assert not missing, f"in {one} alone: {missing}"


def test_a_cell_has_shares_or_one_reason(release: duckdb.DuckDBPyConnection) -> None:
    wrong = release.execute(
        f"from ({CELLS}) where not (answers > 0 and without_origin = 0) "
        "and not (answers = 0 and without_origin = 1 and reasons = 1) limit 5"
    ).fetchall()
    assert not wrong, wrong
    # One series a cell: what two series hold is never pooled.
    assert not release.execute(f"from ({CELLS}) where series > 1 limit 5").fetchall()


def test_south_africa_before_2000_is_unknown(release: duckdb.DuckDBPyConnection) -> None:
    """It lies inside customs union 711: no share anywhere, and no flow under its own name."""
    assert release.execute(
        "select count(value_share), count(quantity_share), count(origin_id), "
        "count(*) filter (where null_reason = 'inside_another_area') > 0 "
        "from marts.mart_import_dependency where importer_id = 'ZAF' and reference_year < 2000"
    ).fetchall() == [(0, 0, 0, True)]
    assert release.execute(
        "select count(*) from marts.mart_import_dependency "
        "where origin_id = 'ZAF' and reference_year < 2000"
    ).fetchall() == [(0,)]
    # What the union has an answer to is the reason for each of its members.
    assert release.execute(
        "select distinct ours.null_reason from marts.mart_import_dependency as ours "
        "inner join (select distinct mineral_id, stage, reference_year "
        "from marts.mart_import_dependency where importer_id = 'XCU' "
        "and series_level = 'mineral_stage' and value_share is not null) as theirs "
        "using (mineral_id, stage, reference_year) where ours.importer_id = 'ZAF'"
    ).fetchall() == [("inside_another_area",)]


@pytest.mark.parametrize("importer", ["TWN", "NAM"])
def test_who_is_in_no_row_of_a_series_is_not_in_it(
    release: duckdb.DuckDBPyConnection, importer: str
) -> None:
    """The truncated HS 2002 series has neither Taiwan nor Namibia, and that of HS 2017 not in 2017."""
    found = release.execute(
        "select series_id, min(reference_year), max(reference_year), "
        "list(distinct null_reason), count(value_share) "
        "from marts.mart_import_dependency where importer_id = ? "
        "and series_level = 'mineral_stage' and is_current_series "
        "and (series_id = 'hs02_top6' or series_id = 'hs17_top6' and reference_year = 2017) "
        "group by 1 order by 1",
        [importer],
    ).fetchall()
    assert found == [
        ("hs02_top6", 2002, 2016, ["importer_not_in_series"], 0),
        ("hs17_top6", 2017, 2017, ["importer_not_in_series"], 0),
    ]


def test_reasons_are_those_of_the_world(release: duckdb.DuckDBPyConnection) -> None:
    """Cells whose reason is known beforehand, one of a kind."""
    known = {
        # Belgium and Luxembourg stand apart from 1999, South Sudan (of 2011) from 2012.
        ("BEL", "tungsten", "refined", 1998): "inside_another_area",
        ("LUX", "copper", "mine", 1995): "inside_another_area",
        ("SSD", "copper", "mine", 2011): "inside_another_area",
        # Dead, mixed, not in the extracts, and only in declarations that may not be passed on.
        ("JPN", "germanium", "refined", 2015): "code_drift",
        ("JPN", "niobium", "mine", 2024): "only_mixed_lines",
        ("JPN", "molybdenum", "intermediate", 2010): "line_not_held",
        ("JPN", "cobalt", "mine", 2010): "line_not_redistributable",
    }
    found = {
        key: reason
        for *parts, reason in release.execute(
            "select importer_id, mineral_id, stage, reference_year, null_reason "
            "from marts.mart_import_dependency where series_level = 'mineral_stage' "
            "and origin_id is null and importer_id in ('BEL', 'LUX', 'SSD', 'JPN')"
        ).fetchall()
        if (key := tuple(parts)) in known
    }
    assert found == known
