"""Our own lists as lake tables: read from the CSVs beside this module and from every `source.yml`."""

from collections.abc import Sequence
from functools import cache

import dataframely as dy
import polars as pl

from sources.reading.catalog import SOURCES_ROOT, Source
from sources.reading.errors import SourceError
from sources.reading.files import sha256_of
from sources.reference.labels import reference_list
from sources.reference.schema import (
    ByproductHost,
    Country,
    CountryAlias,
    CountryGroupMember,
    CriticalListMember,
    EditionRow,
    EndUse,
    FigurePage,
    Mineral,
    ReferenceShare,
    SourceRow,
    Stage,
)
from sources.reference.schema_policy import (
    Claim,
    ClaimSubject,
    ExportControl,
    ExportControlLine,
    ExportControlMineral,
    ExportControlT4,
    PolicyMilestone,
    TradeAgreement,
)
from sources.reference.schema_trade import AreaMember, ContainedFactor, HsFlowOverride, HsLine

SOURCE_ID = "reference"
# Lake table to the CSV it is read from, and to its schema.
LISTS: dict[str, tuple[str, type[dy.Schema]]] = {
    "mineral": ("minerals.csv", Mineral),
    "stage": ("stages.csv", Stage),
    "country": ("countries.csv", Country),
    "country_alias": ("country_aliases.csv", CountryAlias),
    "country_group_member": ("country_groups.csv", CountryGroupMember),
    "critical_list_member": ("critical_lists.csv", CriticalListMember),
    "byproduct_host": ("byproduct_hosts.csv", ByproductHost),
    "end_use": ("end_uses.csv", EndUse),
    "figure_page": ("figure_pages.csv", FigurePage),
    "export_control": ("export_controls.csv", ExportControl),
    "export_control_mineral": ("export_control_minerals.csv", ExportControlMineral),
    "export_control_line": ("export_control_lines.csv", ExportControlLine),
    "export_control_t4": ("export_control_t4.csv", ExportControlT4),
    "policy_milestone": ("policy_milestones.csv", PolicyMilestone),
    "trade_agreement": ("trade_agreements.csv", TradeAgreement),
    "claim": ("claims.csv", Claim),
    "claim_subject": ("claim_subjects.csv", ClaimSubject),
    "reference_share": ("reference_shares.csv", ReferenceShare),
    "hs_line": ("hs_lines.csv", HsLine),
    "hs_flow_override": ("hs_flow_overrides.csv", HsFlowOverride),
    "contained_factor": ("contained_factors.csv", ContainedFactor),
    "area_member": ("area_members.csv", AreaMember),
}
LAKE: dict[str, type[dy.Schema]] = {
    **{table: schema for table, (_, schema) in LISTS.items()},
    "source": SourceRow,
    "edition": EditionRow,
}


@cache
def links() -> list[dict[str, str]]:
    """Every filled `table.column` is a value of one of `targets`, or one of `words`; both are separated by blanks."""
    return reference_list("links").fill_null("").to_dicts()


def _list(table: str) -> pl.DataFrame:
    path = SOURCES_ROOT / SOURCE_ID / LISTS[table][0]
    dtypes = LAKE[table].create_empty().schema
    try:
        # Polars takes names from the schema and ignores the header, so the header is compared first.
        header = pl.read_csv(path, n_rows=0, infer_schema=False).columns
        if header != list(dtypes):
            raise pl.exceptions.SchemaError(f"columns {', '.join(header)}")
        return pl.read_csv(path, schema=dtypes)
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            source=SOURCE_ID,
            problem="a reference list can't be read",
            where=str(path),
            expected=f"columns {', '.join(dtypes)}",
            got=str(error).splitlines()[0],
            next_step="correct the CSV; its columns are those of sources/reference/schema.py",
        ) from error


def _refuse_orphans(minerals: pl.DataFrame) -> None:
    parents = minerals.filter(pl.col("parent_mineral_id").is_not_null())
    orphans = parents.join(minerals, left_on="parent_mineral_id", right_on="mineral_id", how="anti")
    if not orphans.is_empty():
        raise SourceError(
            source=SOURCE_ID,
            problem="minerals name a parent that is not in the list",
            where="sources/reference/minerals.csv",
            expected="parent_mineral_id is a mineral_id of the same list",
            got=", ".join(orphans["parent_mineral_id"].unique().sort()),
            next_step="add the parent or correct the name",
            offenders=orphans["mineral_id"].to_list(),
        )


def _refuse_unknown(tables: dict[str, pl.DataFrame]) -> None:
    offenders: list[str] = []
    for link in links():
        table, column = link["table"], link["column"]
        targets = [target.split(".") for target in link["targets"].split()]
        known = {value for other, name in targets for value in tables[other][name]}
        used = set(tables[table][column].drop_nulls())
        offenders += [
            f"{LISTS[table][0]}, {column}: {value!r}"
            for value in sorted(used - known - set(link["words"].split()))
        ]
    if offenders:
        raise SourceError(
            source=SOURCE_ID,
            problem="lists name what another list does not have",
            where="sources/reference",
            expected="every mineral, country, group, event, claim, line and factor is a row of its own list",
            got=f"{len(offenders)} unknown values",
            next_step="add the row that is missing or correct the name",
            each_to_be_mapped=True,
            offenders=offenders,
        )


def list_digests() -> dict[str, str]:
    """Digest of each list, for the sidecars. Keys are file names."""
    return {name: sha256_of(SOURCES_ROOT / SOURCE_ID / name) for name, _ in LISTS.values()}


def tidy(listed: Sequence[Source]) -> dict[str, pl.DataFrame]:
    """Every table of `LAKE`.

    Args:
        listed: the sources that a build reads, with their editions.

    Raises:
        SourceError: a list has other columns, or names a mineral, country, group, event or claim
            that its own list does not have; or a mineral names a parent that does not exist.
    """
    tables = {table: _list(table) for table in LISTS}
    _refuse_orphans(tables["mineral"])
    _refuse_unknown(tables)
    tables["source"] = pl.DataFrame(
        [
            {
                **source.model_dump(include={*SourceRow.column_names()}),
                "source_description": source.description.strip(),
                "licence_id": source.licence.licence_id,
                "licence_title": source.licence.title,
                "licence_url": source.licence.url,
                "is_redistributable": source.redistributable,
            }
            for source in listed
        ],
        schema=SourceRow.create_empty().schema,
    )
    tables["edition"] = pl.DataFrame(
        [
            {
                **edition.model_dump(include={*EditionRow.column_names()}),
                "source_id": source.source_id,
                "edition_title": edition.title,
            }
            for source in listed
            for edition in source.editions
        ],
        schema=EditionRow.create_empty().schema,
    )
    return tables
