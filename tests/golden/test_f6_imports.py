"""FIGURES.md F6 and F6b, worked out independently from CEPII's files, against the published mart.

`f6_imports.csv` is a transcription of both tables. China is China alone, without Hong Kong and Macao; the
EU's imports are those from outside. The blank row is germanium's: its line is dead, and so no share.
"""

import duckdb
import pytest

from tests.golden.cells import exceptions, f6_cells, key_of, rounded

pytestmark = pytest.mark.slow

ROWS = """
    select
        hs6,
        importer_id,
        max(value_share) filter (where origin_id = 'CHN'),
        max(quantity_share) filter (where origin_id = 'CHN'),
        count(*) filter (where origin_id = 'CHN'),
        max(quantity_null_reason) filter (where origin_id = 'CHN')
    from marts.mart_import_dependency
    where
        series_level = 'hs6'
        and series_id = 'hs92'
        and reference_year = 2024
        and null_reason is null
    group by hs6, importer_id
"""
Answers = dict[tuple[str, str], tuple[str, str]]


@pytest.fixture(scope="module")
def answers(release: duckdb.DuckDBPyConnection) -> Answers:
    """China's share by value and by tonnes, as the page prints them, by line and importer."""
    found: Answers = {}
    for hs6, importer, value, tonnes, rows, reason in release.execute(ROWS).fetchall():
        assert rows <= 1, (hs6, importer)
        # Who buys the line, but none of it from China, buys 0% of it there.
        by_value = "0" if not rows else rounded(100 * value)
        by_tonnes = "0" if not rows else reason or rounded(100 * tonnes)
        found[hs6, importer] = by_value, by_tonnes
    return found


@pytest.mark.parametrize(("figure", "column"), [("F6", 0), ("F6b", 1)])
def test_f6_is_reproduced_to_the_printed_digit(answers: Answers, figure: str, column: int) -> None:
    cells = f6_cells(figure)
    assert len(cells) == 22 * 12
    known = exceptions(figure)
    wrong = []
    for cell in cells:
        key = key_of(cell)
        expected = known[key]["got"] if key in known else cell["expected"]
        # A line that the importer does not have is blank on the page.
        got = answers.get((cell["hs6"], cell["importer_id"]), ("", ""))[column]
        if got != expected:
            wrong.append(f"{key}: expected {expected!r}, got {got!r}")
    assert not wrong, "\n".join(wrong)


def test_the_blank_row_is_unknown_and_not_zero(release: duckdb.DuckDBPyConnection) -> None:
    """Germanium: the line died in 2007, and its last rows have no share."""
    blank = {cell["hs6"] for cell in f6_cells("F6") if not cell["expected"]}
    assert blank == {"811230"}
    assert release.execute(
        "select count(value_share), count(quantity_share), min(reference_year), "
        "max(reference_year), count(*) filter (where "
        "coalesce(null_reason, '') not in ('code_drift', 'inside_the_bloc') "
        "or coalesce(quality_flags, '') not like '%code_drift%') "
        "from marts.mart_import_dependency where hs6 = '811230' and reference_year >= 2007"
    ).fetchall() == [(0, 0, 2007, 2016, 0)]
    # Refined germanium has no other code of its own until the EU's eight digits of 2022.
    everyone = release.execute(
        "select count(distinct importer_id) from marts.mart_import_dependency "
        "where series_level = 'mineral_stage'"
    ).fetchall()
    assert (
        release.execute(
            "select distinct count(*) from marts.mart_import_dependency "
            "where mineral_id = 'germanium' and stage = 'refined' "
            "and series_level = 'mineral_stage' and reference_year between 2008 and 2021 "
            "and origin_id is null and value_share is null and null_reason = 'code_drift' "
            "group by reference_year"
        ).fetchall()
        == everyone
    )
    assert release.execute(
        "select count(*) from marts.mart_import_dependency where mineral_id = 'germanium' "
        "and stage = 'refined' and series_level = 'mineral_stage' "
        "and reference_year between 2008 and 2021 and null_reason is distinct from 'code_drift'"
    ).fetchall() == [(0,)]
