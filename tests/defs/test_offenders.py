"""Offending rows of a check, as the table that Dagster shows."""

import dagster as dg

from dagster_project.operations.check_reports import offenders_table, reported, row_in_words
from sources.reading.checks import Outcome


def test_rows_that_speak_of_other_fields_stand_in_one_table() -> None:
    """A check that could not show its offenders would end its step, and stop at nothing."""
    rows: list[dict[str, object]] = [
        {"statistic": "figures", "got": 2.0},
        {"statistic": "sum", "got": 0.04, "material_id": "gallium", "period": None},
    ]
    result, _ = reported(
        dg.AssetKey("a_table"), "a_check", Outcome(False, "stop", "more", "less", {}, rows)
    )
    assert not result.passed
    assert result.severity is dg.AssetCheckSeverity.ERROR
    table = result.metadata["offenders"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [column.name for column in table.schema.columns] == [
        "statistic",
        "got",
        "material_id",
        "period",
    ]
    assert [record.data for record in table.records] == [
        {"statistic": "figures", "got": 2.0, "material_id": "", "period": ""},
        {"statistic": "sum", "got": 0.04, "material_id": "gallium", "period": "null"},
    ]


def test_without_a_row_there_is_no_table() -> None:
    assert offenders_table([]) is None


def test_a_row_is_said_without_what_is_null_and_cut_where_it_is_long() -> None:
    assert row_in_words({"id": "tin", "share": 0.0, "why": None}) == "id tin, share 0.0"
    long = row_in_words({f"column_{number}": "x" * 20 for number in range(40)})
    assert long.startswith("column_0 xxx")
    assert long.endswith(" …")
    assert len(long) <= 300
