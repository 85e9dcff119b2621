"""What is wrong with a file stops the run, in one error that says source, file, row, expected, got, next."""

import pytest
from publisher_files import assert_error_says
from us_files import (
    EDITIONS,
    GALLIUM,
    GALLIUM_HEADER,
    LONG,
    LONG_HEADER,
    SOURCE,
    T4,
    T4_HEADER,
    T4_NOTE,
    T6,
    T7,
    T7_HEADER,
    completed,
    csv_text,
    gallium_row,
    import_row,
    pinned,
    read,
    read_gallium,
    read_long,
    salient_row,
)

from sources.reading.errors import SourceError
from sources.usgs_mcs_us.reader import READER
from sources.usgs_mcs_us.shaping import shortened

US = "usgs_mcs_us"
WORLD_HEADER = (
    "Source,Country,Type,Prod_t_est_2021,Prod_t_est_2022,Prod_notes,Reserves_t,Reserves_notes"
)
WORLD_ROW = ["MCS2024", "Canada", "Mine production", "1", "2", "", "3", ""]


def test_a_declared_misfiling_is_passed_over_and_counted() -> None:
    got = read("MCS2024", "mcs2024-cobal_salient.csv", csv_text(WORLD_HEADER, WORLD_ROW, WORLD_ROW))
    assert "salient" not in got
    assert (
        got["row_account"]["file_rows"].to_list() == got["file_rows"]["file_rows"].to_list() == [2]
    )
    assert "salient statistics of cobalt" in got["row_account"]["not_used_reason"].item()


def test_an_undeclared_world_table_stops_the_run() -> None:
    with pytest.raises(SourceError) as raised:
        read("MCS2023", GALLIUM, csv_text(WORLD_HEADER, WORLD_ROW))
    assert_error_says(
        raised,
        problem="no table of US salient statistics",
        where=f"{GALLIUM} (MCS2023), row 1",
        expected="DataSource,Commodity,Year",
        got="Source,Country,Type",
        next_step="mappings/misfiled.csv",
        source=US,
    )


def test_a_misfiling_that_was_mended_stops_the_run_too() -> None:
    row = ["MCS2024", "Cobalt", "2023", "1"]
    with pytest.raises(SourceError) as raised:
        read(
            "MCS2024",
            "mcs2024-cobal_salient.csv",
            csv_text("DataSource,Commodity,Year,USprod_Mine_t", row),
        )
    assert_error_says(
        raised,
        problem="no table of US salient statistics",
        where="mcs2024-cobal_salient.csv",
        expected="as declared in mappings/misfiled.csv",
        got="DataSource,Commodity,Year",
        next_step="remove it there once mended",
        source=US,
    )


def test_a_renamed_column_stops_the_run() -> None:
    header = GALLIUM_HEADER.replace("NIR_pct", "Reliance_pct")
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            completed(read_gallium(gallium_row(), gallium_row("2021"), header=header))
        )
    assert_error_says(
        raised,
        problem="labels that a closed table does not have",
        where=GALLIUM,
        expected="mappings/salient_measures.csv or supply_measures.csv",
        got="1 labels",
        next_step="sources/usgs_mcs_us/mappings/salient_measures.csv",
        offenders=["row 2: published_commodity 'Gallium'", "'Reliance_pct'", "(2 records)"],
        source=US,
    )


def test_a_column_that_moved_stops_the_run() -> None:
    header = GALLIUM_HEADER.replace(",Stocks_kg,NIR_pct", ",NIR_pct,Stocks_kg")
    with pytest.raises(SourceError, match=r"file_column 11, .*'NIR_pct'"):
        READER.lake_tables(completed(read_gallium(gallium_row(), header=header)))


def test_a_new_label_of_the_long_file_stops_the_run() -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            completed(read_long(salient_row("5", detail="Price, spot", statistics="Price")))
        )
    assert_error_says(
        raised,
        problem="labels that a closed table does not have",
        where=LONG,
        expected="mapped or 'not used' with a reason",
        got="1 labels",
        next_step="mappings/salient_measures.csv",
        offenders=["'Price, spot'"],
        source=US,
    )


def test_a_new_label_of_secondary_production_is_no_production_left_out() -> None:
    row = salient_row("5", detail="Production: From old scrap", statistics="Production")
    with pytest.raises(SourceError, match="Production: From old scrap"):
        READER.lake_tables(completed(read_long(row)))


def test_another_unit_is_another_label() -> None:
    with pytest.raises(SourceError, match="published_unit 'tons'"):
        READER.lake_tables(completed(read_long(salient_row("5", unit="tons"))))


def test_a_new_import_line_and_a_new_partner_stop_the_run() -> None:
    with pytest.raises(SourceError, match=r"mappings/import_lines.csv[\s\S]*'Arsenide'"):
        READER.lake_tables(completed(read_long(import_row("China", "5", form="Arsenide"))))
    with pytest.raises(SourceError, match=r"country labels[\s\S]*'Atlantis'"):
        READER.lake_tables(completed(read_long(import_row("Atlantis", "5"))))


def test_values_that_are_no_numbers_are_refused_together() -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            completed(read_gallium(gallium_row(reliance="?1"), gallium_row("2021", reliance="x")))
        )
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where=GALLIUM,
        expected="mappings/value_tokens.csv",
        got="2 cells",
        next_step="declare it in mappings/value_tokens.csv",
        offenders=["row 2, Gallium, NIR_pct, 2022: '?1'", "row 3, Gallium, NIR_pct, 2021: 'x'"],
        source=US,
    )


def test_a_share_over_100_percent_is_refused_by_the_schema() -> None:
    from sources.reading.lake import validated
    from sources.usgs_mcs_us.lake_schema import NetImportReliance

    lake = READER.lake_tables(completed(read_gallium(gallium_row(reliance="1000"))))
    with pytest.raises(SourceError, match="net_import_reliance_share"):
        validated(lake["net_import_reliance"], NetImportReliance, US, "lake")


@pytest.mark.parametrize(
    ("content", "problem", "got"),
    [
        (b"<!DOCTYPE html>\n<html><body>Service unavailable</body></html>\n", "no table of US", "<!DOCTYPE html>"),
        (b"", "the file holds no rows", "0 rows"),
        (GALLIUM_HEADER.encode(), "a header and no rows", "0 rows"),
        (GALLIUM_HEADER.encode() + b"\r\nMCS2023,Gallium,2022\r\n", "no regular CSV", "1 irregular rows"),
        (csv_text(GALLIUM_HEADER, gallium_row("then")).encode(), "years that the table of this edition can't hold", "1 lines"),
        (csv_text(GALLIUM_HEADER, gallium_row(high="é")).encode("cp1252"), "wrong text encoding", "0xe9"),
    ],
)  # fmt: skip
def test_a_wide_file_that_is_none(content: bytes, problem: str, got: str) -> None:
    with pytest.raises(SourceError) as raised:
        read("MCS2023", GALLIUM, content)
    assert_error_says(
        raised, problem=problem, where=GALLIUM, expected="", got=got, next_step="", source=US
    )


def test_the_long_file_in_another_encoding_or_with_another_header() -> None:
    text = csv_text("MCS chapter,Section", ["GALLIUM", "Salient"])
    with pytest.raises(SourceError, match=r"the header is not the one[\s\S]*Statistics_detail"):
        read("MCS2026", LONG, text, "cp1252")
    # UTF-8 of the em dash reads in cp1252 as other characters: a section that nobody knows.
    row = csv_text(LONG_HEADER, salient_row("100"))
    with pytest.raises(SourceError, match=r"sections that this layout does not have"):
        read("MCS2026", LONG, row, "utf-8")
    with pytest.raises(SourceError, match="wrong text encoding"):
        read("MCS2026", LONG, b"caf\x81\n")


def test_a_salient_figure_of_several_years_stops_the_run() -> None:
    with pytest.raises(SourceError, match=r"this edition can't hold[\s\S]*row 2: '2021–24'"):
        read_long(salient_row("100", year="2021–24"))


def test_years_of_another_edition_stop_the_run() -> None:
    # A book of 2026 ends with 2025, and begins with 2021; of 2023, 2022 and 2018.
    with pytest.raises(SourceError, match=r"2021, 2022, 2023, 2024, 2025, as four") as raised:
        read_long(*(salient_row("100", year=year) for year in ("2020", "2021", "2025", "2026")))
    assert raised.value.offenders == ["row 2: '2020'", "row 5: '2026'"]
    with pytest.raises(SourceError, match=r"2018, 2019, 2020, 2021, 2022, as four") as raised:
        read_gallium(gallium_row("2018"), gallium_row("2023"))
    assert raised.value.offenders == ["row 3: '2023'"]


def test_an_unknown_section_stops_the_run() -> None:
    with pytest.raises(SourceError) as raised:
        read_long(salient_row("100"), import_row("China", "5", section="Import sauces"))
    assert_error_says(
        raised,
        problem="sections that this layout does not have",
        where=LONG,
        expected="Import Sources",
        got="1 lines",
        next_step="sources/usgs_mcs_us/layouts.py",
        offenders=["'Import sauces': 1 lines, from row 3"],
        source=US,
    )


@pytest.mark.parametrize("period", ["2021-24", "2021–25", "2020–23", "2022–25", "2021"])
def test_a_period_in_another_form_or_of_other_years_stops_the_run(period: str) -> None:
    with pytest.raises(SourceError, match="this edition can't hold") as raised:
        READER.lake_tables(completed(read_long(import_row("China", "5", period=period))))
    assert raised.value.offenders == [f"row 2, Gallium: '{period}', not '2021–24'"]


def test_a_list_of_countries_is_a_group_of_its_own_words() -> None:
    lake = READER.lake_tables(completed(read_long(import_row("China, Germany, and Russia", "100"))))
    [row] = lake["us_import_source"].iter_rows(named=True)
    assert (row["geography_kind"], row["country_iso3"]) == ("group", None)
    assert row["geography_id"] == "China, Germany, and Russia"


def test_estimates() -> None:
    lake = READER.lake_tables(
        completed(read_gallium(gallium_row("2021", reliance="50"), gallium_row("2022")))
    )
    figures = lake["net_import_reliance"]
    # The last year of a wide table is the estimate; so is a cell that begins with "e".
    assert dict(figures.select("reference_year", "is_estimated").iter_rows()) == {
        2021: False,
        2022: True,
    }
    marked = READER.lake_tables(
        completed(read_gallium(gallium_row("2021", reliance="e50"), gallium_row("2022")))
    )
    assert marked["net_import_reliance"]["is_estimated"].to_list() == [True, True]
    noted = READER.lake_tables(completed(read_long(salient_row("100", notes="Estimated. -- Defined as imports."), salient_row("E", year="2024", notes="Estimated."))))  # fmt: skip
    by_year = dict(
        noted["net_import_reliance"].select("reference_year", "is_estimated").iter_rows()
    )
    assert by_year == {2025: True, 2024: False}


def test_a_list_of_controls_that_can_t_be_read_and_one_that_is_new() -> None:
    row = ["Chile", "Export ban", "Lithium since 2030", "", T4_NOTE]
    with pytest.raises(
        SourceError, match=r"lists of commodities[\s\S]*row 2, Chile: 'Lithium since"
    ):
        read("MCS2026", T4, csv_text(T4_HEADER, row))
    row[2] = "Lithium (2030)."
    with pytest.raises(SourceError, match=r"export_control_commodities.csv[\s\S]*'Lithium'"):
        READER.lake_tables(completed(read("MCS2026", T4, csv_text(T4_HEADER, row))))
    row[1] = "Export tax"
    with pytest.raises(SourceError, match=r"control_types.csv[\s\S]*'Export tax'"):
        READER.lake_tables(completed(read("MCS2026", T4, csv_text(T4_HEADER, row))))


def test_notes_of_tables_6_and_7_are_closed() -> None:
    header = "Source,Critical_Mineral,Primary_Applications,Category_Note"
    with pytest.raises(SourceError, match=r"notes that name no chapter[\s\S]*row 2, Zinc"):
        read("MCS2026", T6, csv_text(header, ["MCS2026", "Zinc", "", "See the Atlas."]))
    line = ["MCS2026", "2025_estimated", "metric tons", "Zinc", *["1"] * 2, "Guesswork.", "1", "", "1", "Canada", "", "China", "1", "1", "1", ""]  # fmt: skip
    with pytest.raises(SourceError, match=r"lines of another kind[\s\S]*says 'Guesswork.'"):
        read("MCS2026", T7, csv_text(T7_HEADER, line))
    line[2], line[6] = "kilograms", ""
    with pytest.raises(SourceError, match=r"row 2, Zinc: '2025_estimated', 'kilograms'"):
        read("MCS2026", T7, csv_text(T7_HEADER, line))
    line[1:3] = ["2024_estimated", "metric tons"]
    with pytest.raises(SourceError, match=r"year `2025_estimated`[\s\S]*row 2, Zinc: '2024_est"):
        read("MCS2026", T7, csv_text(T7_HEADER, line))


def test_a_book_is_read_under_the_header_of_its_own_year() -> None:
    """The book of 2027 moves the years in its names; a header of another book's years is refused."""
    book = EDITIONS["MCS2026"].model_copy(update={"edition": "MCS2027"})
    line = ["MCS2027", "2026_estimated", "metric tons", "Zinc", *["1"] * 2, "", "1", "", "1", "Canada", "", "China", "1", "1", "1", ""]  # fmt: skip
    header = T7_HEADER.replace("2021-24", "2022-25")
    content = csv_text(header, line).encode("utf-8-sig")
    read_it = READER.read_file(SOURCE, book, pinned("MCS2026", T7), content)["critical_salient"]
    assert set(read_it["reference_year"]) == {2026}
    [origin] = read_it.filter(measure="primary_import_source").to_dicts()
    assert origin["published_country"] == "Canada"
    with pytest.raises(SourceError, match="the header is not the one of this edition"):
        READER.read_file(
            SOURCE, book, pinned("MCS2026", T7), csv_text(T7_HEADER, line).encode("utf-8-sig")
        )


def test_long_labels_keep_both_ends() -> None:
    label = "a" * 60 + "b" * 60
    assert len(shortened(label)) == 90
    assert shortened(label).startswith("aaaa")
    assert shortened(label).endswith("bbbb")
    assert shortened("short") == "short"
