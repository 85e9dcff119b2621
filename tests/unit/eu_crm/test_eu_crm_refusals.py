"""What the reader refuses, and that one error says source, file, row or label, and what to do."""

import polars as pl
import pytest
from eu_crm_files import EDITION, NAMES, SOURCE, assert_error_says, file_of, read, text_of

from sources.eu_crm import tidy
from sources.eu_crm.layouts import LAYOUTS
from sources.eu_crm.reader import READER
from sources.eu_crm.schema import PublishedCriticality, PublishedSupplyShare, UseShare
from sources.reading import catalog
from sources.reading.errors import SourceError
from sources.reading.lake import validated

Tables = dict[str, pl.DataFrame]
FILE = "fact_GlobalSupplyShares_t.csv"


def _changed(tables: Tables, table: str, row_id: str, **cells: object) -> Tables:
    """The snapshot's tables with some cells of one record changed."""
    here = pl.col("source_row_id") == f"EUCRM2023:{row_id}"
    frame = tables[table]
    assert frame.filter(here).height == 1
    return {
        **tables,
        table: frame.with_columns(
            pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
            for name, value in cells.items()
        ),
    }


@pytest.mark.parametrize(
    ("cell", "unit", "status", "figures"),
    [
        ("4%", "%", "numeric", (4.0, None, None)),
        ("1.5%", "%", "numeric", (1.5, None, None)),
        ("<0.1%", "%", "bounded", (None, 0.0, 0.1)),
        (">0%", "%", "bounded", (None, 0.0, None)),
        ("0%", "%", "zero", (0.0, None, None)),
        ("6", None, "numeric", (6.0, None, None)),
        ("-", None, "not_available", (None, None, None)),
    ],
)
def test_what_a_share_cell_says(
    cell: str, unit: str | None, status: str, figures: tuple[float | None, ...]
) -> None:
    [row] = read("supply_shares_world", f"Copper,E,Chile,{cell},1.0")["supply_share"].to_dicts()
    assert (row["published_value"], row["published_unit"]) == (cell, unit)
    assert row["value_status"] == status
    assert (row["value_number"], row["value_lower"], row["value_upper"]) == figures


@pytest.mark.parametrize("cell", ["four%", "4 pct", "4,5%", "n/a", "~4%"])
def test_a_share_that_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(SourceError) as raised:
        read("supply_shares_world", "Copper,E,Chile,4%,1.0", f'Copper,E,Peru,"{cell}",1.0')
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where=FILE,
        expected="a number, a bound, a range",
        got="1 cells",
        next_step="mappings/value_tokens.csv",
        offenders=[f"row 3, Copper, E, Peru: {cell!r}"],
    )


def test_a_trade_factor_that_is_no_number_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read("supply_shares_eu", "Copper,E,Chile,4%,high")
    assert_error_says(
        raised,
        problem="published_trade_factor is no number",
        where="fact_EUSupplyShares_t.csv",
        expected="a plain number",
        got="1 cells",
        next_step="sources/eu_crm/layouts.py",
        offenders=["row 2, Copper, Chile: 'high'"],
    )


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read("criticality", "Gallium,2023,3.9,3.7", "Tin,2023,low,4.5")
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where="dimension_CRMsOverTime.csv",
        expected="a number",
        got="1 cells",
        next_step="value_tokens.csv",
        offenders=["row 3, Tin, 2023: 'low'"],
    )


def test_a_value_added_that_is_no_number_is_refused() -> None:
    with pytest.raises(SourceError) as raised:
        read("use_shares", "Tin,Solders,52%,C26 - Electronics,77 000")
    assert "published_value_added is no number" in str(raised.value)
    assert raised.value.offenders == ["row 2, Tin, Solders: '77 000'"]


def test_one_score_without_the_other_is_refused() -> None:
    frame = read("criticality", "Tin,2023,0.9,-")["criticality"]
    with pytest.raises(SourceError) as raised:
        validated(
            frame.select(PublishedCriticality.column_names()), PublishedCriticality, "eu_crm", "x"
        )
    assert "assessed_in_both_or_in_neither: 1 rows" in raised.value.offenders


@pytest.mark.parametrize(("cell", "rule"), [("140%", "value_number|max"), ("", "published_value")])
def test_a_share_above_the_whole_or_missing_is_refused(cell: str, rule: str) -> None:
    frame = read("supply_shares_world", f"Copper,E,Chile,{cell},1.0")["supply_share"]
    with pytest.raises(SourceError) as raised:
        validated(
            frame.select(PublishedSupplyShare.column_names()), PublishedSupplyShare, "eu_crm", "x"
        )
    assert any(offender.startswith(rule) for offender in raised.value.offenders)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_changed_header_is_refused(layout: str) -> None:
    text = text_of(layout, "a,b,c,d,e", header="Material,Stage,Land,Share,t")
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file_of(layout), text.encode("cp1252"))
    assert_error_says(
        raised,
        problem="the header is not the one of this edition",
        where=NAMES[layout],
        expected=",",
        got="Material, Stage, Land, Share, t",
        next_step="sources/eu_crm/layouts.py",
        offenders=["unknown column 'Land'"],
    )


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_an_html_page_is_refused(layout: str) -> None:
    page = b"<!DOCTYPE html>\n<html><body><h1>Sign in, please</h1></body></html>\n"
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file_of(layout), page)
    message = str(raised.value)
    assert NAMES[layout] in message
    assert "<!DOCTYPE html>" in message


@pytest.mark.parametrize(
    ("layout", "line"),
    [
        ("supply_shares_eu", "Antimony,E,Türkiye,63%,1"),
        ("use_shares", "Tin,Solders,52%,C26 - Electronics,77000"),
    ],
)
def test_a_file_saved_again_as_utf8_is_refused(layout: str, line: str) -> None:
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file_of(layout), text_of(layout, line).encode("utf-8"))
    assert_error_says(
        raised,
        problem="wrong text encoding",
        where=NAMES[layout],
        expected="cp1252",
        got="UTF-8",
        next_step="fetch the file again as published",
    )


def test_a_byte_without_a_letter_is_refused() -> None:
    content = (
        text_of("supply_shares_eu", "Antimony,E,T?rkiye,63%,1").encode().replace(b"?", b"\x81")
    )
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file_of("supply_shares_eu"), content)
    assert_error_says(
        raised,
        problem="wrong text encoding",
        where="fact_EUSupplyShares_t.csv, byte",
        expected="cp1252",
        got="0x81",
        next_step="fetch the file again",
    )


@pytest.mark.parametrize("name", ["Türkiye", "Côte d'Ivoire"])
def test_letters_of_the_windows_code_page_are_read_right(name: str) -> None:
    frame = read("supply_shares_eu", f"Natural Rubber,E,{name},19%,1")["supply_share"]
    assert frame["published_country"].to_list() == [name]


def test_a_header_without_rows_is_refused() -> None:
    with pytest.raises(SourceError, match="the file holds a header and no rows"):
        read("criticality")


def test_an_unknown_layout_is_refused() -> None:
    file = file_of("criticality").model_copy(update={"layout": "criticality_2026"})
    with pytest.raises(SourceError) as raised:
        READER.read_file(SOURCE, EDITION, file, b"")
    assert raised.value.got == "criticality_2026"


@pytest.mark.parametrize(
    ("table", "row_id", "cells", "offender"),
    [
        (
            "supply_share",
            f"{FILE}:488",
            {"published_material": "Gallium metal"},
            "row 488: edition 'EUCRM2023', table 'world', published_material 'Gallium metal', published_stage 'P' (1 records)",
        ),
        (
            "supply_share",
            f"{FILE}:488",
            {"published_stage": "R"},
            "row 488: edition 'EUCRM2023', table 'world', published_material 'Gallium', published_stage 'R' (1 records)",
        ),
        # A spelling of one file is unknown in another.
        (
            "criticality",
            "dimension_CRMsOverTime.csv:304",
            {"published_material": "Barytes"},
            "row 304: edition 'EUCRM2023', table 'criticality', published_material 'Barytes', published_stage None (1 records)",
        ),
    ],
)
def test_an_unknown_material_is_refused(
    embedded: Tables, table: str, row_id: str, cells: dict[str, str], offender: str
) -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(_changed(embedded, table, row_id, **cells))
    assert_error_says(
        raised,
        problem="labels that a closed table does not have",
        where=row_id.split(":", maxsplit=1)[0],
        expected="a row of mappings/materials.csv",
        got="1 labels without one",
        next_step="sources/eu_crm/mappings/materials.csv",
        offenders=[offender],
    )


def test_a_study_whose_years_are_not_known_is_refused(
    embedded: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "AVERAGED_YEARS", {"EUCRM2020": (2012, 2016)})
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(embedded)
    assert_error_says(
        raised,
        problem="an edition whose years of the mean are not known",
        where="fact_EUSupplyShares_t.csv",
        expected="EUCRM2020",
        got="1 editions",
        next_step="sources/eu_crm/tidy.py",
        offenders=["EUCRM2023: "],
    )


def test_an_unknown_country_spelling_is_refused(embedded: Tables) -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            _changed(embedded, "supply_share", f"{FILE}:488", published_country="P.R. China")
        )
    assert_error_says(
        raised,
        problem="country labels that the closed table does not have",
        where="scheme 'eu_crm_name'",
        expected="sources/reference/country_aliases.csv",
        got="1 rows without one",
        next_step="add the spelling",
        offenders=["'P.R. China' in 2020 (1 rows)"],
    )


def test_another_bare_number_is_refused(embedded: Tables) -> None:
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            _changed(
                embedded, "supply_share", f"{FILE}:488", published_value="93.8", published_unit=None
            )
        )
    assert_error_says(
        raised,
        problem="shares without a per cent sign",
        where=FILE,
        expected="every share in percent",
        got="1 bare numbers",
        next_step="corrections.yml",
        offenders=["row 488, Gallium: '93.8'"],
    )


def test_a_mended_six_stops_the_correction(embedded: Tables) -> None:
    row_id = "fact_EUSupplyShares_t.csv:712"
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(
            _changed(embedded, "supply_share", row_id, published_value="6%", published_unit="%")
        )
    assert "correction EUCRM2023-silicon-germany-unit no longer fits" in str(raised.value)


def test_a_listed_record_that_moved_is_refused(embedded: Tables) -> None:
    row_id = "fact_MaterialUseShares.csv:187"
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(_changed(embedded, "use_share", row_id, published_material="Tin"))
    assert_error_says(
        raised,
        problem="records listed as not used are no longer there",
        where="not_used_records.csv",
        expected="the material of the list",
        got="1 of 1 not found",
        next_step="remove or adapt the row",
        offenders=["fact_MaterialUseShares.csv, row 187: Magnesium"],
    )


def test_a_second_unlisted_repetition_breaks_the_key(embedded: Tables) -> None:
    # Row 188 (packaging) made a copy of row 186 (construction).
    again = _changed(
        embedded,
        "use_share",
        "fact_MaterialUseShares.csv:188",
        published_application="Construction",
    )
    lake = READER.lake_tables(again)["use_share"]
    with pytest.raises(SourceError, match="break the rules"):
        validated(lake, UseShare, "eu_crm", "lake/eu_crm/use_share")


def test_the_mapping_is_closed_and_whole() -> None:
    materials = pl.read_csv(SOURCE.folder / "mappings" / "materials.csv", infer_schema=False)
    minerals = pl.read_csv(catalog.SOURCES_ROOT / "reference" / "minerals.csv", infer_schema=False)[
        "mineral_id"
    ]
    mapped = materials.filter(pl.col("mineral_id").is_not_null())
    assert set(mapped["mineral_id"]) <= set(minerals)
    # Mapped or not used with a reason, never both, never neither.
    assert (materials["mineral_id"].is_null() != materials["not_used_reason"].is_null()).all()
    assert mapped.select("material_id", "material_scope").null_count().row(0) == (0, 0)
    key = ["edition", "table", "published_material", "published_stage"]
    assert materials.select(key).is_unique().all()
    # A mineral is covered either as a whole or by parts in one file and stage, or it says "part".
    whole = mapped.filter(material_scope="whole")
    assert whole.select("table", "mineral_id", "stage").is_unique().all()
