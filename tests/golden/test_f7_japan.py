"""FIGURES.md F7: Japan's imports of rare earths and of magnets, 1995-2024, and who sold them.

`f7_japan.csv` and `f7_suppliers.csv` are transcriptions of that page. Its blank cells are tonnes that CEPII
does not give: compounds before 2000, and so the sum of metals and compounds; magnets begin in 2002.
"""

import duckdb
import pytest

from tests.golden.cells import exceptions, f7_cells, key_of, read_rows, rounded

pytestmark = pytest.mark.slow

FLOWS = """
    create or replace temp view japan as
    with
    flows as (
        select
            case hs6 when '280530' then 'metals' when '850511' then 'magnets' else 'compounds' end
                as line_group,
            *
        from marts.fct_trade
        where
            importer_id = 'JPN'
            and hs6 in ('280530', '284610', '284690', '850511')
            and is_current_series
    )
    select * from flows
    union all
    select * replace ('all' as line_group) from flows where line_group <> 'magnets'
"""
Answers = dict[tuple[str, int, str], str]


@pytest.fixture(scope="module")
def answers(release: duckdb.DuckDBPyConnection) -> Answers:
    """What the page prints, by group of lines, year and measure."""
    release.execute(FLOWS)
    found: Answers = {}
    for group, year, value, china, tonnes, china_tonnes, coverage in release.execute(
        "select line_group, reference_year, sum(value_usd), "
        "sum(value_usd) filter (where exporter_id = 'CHN'), "
        "coalesce(sum(quantity_tonnes_gross), 0), "
        "sum(quantity_tonnes_gross) filter (where exporter_id = 'CHN'), "
        "coalesce(sum(value_usd) filter (where quantity_status = 'numeric'), 0) / sum(value_usd) "
        "from japan group by all"
    ).fetchall():
        found[group, year, "kusd"] = rounded(value / 1000)
        found[group, year, "value_percent"] = rounded(100 * china / value, 1)
        found[group, year, "tonnes"] = rounded(tonnes)
        # No share by tonnes where less than 0.8 of the value has any.
        found[group, year, "quantity_percent"] = (
            "" if coverage < 0.8 else rounded(100 * china_tonnes / tonnes, 1)
        )
    return found


def test_f7_is_reproduced_to_the_printed_digit(answers: Answers) -> None:
    cells = f7_cells()
    assert len(cells) == 30 * 11
    known = exceptions("F7")
    wrong = []
    for cell in cells:
        key = key_of(cell)
        expected = known[key]["got"] if key in known else cell["expected"]
        got = answers.get((cell["figure_row"], int(cell["reference_year"]), cell["measure"]), "")
        if got != expected:
            wrong.append(f"{key}: expected {expected!r}, got {got!r}")
    assert not wrong, "\n".join(wrong)


def test_the_mart_says_what_the_flows_say(
    answers: Answers, release: duckdb.DuckDBPyConnection
) -> None:
    """Lines that are a column of the page are a row of the mart: metals and magnets."""
    names = {"280530": "metals", "850511": "magnets"}
    found = release.execute(
        "select hs6, reference_year, value_share, quantity_share, quality_flags "
        "from marts.mart_import_dependency where importer_id = 'JPN' and origin_id = 'CHN' "
        "and series_level = 'hs6' and is_current_series and hs6 in ('280530', '850511')"
    ).fetchall()
    assert len(found) == 30 + 23
    wrong = []
    for hs6, year, by_value, by_tonnes, flags in found:
        got = rounded(100 * by_value, 1), "" if by_tonnes is None else rounded(100 * by_tonnes, 1)
        expected = tuple(
            answers[names[hs6], year, measure] for measure in ("value_percent", "quantity_percent")
        )
        if got != expected:
            wrong.append(f"{hs6} {year}: expected {expected}, got {got}")
        if hs6 == "850511":
            assert ("truncated_release" in flags) == (year < 2024), year
            assert ("series_break" in flags) == (year in (2017, 2024)), year
    assert not wrong, "\n".join(wrong)


def test_top_suppliers_are_those_of_the_page(
    answers: Answers, release: duckdb.DuckDBPyConnection
) -> None:
    assert answers
    expected = [
        (int(row["reference_year"]), row["country_iso3"], row["kusd"], row["tonnes"])
        for row in read_rows("f7_suppliers.csv")
    ]
    assert len(expected) == 4 * 6
    found = release.execute(
        "select reference_year, exporter_id, sum(value_usd) / 1000 as kusd, "
        "sum(quantity_tonnes_gross) from japan where line_group = 'all' "
        "and reference_year in (2008, 2010, 2013, 2023) group by reference_year, exporter_id "
        "qualify row_number() over (partition by reference_year order by sum(value_usd) desc) <= 6 "
        "order by reference_year, kusd desc"
    ).fetchall()
    assert [(y, who, rounded(kusd), rounded(tonnes)) for y, who, kusd, tonnes in found] == expected
