"""Every list keeps its schema and its file's order, names what exists, and is refused when it does not."""

import itertools
import shutil
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from sources.reading.catalog import SOURCES_ROOT
from sources.reading.errors import SourceError
from sources.reading.lake import validated
from sources.reference import tidy as reference
from sources.reference.schema import SECTORS
from sources.reference.tidy import LAKE, LISTS, links
from sources.registry import all_sources

FOLDER = SOURCES_ROOT / "reference"
# Their order tells a story (stages) or is older than the rule.
OWN_ORDER = {"stage", "country_alias"}


@pytest.mark.parametrize("table", LAKE)
def test_table_keeps_its_schema(lists: dict[str, pl.DataFrame], table: str) -> None:
    checked = validated(lists[table], LAKE[table], "reference", table)
    assert checked.height > 0


@pytest.mark.parametrize("table", [name for name in LISTS if name not in OWN_ORDER])
def test_csv_is_sorted_by_its_key(lists: dict[str, pl.DataFrame], table: str) -> None:
    keys = lists[table].select(LAKE[table].primary_key()).rows()
    early = [key for before, key in itertools.pairwise(keys) if key < before]
    assert not early, f"sources/reference/{LISTS[table][0]}: these rows belong further up: {early}"


@pytest.mark.parametrize("name", [name for name, _ in LISTS.values()])
def test_csv_is_plain(name: str) -> None:
    content = (FOLDER / name).read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("utf-8")


@pytest.mark.parametrize("table", LISTS)
def test_no_text_is_padded(lists: dict[str, pl.DataFrame], table: str) -> None:
    text = lists[table].select(pl.col(pl.String))
    assert text.equals(text.select(pl.all().str.strip_chars()))


def test_every_cited_row_says_how_far_to_trust_it(lists: dict[str, pl.DataFrame]) -> None:
    cited = [name for name in LISTS if "verified" in lists[name].columns]
    assert len(cited) >= 9
    for name in cited:
        assert lists[name]["verified"].null_count() == 0, name


def test_verified_rows_have_a_page(lists: dict[str, pl.DataFrame]) -> None:
    """What we call verified can be looked up; the ISO list and single figures of old date aside."""
    for name, frame in lists.items():
        if "url" in frame.columns and "verified" in frame.columns:
            bad = frame.filter((pl.col("verified") == "verified") & pl.col("url").is_null())
            assert bad.is_empty(), (name, bad)


# --- refusals


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our lists that a test may spoil."""
    folder = tmp_path / "reference"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(reference, "SOURCES_ROOT", tmp_path)
    return folder


def _spoil(path: Path, column: str, value: str) -> None:
    frame = pl.read_csv(path, infer_schema=False)
    first = pl.int_range(pl.len()) == 0
    frame.with_columns(
        pl.when(first).then(pl.lit(value)).otherwise(column).alias(column)
    ).write_csv(path)


@pytest.mark.parametrize("link", links(), ids=lambda link: f"{link['table']}.{link['column']}")
def test_unknown_name_is_refused(copied: Path, link: dict[str, str]) -> None:
    _spoil(copied / LISTS[link["table"]][0], link["column"], "nowhere")
    with pytest.raises(SourceError, match="'nowhere'") as caught:
        reference.tidy(all_sources())
    assert any(LISTS[link["table"]][0] in offender for offender in caught.value.offenders)


def test_all_unknown_names_are_reported_at_once(copied: Path) -> None:
    _spoil(copied / "end_uses.csv", "mineral_id", "unobtainium")
    _spoil(copied / "export_controls.csv", "target", "ATLANTIS")
    with pytest.raises(SourceError) as caught:
        reference.tidy(all_sources())
    assert len(caught.value.offenders) == 2


@pytest.mark.parametrize("table", LISTS)
def test_other_columns_are_refused(copied: Path, table: str) -> None:
    path = copied / LISTS[table][0]
    frame = pl.read_csv(path, infer_schema=False)
    frame.select(reversed(frame.columns)).write_csv(path)
    with pytest.raises(SourceError, match="can't be read"):
        reference.tidy(all_sources())


def test_a_date_that_is_none_is_refused(copied: Path) -> None:
    _spoil(copied / "export_controls.csv", "announced_on", "2025-02-30")
    with pytest.raises(SourceError, match="can't be read"):
        reference.tidy(all_sources())


BREAKS = [
    ("country_group_member", "group_id", "brics", "group_id"),
    ("country_group_member", "verified", "surely", "verified"),
    ("critical_list_member", "reason", "no reason", "mineral_or_reason"),
    ("critical_list_member", "list_id", "JP2024", "list_id"),
    ("byproduct_host", "dependence", "a bit", "dependence"),
    ("end_use", "sector", "jewellery", "sector"),
    ("figure_page", "question", "price", "question"),
    ("figure_page", "page_url", "in a library", "page_url"),
    ("export_control", "instrument", "embargo", "instrument"),
    ("export_control", "date_precision", "week", "date_precision"),
    ("export_control_mineral", "stage", "smelter", "stage"),
    ("export_control_line", "covers", "mostly", "covers"),
    ("export_control_t4", "reason", "both", "event_or_reason"),
    ("policy_milestone", "milestone_kind", "rumour", "milestone_kind"),
    ("trade_agreement", "agreement_kind", "treaty", "agreement_kind"),
    ("claim", "test_basis", "belief", "test_basis"),
    ("claim_subject", "measure", "size", "measure"),
    ("reference_share", "measure", "size", "measure"),
    ("hs_line", "form", "dust", "form"),
    ("hs_line", "hs_revision_from", "HS2027", "hs_revision_from"),
    ("hs_line", "data_held", "none", "years_exactly_where_held"),
    ("hs_line", "null_reason", "no reason", "gaps_have_a_reason"),
    ("hs_line", "group_other_members", "thallium", "others_only_in_groups"),
    ("hs_flow_override", "stage", "smelter", "stage"),
    ("contained_factor", "kind", "guess", "kind"),
]


@pytest.mark.parametrize(("table", "column", "value", "rule"), BREAKS)
def test_broken_rule_is_a_source_error(
    lists: dict[str, pl.DataFrame], table: str, column: str, value: str, rule: str
) -> None:
    schema: type[dy.Schema] = LAKE[table]
    # The reason of a row that has an event or a mineral is the one that clashes.
    clash = {"critical_list_member": "mineral_id", "export_control_t4": "event_id"}.get(table)
    frame = lists[table]
    row = frame.filter(pl.col(clash).is_not_null()) if clash else frame
    broken = row.head(1).with_columns(pl.lit(value).alias(column))
    with pytest.raises(SourceError, match="break the rules") as caught:
        validated(broken, schema, "reference", table)
    assert any(rule in offender for offender in caught.value.offenders)


def test_a_repeated_key_is_a_source_error(lists: dict[str, pl.DataFrame]) -> None:
    for table in LISTS:
        twice = pl.concat([lists[table], lists[table].head(1)])
        with pytest.raises(SourceError, match="break the rules"):
            validated(twice, LAKE[table], "reference", table)


# --- content of the smaller lists


@pytest.mark.parametrize(
    ("column", "value"), [("group_id", "G_7"), ("group_name", "The seven")], ids=["id", "name"]
)
def test_a_misspelt_group_is_no_new_one(
    lists: dict[str, pl.DataFrame], column: str, value: str
) -> None:
    groups = lists["country_group_member"]
    one = (pl.col("group_id") == "G7") & (pl.col("member_id") == "JPN")
    broken = groups.with_columns(pl.when(one).then(pl.lit(value)).otherwise(column).alias(column))
    schema = LAKE["country_group_member"]
    assert validated(groups, schema, "reference", "groups") is groups
    with pytest.raises(SourceError, match="one_name_for_one_group: 7 rows"):
        validated(broken, schema, "reference", "groups")


def test_sectors_are_all_filled(lists: dict[str, pl.DataFrame]) -> None:
    assert set(lists["end_use"]["sector"]) == set(SECTORS)


@pytest.mark.parametrize(
    ("mineral", "host"),
    [
        ("gallium", "aluminium"),
        ("germanium", "zinc"),
        ("indium", "zinc"),
        ("tellurium", "copper"),
        ("selenium", "copper"),
        ("cobalt", "copper"),
        ("cobalt", "nickel"),
        ("rhenium", "molybdenum"),
        ("hafnium", "zirconium"),
        ("palladium", "platinum"),
        ("platinum", "palladium"),
    ],
)
def test_byproduct_has_its_host(lists: dict[str, pl.DataFrame], mineral: str, host: str) -> None:
    hosts = lists["byproduct_host"].filter(pl.col("mineral_id") == mineral)["host_mineral_id"]
    assert host in hosts.to_list()


def test_reference_shares_stay_few_and_quotable(lists: dict[str, pl.DataFrame]) -> None:
    shares = lists["reference_share"]
    assert shares.height < 120
    copied_wholesale = shares.filter(
        pl.col("source").str.contains("(?i)world mining data|geopolrisk|british geological|BGS")
    )
    assert copied_wholesale.is_empty()


def test_iea_shares_of_2019_are_as_printed(lists: dict[str, pl.DataFrame]) -> None:
    shares = lists["reference_share"].filter(
        pl.col("share_id").str.starts_with("IEA2019") & (pl.col("geography_id") == "CHN")
    )
    assert dict(zip(shares["mineral_id"], shares["share"], strict=True)) == {
        "cobalt": 0.65,
        "copper": 0.40,
        "lithium": 0.58,
        "nickel": 0.35,
        "rare_earths": 0.87,
    }
