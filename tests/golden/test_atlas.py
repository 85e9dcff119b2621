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

from dagster_project.publishing.atlas.build import PAGE, encoded
from dagster_project.publishing.atlas.queries import PREPARE, SCALED, SMALLEST_SHARE, TABLES

pytestmark = pytest.mark.slow
MOST_BYTES = 5_000_000
# Half of the last digit that is embedded; a share above zero is kept above zero.
ROUNDING = 1.0e-5


@pytest.fixture(scope="module")
def page(data: Path) -> str:
    return (data / "published" / "current" / "atlas.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def embedded(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="text/plain" id="data">([^<]+)</script>', page)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


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
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Unpacked by counting as the page does, and compared with the mart itself, not with the query that packs."""
    questions = {name: decoded(column) for name, column in embedded["tables"]["question"].items()}
    counts = pl.Series(questions["suppliers"], dtype=pl.Int64)
    keys = ["importer_id", "series_level", "hs6", "mineral_id", "stage", "reference_year"]
    asked = pl.DataFrame({name: questions[name] for name in keys}, infer_schema_length=None)
    shown = asked.select(pl.all().repeat_by(counts).explode(empty_as_null=False)).with_columns(
        pl.Series(name, decoded(embedded["tables"]["supplier"][name]))
        for name in ("origin_id", "value_share", "quantity_share", "quality_flags")
    )
    assert len(shown) > 150_000
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


def test_no_large_supplier_is_left_out(
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """For the importers and minerals that the page offers."""
    importers = decoded(embedded["tables"]["importer"]["importer_id"])
    (expected,) = release.execute(
        "select count(*) from marts.mart_import_dependency where is_current_series "
        "and importer_id in (select unnest(?)) and (series_level = 'mineral_stage' "
        "or mineral_id not in (select mineral_id from marts.dim_mineral)) "
        f"and greatest(value_share, quantity_share) >= {SMALLEST_SHARE}",
        [importers],
    ).fetchall()[0]
    assert len(embedded["tables"]["supplier"]["origin_id"]["at"]) == expected
    parties = {"USA", "JPN", "DEU", "EU27", "G7", "MEETING_2026_01_12", "CHN", "CHN_HKG", "KOR"}
    assert parties <= set(importers)


def test_rounding_makes_no_zero_and_hides_no_fault() -> None:
    """A share that can't be, below zero or above one, is shown as it is; none is on the way to a zero."""
    shares = pl.Series("a_share", [0.0, 0.4, 1e-9, None, -0.3, -1e-9, 1.2])
    assert encoded(shares)["at"] == [0, 40_000, 1, None, -30_000, -1, 120_000]


def test_exposures_are_the_marts_by_value_and_by_tonnes(
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Each end of each exposure, compared with the mart itself; Indonesia's ban on nickel ore is among them."""
    columns = {name: decoded(column) for name, column in embedded["tables"]["exposure"].items()}
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
    assert joined[2] > 5_000
    assert joined[3] > 0


def test_other_tables_are_the_marts(
    embedded: dict[str, Any], release: duckdb.DuckDBPyConnection
) -> None:
    """Unpacked they are what their queries give now: packing loses and swaps nothing."""
    own = release.cursor()
    for statement in PREPARE:
        own.execute(statement)
    for name in TABLES.keys() - {"supplier", "question"}:
        frame = own.execute(TABLES[name]).pl()
        for series in frame:
            got = decoded(embedded["tables"][name][series.name])
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
    assert set(decoded(embedded["tables"]["concentration"]["is_edition_break"])) == {True, False}


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
        ("flags", "select main_caveat from marts.mart_headline"),
        ("evidence", "select evidence_kind from marts.mart_headline"),
        ("reasons", "select null_reason from marts.mart_import_evidence"),
        (
            "evidence",
            "select evidence_kind from marts.mart_import_evidence where evidence_rank > 1",
        ),
        ("evidence_denominators", "select denominator from marts.mart_import_evidence"),
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


# What each kind of colour blindness makes of linear red, green and blue (Machado and others 2009, severity 1).
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Oklab (Ottosson 2020), from linear red, green and blue.
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def _times(matrix: Any, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _lab(code: str, eye: Any) -> list[float]:
    parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    seen = [min(max(x, 0.0), 1.0) for x in _times(eye, linear)]
    return _times(TO_LAB, [x ** (1 / 3) for x in _times(TO_CONES, seen)])


@pytest.mark.parametrize("eye", SEEN)
def test_lines_differ_for_every_kind_of_colour_vision(eye: str) -> None:
    """China and the six countries of the first chart, light and dark: 9 of 100 apart, where 2 can just be seen."""
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    palettes = re.findall(
        r"--china: (#\w{6});" + "".join(rf".*?--c{number}: (#\w{{6}});" for number in range(1, 7)),
        style,
    )
    assert len(palettes) >= 2
    for palette in palettes:
        labs = [_lab(code, SEEN[eye]) for code in palette]
        near = min(
            100 * sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
            for place, one in enumerate(labs)
            for other in labs[:place]
        )
        assert near >= 9, (eye, palette, near)
