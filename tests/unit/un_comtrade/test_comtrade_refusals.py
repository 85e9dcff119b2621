"""Every way in which an answer or a file of UN Comtrade can be wrong ends in one error that says so."""

import gzip
import json
import tracemalloc

import polars as pl
import pytest
from declared_rows import API, api_csv, api_json, api_parquet, bulk, refusal, row

from sources.un_comtrade import layouts

PATH = "un_comtrade/rows"
PAGE = b"<!DOCTYPE html><html><body>Access denied</body></html>"


def test_a_changed_column() -> None:
    renamed = api_csv(row()).replace(b"primaryValue", b"tradeValue", 1)
    text = refusal(renamed, "api_csv", PATH)
    assert "missing column 'primaryValue'" in text
    assert "unknown column 'tradeValue'" in text
    less = [{name: cell for name, cell in row().items() if name != "motCode"}]
    assert "missing column 'motCode'" in refusal(api_json(*less), "api_json", PATH)
    frame = pl.DataFrame([row()]).rename({"cmdCode": "commodityCode"})
    text = refusal(api_parquet(frame), "api_parquet", PATH)
    assert "unknown column 'commodityCode'" in text
    assert "netwgt" in refusal(bulk("1,2,3", header="reporter,partner,cmd"), "bulk_csv_gz")


@pytest.mark.parametrize("side", ["reporterCode", "partnerCode"])
def test_an_unknown_country(side: str) -> None:
    text = refusal(api_csv(row(), row(**{side: "999"})), "api_csv", PATH)
    assert f"{side.removesuffix('Code')} '999' (1 rows, from row 3)" in text
    assert "country_aliases.csv" in text
    assert "areas_not_used.csv" in text


def test_a_country_out_of_its_years() -> None:
    # Belgium-Luxembourg ended with 1998.
    text = refusal(api_csv(row(reporterCode="58")), "api_csv", PATH)
    assert "'58' in 2024" in text


@pytest.mark.parametrize("code", ["10121", "283691.0", "2.8e5", ""])
def test_a_code_read_as_a_number(code: str) -> None:
    text = refusal(api_csv(row(cmdCode=code)), "api_csv", PATH)
    assert "published_code" in text
    assert "loses its first zero" in text


def test_columns_saved_as_numbers() -> None:
    frame = pl.DataFrame([row()]).with_columns(pl.col("cmdCode").cast(pl.Int64))
    text = refusal(api_parquet(frame), "api_parquet", PATH)
    assert "got:      cmdCode" in text


@pytest.mark.parametrize("layout", ["api_csv", "api_json", "api_parquet", "bulk_csv_gz"])
def test_an_error_page(layout: str) -> None:
    text = refusal(PAGE, layout)
    assert "fetch it again" in text or "fetch the file again" in text or "adapt" in text


def test_an_answer_that_is_an_error() -> None:
    quota = json.dumps({"statusCode": 429, "message": "Out of call volume quota"}).encode()
    assert "got:      Out of call volume quota" in refusal(quota, "api_json", PATH)
    told = api_json(row(), error="Invalid period")
    assert "got:      Invalid period" in refusal(told, "api_json", PATH)


def test_a_cut_answer() -> None:
    assert "expected: count 7" in refusal(api_json(row(), count=7), "api_json", PATH)
    assert "no JSON" in refusal(api_json(row())[:-9], "api_json", PATH)


def test_an_answer_without_rows() -> None:
    assert "the file holds no rows" in refusal(api_json(), "api_json", PATH)


def test_a_truncated_gzip() -> None:
    # Stored bytes that don't compress, so that the cut falls within them.
    lines = [f"68,604,250490,M,{n * 7919 % 99991}.{n},1" for n in range(1, 3000)]
    whole = bulk(*lines)
    text = refusal(whole[: len(whole) // 2], "bulk_csv_gz")
    assert "the gzip can't be read" in text


def test_a_gzip_that_holds_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "MOST_BYTES", 3 << 20)
    monkeypatch.setattr(layouts, "PIECE", 1 << 20)
    text = refusal(gzip.compress(bytes(4 << 20)), "bulk_csv_gz")
    assert "the gzip holds more than we read" in text


def test_a_small_gzip_needs_little_memory() -> None:
    """Read at once, it took the two gigabytes that the largest may have."""
    tracemalloc.start()
    try:
        refusal(gzip.compress(b"no header\n"), "bulk_csv_gz")
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_a_year_without_a_name() -> None:
    content = bulk("68,604,250490,M,541.0,1")
    text = refusal(content, "bulk_csv_gz", "un_comtrade/declarations.csv.gz")
    assert "neither in the file nor in its name" in text


@pytest.mark.parametrize("cell", ["-5", "1,000", "n.a.", "1e", "NaN5"])
def test_a_value_that_is_no_number(cell: str) -> None:
    assert "published_value" in refusal(api_csv(row(primaryValue=cell)), "api_csv", PATH)


def test_a_flag_that_is_neither() -> None:
    text = refusal(api_csv(row(isNetWgtEstimated="maybe")), "api_csv", PATH)
    assert "is_net_weight_estimated: 'maybe'" in text


def test_months_are_no_years() -> None:
    assert "freqCode A" in refusal(api_csv(row(freqCode="M")), "api_csv", PATH)


def test_two_totals_of_one_key() -> None:
    text = refusal(api_csv(row(), row(primaryValue="1200.0")), "api_csv", PATH)
    assert "contradict each other" in text
    assert "283691" in text


def test_the_header_alone() -> None:
    assert "no rows" in refusal(
        gzip.compress(b"reporter,partner,cmd,flow,value,netwgt\n"), "bulk_csv_gz"
    )
    assert len(API) == 47
