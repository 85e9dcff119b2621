"""A value cell is read strictly, and nothing but a printed zero ever becomes 0."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from publisher_files import SOURCE, assert_error_says, long_row, read_long

from sources.reading.errors import SourceError
from sources.reading.values import ParsedValue, parse_value, with_values_parsed

# The publisher's tokens, from the key to symbols of the Mineral Commodity Summaries.
TOKENS = {
    "—": "zero",
    "0": "zero",
    "0.0": "zero",
    "NA": "not_available",
    "W": "withheld",
    "XX": "not_applicable",
    "s": "below_unit",
    "E": "net_exporter",
    # Words, editions 2023 to 2026.
    "Less than ½ unit.": "below_unit",
    "Included in World total.": "included_elsewhere",
    "Included with “Other countries.”": "included_elsewhere",
    "Included with ilmenite": "included_elsewhere",
    "included with ilmenite": "included_elsewhere",
    "Large": "qualitative",
    "Moderate": "qualitative",
    "Small": "qualitative",
    "Very small": "qualitative",
    'Categorized as "large"': "qualitative",
    "Variable, depending on type of product": "qualitative",
    "Moderate to large": "qualitative",
}
ZERO_TOKENS = {token for token, status in TOKENS.items() if status == "zero"}
# Texts that look like a publisher's cell, so that hypothesis spends its time near the truth.
cell_like = st.text(alphabet="0123456789,.–-<> —WNAsXE½e+\n", max_size=12)


def _mapping_rows(folder: Path) -> dict[str, str]:
    frame = pl.read_csv(folder / "mappings" / "value_tokens.csv", infer_schema=False)
    return dict(zip(frame["token"], frame["value_status"], strict=True))


def test_the_closed_list_of_tokens_is_the_publishers() -> None:
    assert _mapping_rows(SOURCE.folder) == TOKENS


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("—", ParsedValue("zero", number=0.0)),
        ("0", ParsedValue("zero", number=0.0)),
        ("0.0", ParsedValue("zero", number=0.0)),
        ("NA", ParsedValue("not_available")),
        ("W", ParsedValue("withheld")),
        ("XX", ParsedValue("not_applicable")),
        ("s", ParsedValue("below_unit", lower=0.0, upper=0.5)),
        ("E", ParsedValue("net_exporter")),
        ("Less than ½ unit.", ParsedValue("below_unit", lower=0.0, upper=0.5)),
        ("Included in World total.", ParsedValue("included_elsewhere")),
        ("Large", ParsedValue("qualitative")),
    ],
)
def test_every_token_has_its_meaning(token: str, expected: ParsedValue) -> None:
    assert parse_value(token, TOKENS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("770", ParsedValue("numeric", number=770)),
        ("8.5", ParsedValue("numeric", number=8.5)),
        ("0.3", ParsedValue("numeric", number=0.3)),
        ("14000000", ParsedValue("numeric", number=14_000_000)),
        ("12,400", ParsedValue("numeric", number=12_400)),
        ("2,310,000", ParsedValue("numeric", number=2_310_000)),
        ("1,234.5", ParsedValue("numeric", number=1_234.5)),
        (">50", ParsedValue("bounded", lower=50)),
        ("> 50", ParsedValue("bounded", lower=50)),
        (">2,000,000", ParsedValue("bounded", lower=2_000_000)),
        ("<1,000", ParsedValue("bounded", lower=0, upper=1_000)),
        ("<1", ParsedValue("bounded", lower=0, upper=1)),
        ("50–300", ParsedValue("bounded", lower=50, upper=300)),
        ("330 - 390", ParsedValue("bounded", lower=330, upper=390)),
        ("10,000 - 15,000", ParsedValue("bounded", lower=10_000, upper=15_000)),
        ("7–7", ParsedValue("bounded", lower=7, upper=7)),
    ],
)
def test_numbers_bounds_and_ranges(text: str, expected: ParsedValue) -> None:
    assert parse_value(text, TOKENS) == expected


@pytest.mark.parametrize(
    "text",
    [
        "?1",
        "?10",
        "1,23",
        "12,3456",
        ",123",
        "12..3",
        "12.",
        ".5",
        "1.234,5",
        "300–50",
        "50–",
        ">",
        "><5",
        ">>5",
        "-5",
        "−88",
        "+5",
        "e5,000",
        "1e3",
        "5 000",
        "nan",
        "inf",
        "w",
        "S",
        "n/a",
        "--",
        "-",
        "large",
        "",
        # Zeros that are no declared token, and what leaves room for nothing but zero.
        "0.00",
        "00",
        "0,000",
        "0." + "0" * 400 + "1",
        "<0",
        "<0.0",
        "0–0",
        # Beyond what a float holds.
        "9" * 400,
        ">" + "9" * 400,
        "1–" + "9" * 400,
        # A line end, and digits of other scripts.
        "5\n",
        "<5\n",
        "1–2\n",
        "٥",
        "５",
        "1２",
        "<٥",
        "1–٥",
        "5\u00a0–\u00a06",
        " ",
        "5t",
    ],
)
def test_garbage_is_not_read(text: str) -> None:
    assert parse_value(text, TOKENS) is None


@pytest.mark.parametrize(
    ("text", "note", "expected"),
    [
        (None, None, ParsedValue("not_available")),
        (None, "withheld", ParsedValue("withheld")),
        (None, "not_applicable", ParsedValue("not_applicable")),
        (None, "included_elsewhere", ParsedValue("included_elsewhere")),
        (None, "below_unit", ParsedValue("below_unit", lower=0.0, upper=0.5)),
        ("s", "included_elsewhere", ParsedValue("included_elsewhere")),
        ("s", "below_unit", ParsedValue("below_unit", lower=0.0, upper=0.5)),
        # A note never overrules a figure or another token that is printed.
        ("41", "included_elsewhere", ParsedValue("numeric", number=41)),
        ("—", "withheld", ParsedValue("zero", number=0.0)),
        ("W", "not_available", ParsedValue("withheld")),
        # A note that there is a figure explains no empty cell.
        (None, "numeric", None),
        (None, "zero", None),
    ],
)
def test_a_note_counts_where_the_cell_is_empty(
    text: str | None, note: str | None, expected: ParsedValue | None
) -> None:
    assert parse_value(text, TOKENS, note) == expected


@given(st.integers(min_value=1, max_value=10**15))
def test_a_whole_number_survives_its_thousands_separators(number: int) -> None:
    assert parse_value(f"{number:,}", TOKENS) == ParsedValue("numeric", number=float(number))
    assert parse_value(str(number), TOKENS) == ParsedValue("numeric", number=float(number))


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=9999))
def test_a_decimal_survives_its_thousands_separators(whole: int, thousandths: int) -> None:
    decimals = f"{thousandths:04d}"
    expected = ParsedValue("numeric", number=float(f"{whole}.{decimals}"))
    assert parse_value(f"{whole:,}.{decimals}", TOKENS) == expected


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=10**9))
def test_a_range_is_read_exactly_if_it_is_not_reversed(one: int, other: int) -> None:
    parsed = parse_value(f"{one:,}–{other:,}", TOKENS)
    if one <= other and other > 0:
        assert parsed == ParsedValue("bounded", lower=one, upper=other)
    else:
        assert parsed is None


@example("0,000.5")
@given(st.one_of(cell_like, st.text(max_size=8)))
def test_a_figure_and_a_status_always_agree(text: str) -> None:
    parsed = parse_value(text, TOKENS)
    if parsed is None:
        return
    assert (parsed.number is not None) == (parsed.status in {"numeric", "zero"})
    assert (parsed.status == "zero") == (text in ZERO_TOKENS)
    has_bounds = parsed.lower is not None or parsed.upper is not None
    assert has_bounds == (parsed.status in {"bounded", "below_unit"})
    if parsed.lower is not None and parsed.upper is not None:
        assert 0 <= parsed.lower <= parsed.upper


@example("0.00")
@example("00")
@example("0,000")
@given(st.one_of(cell_like, st.text(max_size=8)))
def test_no_input_gives_zero_unless_it_is_a_zero_token(text: str) -> None:
    parsed = parse_value(text, TOKENS)
    assert parsed is None or parsed.number != 0 or text in ZERO_TOKENS
    assert parsed is None or parsed.upper != 0


@given(st.text(alphabet="0123456789٠١٥۹०५０５¹½", min_size=1, max_size=6))
def test_only_our_ten_digits_are_digits(text: str) -> None:
    parsed = parse_value(text, TOKENS)
    if parsed is not None:
        assert set(text) <= set("0123456789")


@given(st.sampled_from([None, "NA", "W", "XX", "s", "E"]), st.sampled_from([None, "withheld"]))
def test_what_is_missing_is_never_a_number(text: str | None, note: str | None) -> None:
    parsed = parse_value(text, TOKENS, note)
    assert parsed is not None
    assert parsed.number is None


@pytest.mark.parametrize("text", ["0.00", "00", "0,000"])
def test_an_undeclared_spelling_of_zero_stops_the_run(text: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_long(long_row("Chile", text))
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where="MCS2026_Commodities_Data.csv",
        expected="mappings/value_tokens.csv",
        got="1 cells",
        next_step="declare it in mappings/value_tokens.csv",
        offenders=[f"row 2, Lithium, Chile, 2024: {text!r}"],
    )


def test_all_unreadable_values_are_refused_at_once() -> None:
    with pytest.raises(SourceError) as raised:
        read_long(
            long_row("Argentina", "?1"),
            long_row("Australia", "82,700"),
            long_row("Brazil", "1,23"),
            long_row("Chile", "12..3", year="2025"),
            long_row("China", "300–50"),
            long_row("Mali", "1,23"),
            long_row("Portugal", "NA"),
        )
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where="MCS2026_Commodities_Data.csv",
        expected="mappings/value_tokens.csv",
        got="5 cells",
        next_step="declare it in mappings/value_tokens.csv",
        offenders=[
            "row 2, Lithium, Argentina, 2024: '?1'",
            "row 4, Lithium, Brazil, 2024: '1,23'",
            "row 5, Lithium, Chile, 2025: '12..3'",
            "row 6, Lithium, China, 2024: '300–50'",
            "row 7, Lithium, Mali, 2024: '1,23'",
        ],
    )
    assert len(raised.value.offenders) == 5


def test_a_long_list_of_rows_is_capped_and_counted() -> None:
    with pytest.raises(SourceError) as raised:
        read_long(*(long_row("Chile", f"?{number}") for number in range(15)))
    assert len(raised.value.offenders) == 15
    assert "… and 3 more" in str(raised.value)


def test_a_table_without_notes_is_read_and_its_rows_are_named_by_its_own_labels() -> None:
    frame = pl.DataFrame(
        {
            "source_file": ["b.csv", "a.csv", "a.csv"],
            "file_row": [2, 3, 4],
            "measure": ["stock", "price", "price"],
            "published_value": ["7,000", None, "E"],
        }
    )
    got = with_values_parsed(frame, SOURCE, ["measure"])
    assert got.columns[:4] == frame.columns
    assert "status_from_note" not in got.columns
    assert got.select("value_status", "value_number").rows() == [
        ("numeric", 7_000.0),
        ("not_available", None),
        ("net_exporter", None),
    ]
    bad = frame.with_columns(published_value=pl.lit("about 7"))
    with pytest.raises(SourceError) as raised:
        with_values_parsed(bad, SOURCE, ["measure"])
    assert_error_says(
        raised,
        problem="values that are no number and no known token",
        where="a.csv, b.csv",
        expected="a number, a bound, a range",
        got="3 cells",
        next_step="mappings/value_tokens.csv",
        offenders=["row 2, stock: 'about 7'", "row 4, price: 'about 7'"],
    )


def test_a_mark_behind_a_number_says_that_it_is_estimated() -> None:
    cells = ["1,850e", "1850", "0 e", None, "W", "Large", "E", "<5"]
    frame = pl.DataFrame(
        {
            "source_file": "a.csv",
            "file_row": list(range(2, 10)),
            "published_value": cells,
        }
    )
    got = with_values_parsed(frame, SOURCE, ["file_row"], estimate_mark="e")
    assert got["published_value"].to_list() == cells, "as printed"
    assert got.select("value_status", "value_number", "is_estimated").rows() == [
        ("numeric", 1850.0, True),
        ("numeric", 1850.0, False),
        ("zero", 0.0, True),
        ("not_available", None, False),
        ("withheld", None, False),
        # A word that ends in the mark is a word.
        ("qualitative", None, False),
        ("net_exporter", None, False),
        ("bounded", None, False),
    ]
    with pytest.raises(SourceError) as raised:
        with_values_parsed(frame, SOURCE, ["file_row"])
    assert list(raised.value.offenders) == ["row 2, 2: '1,850e'", "row 4, 4: '0 e'"]
    with pytest.raises(SourceError) as raised:
        with_values_parsed(
            frame.with_columns(published_value=pl.lit("We")),
            SOURCE,
            ["file_row"],
            estimate_mark="e",
        )
    assert "row 2, 2: 'We'" in raised.value.offenders


def test_a_blank_cell_whose_note_promises_a_figure_stops_the_run() -> None:
    frame = pl.DataFrame(
        {
            "source_file": ["a.csv", "a.csv"],
            "file_row": [2, 3],
            "measure": ["stock", "price"],
            "published_value": pl.Series([None, None], dtype=pl.String),
            "status_from_note": ["withheld", "numeric"],
        }
    )
    with pytest.raises(SourceError) as raised:
        with_values_parsed(frame, SOURCE, ["measure"])
    assert list(raised.value.offenders) == ["row 3, price: None"]
