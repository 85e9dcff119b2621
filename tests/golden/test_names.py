"""Every mart shows the name of each country, bloc and mineral beside its id."""

import duckdb
import pytest

from dagster_project.publishing.renames import read_renames

# Months are pulled; none is in the default input.
WITHOUT_ROWS = {"fct_trade_month"}
NAMES = {"CHN": "China", "COD": "DR Congo", "EU27": "European Union", "rare_earths": "Rare earths"}


@pytest.fixture(scope="module")
def named(release: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Mart, column of ids and column of names. The dimensions that the names come from are not asked."""
    return release.execute(
        "select ids.table_name, ids.column_name, names.column_name from duckdb_columns() as ids "
        "inner join duckdb_columns() as names on ids.table_name = names.table_name "
        "and names.column_name = regexp_replace(ids.column_name, '_(id|iso3)$', '_name') "
        "where ids.schema_name = 'marts' and names.schema_name = 'marts' "
        "and ids.column_name <> names.column_name "
        "and ids.table_name not in ('dim_country', 'dim_mineral', 'dim_party')"
    ).fetchall()


def test_no_id_is_without_its_name(
    release: duckdb.DuckDBPyConnection, named: list[tuple[str, str, str]]
) -> None:
    assert len(named) > 80
    for mart, ids, names in named:
        pairs = release.execute(f"select distinct {ids}, {names} from marts.{mart}").fetchall()
        assert len({row[0] for row in pairs}) == len(pairs), (mart, ids, "two names")
        for id_, name in pairs:
            assert (id_ is None) == (name is None), (mart, ids, id_, name)
            assert name is None or name.startswith(NAMES.get(id_, name)), (mart, ids, id_, name)


def test_parties_and_minerals_are_named_in_every_mart(
    release: duckdb.DuckDBPyConnection, named: list[tuple[str, str, str]]
) -> None:
    """Ids of events, claims and the like name no party."""
    known = {(mart, ids) for mart, ids, _ in named}
    parties = ("importer", "exporter", "origin", "destination", "supplier", "leader", "mineral")
    found = release.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
        "and regexp_extract(column_name, '^(.*)_id$', 1) in $parties and table_name <> 'dim_mineral'",
        {"parties": parties},
    ).fetchall()
    assert found
    assert [row for row in found if row not in known] == []


def test_a_party_is_a_country_a_bloc_or_an_aggregate(release: duckdb.DuckDBPyConnection) -> None:
    kinds = dict(
        release.execute("select party_kind, count(*) from marts.dim_party group by all").fetchall()
    )
    countries, blocs = release.execute(
        "select (select count(*) from marts.dim_country), "
        "(select count(distinct bloc_id) from marts.bridge_bloc_member)"
    ).fetchall()[0]
    assert kinds == {"country": countries, "bloc": blocs, "aggregate": 3}
    assert release.execute(
        "select party_name from marts.dim_party where party_id = 'MEETING_2026_01_12'"
    ).fetchall() == [("January 2026 ministerial (12 parties)",)]


def test_every_mart_answers_under_its_old_names(release: duckdb.DuckDBPyConnection) -> None:
    views = release.execute(
        "select view_name from duckdb_views() where schema_name = 'marts_v1'"
    ).fetchall()
    marts = release.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    ).fetchall()
    assert set(views) == set(marts)
    for (view,) in views:
        counts = [
            release.execute(f"select count(*) from {schema}.{view}").fetchall()
            for schema in ("marts", "marts_v1")
        ]
        assert counts[0] == counts[1]
        assert (counts[0] == [(0,)]) == (view in WITHOUT_ROWS), view
    for old, renames in read_renames().items():
        columns = ", ".join(renames.columns)
        assert release.execute(f"select {columns} from marts_v1.{old} limit 1").fetchall()
        for column, values in renames.values.items():
            for value in values:
                assert release.execute(
                    f"select 1 from marts_v1.{old} where {column} = ? limit 1", [value]
                ).fetchall(), (old, column, value)


# A call of every macro that gives rows with an id of a party or a mineral.
CALLS = (
    "compare(['Japan'], 'cobalt')",
    "control_exposure('Japan')",
    "controls_as_of()",
    "dependency('Japan', 'cobalt')",
    "dependency('Japan', 'caesium')",
    "disruption('China', 'cobalt')",
    "explain_production((select min(source_row_id) from marts.fct_production))",
    "explain_trade((select min(source_row_id) from marts.fct_trade where reference_year = 2024))",
    "look_through('Japan', 'cobalt')",
    "look_through('Japan', 'caesium')",
    "vulnerability('Japan')",
)
# They give ids to other macros, and are not shown to a person.
RESOLVERS = {"resolve_question", "resolve_stages"}


def test_macros_that_give_rows_are_all_called(release: duckdb.DuckDBPyConnection) -> None:
    named = release.execute(
        "select function_name from duckdb_functions() "
        "where function_type = 'table_macro' and schema_name = 'marts'"
    ).fetchall()
    assert {name for (name,) in named} - RESOLVERS == {call.split("(")[0] for call in CALLS}


@pytest.mark.parametrize("call", CALLS)
def test_rows_of_a_macro_name_what_they_are_about(
    release: duckdb.DuckDBPyConnection, call: str
) -> None:
    """A filter by name, `importer_name = 'Japan'`, works on every macro as on every mart."""
    answer = release.execute(f"select * from marts.{call}")
    columns = [column[0] for column in answer.description or []]
    rows = answer.fetchall()
    ids = [
        name
        for name in columns
        if name.rsplit("_", 1)[0]
        in ("importer", "exporter", "origin", "target", "imposing", "country", "mineral")
        and name.endswith(("_id", "_iso3"))
    ]
    assert ids
    assert rows
    for name in ids:
        place, beside = columns.index(name), f"{name.rsplit('_', 1)[0]}_name"
        assert beside in columns, (call, name)
        names = [(row[place], row[columns.index(beside)]) for row in rows]
        assert [pair for pair in names if (pair[0] is None) != (pair[1] is None)] == [], name
