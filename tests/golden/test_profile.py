"""The published marts against the profile that was last reviewed."""

from pathlib import Path

import duckdb
import pytest

from tests.golden.profile import HOW_TO_ACCEPT, PROFILE, difference, profile, published


@pytest.mark.slow
def test_marts_are_as_last_reviewed(release: duckdb.DuckDBPyConnection) -> None:
    reviewed = PROFILE.read_text(encoding="utf-8").splitlines()
    changed = difference(reviewed, profile(release))
    assert not changed, f"{HOW_TO_ACCEPT}\n{changed}"


def test_profile_sees_a_lost_row_a_new_null_and_a_moved_total() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.m as select * from (values (1.5::double, 2024, true), (2.5, 2025, false)) "
            "as t(share, reference_year, is_x)"
        )
        before = profile(connection)
        assert before == [
            "mart,column,nulls,total",
            "m,*,,2",
            "m,share,0,4",
            "m,reference_year,0,",
            "m,is_x,0,1",
        ]
        connection.execute("update marts.m set share = null where share > 2")
        assert difference(before, profile(connection)).splitlines()[2:] == [
            "@@ -3 +3 @@",
            "-m,share,0,4",
            "+m,share,1,1.5",
        ]
        connection.execute("delete from marts.m where share is null")
        assert "-m,*,,2" in difference(before, profile(connection)).splitlines()


def test_only_a_release_of_the_embedded_tables_is_profiled(tmp_path: Path) -> None:
    path = tmp_path / "critical_minerals.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.m as select 1 as n")
        connection.execute("create schema _build")
        connection.execute(
            "create table _build.release as select 'embedded' as input, '9999-12-31' as as_of"
        )
    assert published(path) == ["mart,column,nulls,total", "m,*,,1", "m,n,0,1"]
    for column, value in (("input", "live"), ("as_of", "2025-01-01")):
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"update _build.release set {column} = '{value}'")
        with pytest.raises(SystemExit, match=value):
            published(path)
