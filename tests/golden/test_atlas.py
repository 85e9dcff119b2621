"""What the atlas embeds is what the marts say, row by row; and it has words for all that they say."""

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from dagster_project.publishing.atlas.build import encoded
from dagster_project.publishing.atlas.queries import (
    FIRST_YEAR,
    OF_IMPORTER,
    PREPARE,
    SCALED,
    SHARED,
    SMALLEST_SHARE,
)

pytestmark = pytest.mark.slow
MOST_BYTES = 5_000_000
# Half of the last digit that is embedded; a share above zero is kept above zero.
ROUNDING = 1.0e-5


@pytest.fixture(scope="module")
def page(data: Path) -> str:
    return (data / "published" / "current" / "atlas.html").read_text(encoding="utf-8")


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


@pytest.fixture(scope="module")
def embedded(page: str) -> dict[str, Any]:
    """What every choice needs."""
    found = re.search(r'<script type="text/plain" id="data">([^<]+)</script>', page)
    assert found
    return unpacked(found[1])


@pytest.fixture(scope="module")
def parts(data: Path, page: str, embedded: dict[str, Any]) -> dict[str, Any]:
    """The data of each importer: inside the page, or beside it and of the same release."""
    found = {
        code: unpacked(text)
        for code, text in re.findall(
            r'<script type="text/plain" id="data-(\w+)">([^<]+)</script>', page
        )
    }
    assert len(found) > 15
    for path in (data / "published" / "current" / "atlas").iterdir():
        text = path.read_text(encoding="utf-8").removeprefix("atlasHold(").removesuffix(")")
        ((code, (digest, packed)),) = json.loads(text).items()
        assert path.name == f"{code}.js"
        assert digest == embedded["release"]["content_digest"]
        assert code not in found
        found[code] = unpacked(packed)
    return found


@pytest.fixture(scope="module")
def tables(embedded: dict[str, Any], parts: dict[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """All tables, those cut by importer put together again, as the page does."""
    whole = {
        name: {column: decoded(content) for column, content in columns.items()}
        for name, columns in embedded["tables"].items()
    }
    for importer, part in sorted(parts.items()):
        for name, columns in part.items():
            for column, at in columns.items():
                whole[name][column] += decoded(embedded["tables"][name][column] | {"at": at})
            (rows,) = {len(at) for at in columns.values()}
            whole[name]["importer_id"] += [importer] * rows
    return whole


def decoded(column: dict[str, Any]) -> list[Any]:
    """Values of an embedded column, as the page reads them."""
    if "names" in column:
        return [None if at is None else column["names"][at] for at in column["at"]]
    if "scale" not in column:
        return column["at"]
    return [None if at is None else at / column["scale"] for at in column["at"]]


def test_page_is_small_and_asks_for_nothing(page: str) -> None:
    assert len(page.encode("utf-8")) < MOST_BYTES
    assert "default-src 'none'" in page
    # Addresses of licences and terms are in the packed data; nothing in the markup or code is fetched.
    markup = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(
        r"https?://|fetch\(|XMLHttpRequest|import\(|@import|url\((?!#|data:)", markup
    )


def test_every_supplier_share_is_the_marts(
    tables: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Unpacked by counting as the page does, and compared with the mart itself, not with the query that packs."""
    questions = tables["question"]
    counts = pl.Series(questions["suppliers"], dtype=pl.Int64)
    keys = ["importer_id", "series_level", "hs6", "mineral_id", "stage", "reference_year"]
    asked = pl.DataFrame({name: questions[name] for name in keys}, infer_schema_length=None)
    shown = asked.select(pl.all().repeat_by(counts).explode(empty_as_null=False)).with_columns(
        pl.Series(name, tables["supplier"][name])
        for name in ("origin_id", "value_share", "quantity_share", "quality_flags")
    )
    assert len(shown) > 700_000
    release.register("shown", shown.with_columns(pl.col("reference_year").cast(pl.Int32)))
    joined = release.execute(
        f"""
        with
        compared as (
            select
                mart.origin_id is not null as is_found,
                shown.value_share is not distinct from mart.value_share
                or abs(shown.value_share - mart.value_share) <= {ROUNDING} as same_value,
                shown.quantity_share is not distinct from mart.quantity_share
                or abs(shown.quantity_share - mart.quantity_share) <= {ROUNDING} as same_quantity,
                shown.quality_flags is not distinct from mart.quality_flags as same_flags
            from shown
            left join marts.mart_import_dependency as mart
                on shown.importer_id = mart.importer_id and shown.mineral_id = mart.mineral_id
                and shown.stage = mart.stage and shown.reference_year = mart.reference_year
                and shown.series_level = mart.series_level and shown.hs6 is not distinct from mart.hs6
                and shown.origin_id = mart.origin_id and mart.is_current_series
        )
        select
            count(*), count(*) filter (is_found), count(*) filter (coalesce(same_value, false)),
            count(*) filter (coalesce(same_quantity, false)), count(*) filter (same_flags)
        from compared
        """
    ).fetchall()[0]
    release.unregister("shown")
    assert set(joined) == {len(shown)}


def test_no_importer_and_no_large_supplier_is_left_out(
    embedded: dict[str, Any],
    parts: dict[str, Any],
    tables: dict[str, Any],
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Every country and bloc of the release can be chosen, and has its data."""
    importers = set(decoded(embedded["tables"]["importer"]["importer_id"]))
    asked = release.execute(
        "select importer_id from marts.mart_headline union select importer_id from marts.mart_import_dependency"
    ).fetchall()
    assert importers == {code for (code,) in asked} == set(parts)
    (expected,) = release.execute(
        "select count(*) from marts.mart_import_dependency where is_current_series "
        "and (series_level = 'mineral_stage' "
        "or mineral_id not in (select mineral_id from marts.dim_mineral)) "
        f"and greatest(value_share, quantity_share) >= {SMALLEST_SHARE}"
    ).fetchall()[0]
    assert len(tables["supplier"]["origin_id"]) == expected


def test_no_mineral_and_no_stage_is_left_out(
    embedded: dict[str, Any], tables: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Each question of `mart_headline` can be chosen; a mineral that nothing tells of is listed apart, with a reason."""
    listed = set(tables["mineral"]["mineral_id"])
    known = release.execute("select mineral_id from marts.dim_mineral").fetchall()
    assert listed == {mineral for (mineral,) in known}
    stages: set[tuple[str, str]] = set()
    for name in ("traded", "concentration", "asked", "untold"):
        stages |= set(zip(tables[name]["mineral_id"], tables[name]["stage"], strict=True))
    asked = release.execute(
        "select mineral_id, stage from marts.mart_headline "
        "union select mineral_id, stage from marts.mart_import_dependency where is_current_series "
        "and series_level = 'mineral_stage' union select mineral_id, stage from marts.mart_vulnerability"
    ).fetchall()
    assert {("heavy_rare_earths", "refined"), ("light_rare_earths", "refined")} < set(asked)
    assert set(asked) <= stages
    assert listed <= {mineral for mineral, _ in stages}
    assert set(tables["untold"]["null_reason"]) <= embedded["words"]["reasons"].keys()


def test_every_year_without_an_answer_has_its_reason(
    tables: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    gaps = pl.DataFrame(tables["gap"], infer_schema_length=None)
    years = [
        [FIRST_YEAR + bit for bit in range(63) if bits >> bit & 1]
        for bits in gaps["years"].to_list()
    ]
    keys = ["importer_id", "series_level", "hs6", "mineral_id", "stage", "reference_year"]
    reasons = ["series_id", "null_reason", "quantity_null_reason"]
    shown = gaps.with_columns(reference_year=pl.Series(years, dtype=pl.List(pl.Int32))).explode(
        "reference_year"
    )
    mart = release.execute(
        f"select {', '.join(keys + reasons)} from marts.mart_import_dependency "
        "where is_current_series and origin_id is null and (series_level = 'mineral_stage' "
        "or mineral_id not in (select mineral_id from marts.dim_mineral))"
    ).pl()
    assert len(mart) > 500_000
    assert shown.select(keys + reasons).sort(keys).equals(mart.sort(keys))


def test_rounding_makes_no_zero_and_hides_no_fault() -> None:
    """A share that can't be, below zero or above one, is shown as it is; none is on the way to a zero."""
    shares = pl.Series("a_share", [0.0, 0.4, 1e-9, None, -0.3, -1e-9, 1.2])
    assert encoded(shares)["at"] == [0, 40_000, 1, None, -30_000, -1, 120_000]


def test_exposures_are_the_marts_by_value_and_by_tonnes(
    tables: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Each end of each exposure, compared with the mart itself; Indonesia's ban on nickel ore is among them."""
    columns = tables["exposure"]
    ends = [f"{when}_{end}" for when in ("before", "latest") for end in ("low", "high")]
    release.register("exposed", pl.DataFrame(columns, infer_schema_length=None))
    same = " and ".join(
        f"(mart.{mart}_{end} is not distinct from exposed.{end}{ours}"
        f" or abs(mart.{mart}_{end} - exposed.{end}{ours}) <= {ROUNDING})"
        for mart, ours in (("value_share", "_share"), ("quantity_share", "_tonnes_share"))
        for end in ends
    )
    joined = release.execute(
        f"""
        select
            count(*), count(*) filter ({same}), count(exposed.before_high_tonnes_share),
            count(*) filter (
                exposed.event_id = 'IDN-NI-2020' and exposed.importer_id = 'CHN_HKG'
                and exposed.before_high_tonnes_share > 0.3
            )
        from exposed
        inner join marts.mart_export_control_exposure as mart
            on exposed.importer_id = mart.importer_id and exposed.mineral_id = mart.mineral_id
            and exposed.stage is not distinct from mart.stage and exposed.event_id = mart.event_id
            and exposed.item = mart.item and exposed.on_date::date = mart.on_date
            and mart.series_level = 'mineral_stage'
        """
    ).fetchall()[0]
    release.unregister("exposed")
    rows = len(columns["importer_id"])
    assert joined[:2] == (rows, rows)
    assert joined[2] > 15_000
    assert joined[3] > 0


def test_other_tables_are_the_marts(
    tables: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Unpacked they are what their queries give now: packing loses and swaps nothing."""
    own = release.cursor()
    for statement in PREPARE:
        own.execute(statement)
    queries = SHARED | OF_IMPORTER
    for name in queries.keys() - {"supplier", "question", "gap"}:
        frame = own.execute(queries[name]).pl()
        for series in frame:
            got = tables[name][series.name]
            if series.name.endswith("_share") or series.name in SCALED:
                pairs = zip(got, series.to_list(), strict=True)
                assert all(
                    ours is theirs is None
                    or (abs(ours - theirs) <= ROUNDING and (ours == 0) == (theirs == 0))
                    for ours, theirs in pairs
                ), (name, series.name)
            else:
                kept = series.dtype.is_numeric() or series.dtype == pl.Boolean
                text = series if kept else series.cast(pl.String)
                assert got == text.to_list(), (name, series.name)
    # To a script every text is true, "false" too.
    assert set(tables["concentration"]["is_edition_break"]) == {True, False}


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_import_dependency",
        ),
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_dependency_view",
        ),
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_production_share",
        ),
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_export_control_exposure",
        ),
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_import_evidence",
        ),
        (
            "flags",
            "select unnest(string_split(quality_flags, ',')) from marts.mart_trade_network",
        ),
        ("flags", "select main_caveat from marts.mart_headline"),
        ("evidence", "select evidence_kind from marts.mart_headline"),
        ("reasons", "select null_reason from marts.mart_import_evidence"),
        ("evidence", "select evidence_kind from marts.mart_import_evidence"),
        ("evidence_denominators", "select denominator from marts.mart_import_evidence"),
        ("reasons", "select null_reason from marts.mart_headline"),
        ("reasons", "select null_reason from marts.mart_import_dependency"),
        ("reasons", "select quantity_null_reason from marts.mart_import_dependency"),
        (
            "reasons",
            "select unnest([null_reason, refiner_null_reason, mine_null_reason]) from marts.mart_dependency_view",
        ),
        ("reasons", "select null_reason from marts.mart_production_share"),
        (
            "reasons",
            "select unnest([null_reason, china_null_reason]) from marts.mart_supplier_concentration",
        ),
        (
            "reasons",
            "select unnest([before_null_reason, latest_null_reason]) from marts.mart_export_control_exposure",
        ),
        ("roles", "select trade_role from marts.mart_trade_network"),
        (
            "reasons",
            "select unnest([null_reason, role_null_reason, traced_null_reason]) from marts.mart_trade_network",
        ),
        (
            "reasons",
            "select null_reason from marts.mart_us_trade_change "
            "where flow = 'import' and measure = 'value' and period_kind = 'year_to_date'",
        ),
        (
            "reasons",
            "select null_reason from marts.fct_price where period_kind = 'year' and is_current_edition",
        ),
        ("series", "select series_id from marts.mart_import_dependency"),
        ("verdicts", "select verdict from marts.mart_claim_check"),
        ("statuses", "select status from marts.fct_export_control_slice"),
        ("instruments", "select instrument from marts.fct_export_control_slice"),
        ("extents", "select extent from marts.fct_export_control_slice"),
        ("verifications", "select verification from marts.fct_export_control_slice"),
        ("goods", "select stage from marts.dim_stage"),
        ("measures", "select measure from marts.mart_dependency_view"),
        ("denominators", "select denominator from marts.mart_dependency_view"),
        ("sources", "select source_id from marts.dim_source"),
        (
            "groups",
            "select mineral_id from marts.mart_import_dependency "
            "where mineral_id not in (select mineral_id from marts.dim_mineral)",
        ),
    ],
)
def test_every_token_has_words(
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection, kind: str, query: str
) -> None:
    found = release.execute(f"select distinct * from ({query}) as t(token)").fetchall()
    tokens = {token for (token,) in found if token is not None}
    assert tokens
    assert not tokens - embedded["words"][kind].keys()


def test_why_a_price_is_missing_is_what_the_mart_says(
    tables: dict[str, dict[str, list[Any]]], release: duckdb.DuckDBPyConnection
) -> None:
    shown = tables["price"]
    keys = ("mineral_id", "price_label", "source_id", "reference_year", "null_reason")
    missing = [
        row
        for value, *row in zip(
            shown["value_usd_per_tonne"], *(shown[key] for key in keys), strict=True
        )
        if value is None
    ]
    wanted = release.execute(
        f"select {', '.join(keys)} from marts.fct_price where value_usd_per_tonne is null "
        "and is_current_edition and period_kind = 'year' and reference_year >= 1995 order by all"
    ).fetchall()
    assert sorted(map(tuple, missing)) == wanted
    assert len({reason for *_, reason in wanted}) == 2


def test_every_supplier_of_weight_has_a_tile(
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """States of today; one tile each, and no tile for what is no country of ours."""
    places = [tuple(place) for place in embedded["tiles"].values()]
    assert len(set(places)) == len(places)
    states = dict(
        release.execute("select country_iso3, valid_to_year from marts.dim_country").fetchall()
    )
    assert not embedded["tiles"].keys() - states.keys()
    makers = release.execute(
        "select distinct country_iso3 from marts.mart_production_share where production_share >= 0.005"
    ).fetchall()
    without = {code for (code,) in makers if states[code] is None} - embedded["tiles"].keys()
    assert not without
