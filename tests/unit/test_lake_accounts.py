"""The account of records, and the schema: answered with yes on a sound table, with no on a mutated one."""

import polars as pl
from publisher_files import long_row, read_long, tidied

from sources.reading.checks import records_are_accounted_for, satisfies_schema
from sources.reading.lake_schemas import Production


def _tables() -> tuple[list[pl.DataFrame], pl.DataFrame, pl.DataFrame]:
    """Four records: two of production, one of reserves, one of a mineral that we do not use."""
    other = long_row("Mexico", "4", commodity="Vermiculite", unit="thousand metric tons")
    reserves = long_row("Chile", "9", statistics="Reserves", detail="Reserves")
    lake = tidied(read_long(long_row("Chile", "1"), long_row("China", "2"), other, reserves))
    return [lake["production"], lake["reserve"]], lake["not_used"], lake["file_rows"]


def test_records_in_equal_records_used_and_not_used() -> None:
    used, not_used, file_rows = _tables()
    outcome = records_are_accounted_for(used, not_used, file_rows)
    assert outcome.passed
    assert outcome.severity == "stop"
    assert outcome.numbers == {"records_in": 4, "records_used": 3, "records_unaccounted": 0}
    # Two figures of one record are one record, in one table or in two.
    production, reserve = used
    twice = production.with_columns(reference_year=pl.lit(2025, pl.Int32))
    for tables in ([pl.concat([production, twice]), reserve], [production, twice, reserve]):
        assert records_are_accounted_for(tables, not_used, file_rows).passed


def test_where_a_cell_is_the_record_two_cells_of_a_row_are_two_records() -> None:
    used, not_used, file_rows = _tables()
    cells = [frame.with_columns(file_column=pl.lit(3, pl.UInt16)) for frame in used]
    assert records_are_accounted_for(cells, not_used, file_rows).passed
    another = cells[1].with_columns(file_column=pl.lit(4, pl.UInt16))
    [offender] = records_are_accounted_for([*cells, another], not_used, file_rows).offenders
    assert offender["missing"] == -1


def test_a_record_lost_or_counted_twice_stops() -> None:
    used, not_used, file_rows = _tables()
    lost = records_are_accounted_for(used[:1], not_used, file_rows)
    twice = records_are_accounted_for(used, pl.concat([not_used, not_used.head(1)]), file_rows)
    for outcome, missing in ((lost, 1), (twice, -1)):
        assert not outcome.passed
        assert outcome.severity == "stop"
        assert outcome.numbers["records_unaccounted"] == 1
        [offender] = outcome.offenders
        assert offender["missing"] == missing
        assert offender["source_file"] == "MCS2026_Commodities_Data.csv"
    # A pin's reason has no list beside it: it says by itself where to look.
    assert lost.in_words() == (
        "expected records in = used + not used, per file; got 1 of 1 files do not add up; first: "
        "edition MCS2026, source_file MCS2026_Commodities_Data.csv, records_in 4, records_used 2, "
        "records_not_used 1, missing 1"
    )
    assert records_are_accounted_for(used, not_used, file_rows).in_words() == (
        "expected records in = used + not used, per file; got 0 of 1 files do not add up"
    )


def test_a_loss_in_one_file_is_not_made_up_by_another() -> None:
    used, not_used, file_rows = _tables()
    production, reserve = used
    used = [production.head(1), reserve, production.with_columns(source_file=pl.lit("g"))]
    # File g: two used, none unused, one counted: -1; the first file: +1.
    one = pl.lit(1, pl.UInt32)
    rows = pl.concat([file_rows, file_rows.with_columns(source_file=pl.lit("g"), file_rows=one)])
    outcome = records_are_accounted_for(used, not_used, rows)
    assert not outcome.passed
    assert outcome.numbers["records_unaccounted"] == 2
    assert len(outcome.offenders) == 2


def test_a_file_without_a_count_and_a_file_without_use_stop() -> None:
    used, not_used, file_rows = _tables()
    uncounted = records_are_accounted_for(used, not_used, file_rows.clear())
    unused = records_are_accounted_for(
        [frame.clear() for frame in used], not_used.clear(), file_rows
    )
    assert [row["missing"] for row in uncounted.offenders] == [-4]
    assert [row["missing"] for row in unused.offenders] == [4]
    assert not uncounted.passed
    assert not unused.passed


def test_a_sound_table_satisfies_its_schema() -> None:
    used = _tables()[0][0]
    outcome = satisfies_schema(used, Production)
    assert outcome.passed
    assert outcome.numbers == {"rows": 2, "rows_breaking_a_rule": 0}
    assert outcome.expected == "every row satisfies Production"


def test_a_table_that_breaks_rules_is_reported_rule_by_rule() -> None:
    used = _tables()[0][0]
    outcome = satisfies_schema(pl.concat([used, used]).with_columns(stage=pl.lit("x")), Production)
    assert (outcome.passed, outcome.severity) == (False, "stop")
    assert outcome.numbers == {"rows": 4, "rows_breaking_a_rule": 4}
    assert {"rule": "primary_key", "rows": 4} in outcome.offenders
    assert {"rule": "stage|check", "rows": 4} in outcome.offenders


def test_other_columns_or_types_stop_before_any_rule() -> None:
    used = _tables()[0][0]
    mutated = used.drop("stage").with_columns(
        pl.col("quantity_tonnes").cast(pl.String), more=pl.lit(1)
    )
    outcome = satisfies_schema(mutated, Production)
    assert (outcome.passed, outcome.severity) == (False, "stop")
    assert outcome.numbers == {"broken_rules": 3}
    assert {row["column"] for row in outcome.offenders} == {"stage", "quantity_tonnes", "more"}
    assert "String instead of Float64" in outcome.got
