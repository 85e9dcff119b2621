"""What a newcomer types into a filter finds rows: names of countries, of the EU, of minerals; codes; and any of them in macros."""

import duckdb
import pytest

pytestmark = pytest.mark.slow
VIEWS = ("headline", "vulnerability", "import_dependency", "dependency_view")
NAMES = ("European Union", "Germany", "United States", "China", "Japan", "G7")
IDS = ("EU27", "EU", "DEU", "USA", "CHN", "G7")
MINERALS = ("Rare earths", "Gallium", "Cobalt")


@pytest.mark.parametrize("view", VIEWS)
def test_names_and_codes_find_rows_in_the_views_of_the_start(
    release: duckdb.DuckDBPyConnection, view: str
) -> None:
    for column, values in (
        ("importer_name", NAMES),
        ("importer_id", IDS),
        ("mineral_name", MINERALS),
    ):
        for value in values:
            found = release.execute(
                f"select {column} from {view} where {column} = ? "
                "and mineral_id in ('rare_earths', 'gallium', 'cobalt') limit 1",
                [value],
            ).fetchall()
            assert found == [(value,)], (view, column, value)


@pytest.mark.parametrize("importer", [*NAMES, *IDS, "germany", "eu", "usa", "the European Union"])
def test_macros_take_the_same_words(release: duckdb.DuckDBPyConnection, importer: str) -> None:
    asked = release.execute(
        "select importer_id from marts.compare(?, 'Rare earths', 'refining')", [importer]
    ).fetchall()
    seen = release.execute(
        "select distinct importer_id from marts.dependency(?, 'rare earths', 'refined', 2024)",
        [importer],
    ).fetchall()
    ranked = release.execute(
        "select distinct importer_id from marts.vulnerability(?)", [importer]
    ).fetchall()
    assert asked == seen == ranked
    assert len(asked) == 1


def test_a_bloc_is_called_by_its_common_name(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select party_id, party_name from marts.dim_party where party_kind = 'bloc'"
    ).fetchall()
    named = dict(found)
    assert named["EU27"] == "European Union"
    assert named["G7"] == "G7"
    assert len(set(named.values())) == len(named)
    long = release.execute("select marts.resolve_name('party', 'Group of Seven')").fetchall()
    assert long == [("G7",)]
