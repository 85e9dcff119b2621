"""The gate: only a whole, audited build of one input passes. Nothing else may lead to a release."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from dagster_project.publishing import audit
from dagster_project.publishing.warehouse import node_builds, reading
from dagster_project.settings import Settings
from sources.reading.catalog import load_source
from sources.reading.lake import Sidecar, read_sidecar, sidecar_matches
from sources.reference import tidy as reference
from sources.registry import all_sources, reader_of

NEUTRAL_INPUT = "reference"


class PublishRefusedError(Exception):
    """The gate is shut; the text says why, and what to do. What is published stays as it is."""


def lake_sidecars(settings: Settings) -> list[Sidecar]:
    """Sidecars of the lake tables that the sources have now, sorted; what an older version left is none.

    Raises:
        PublishRefusedError: a table was never written, or the file beside it is damaged.
    """
    schemas = {source.source_id: reader_of(source.source_id).lake for source in all_sources()}
    schemas[reference.SOURCE_ID] = reference.LAKE
    names = sorted((source_id, table) for source_id, tables in schemas.items() for table in tables)
    found, missing, damaged = list[Sidecar](), list[str](), list[str]()
    for source_id, table in names:
        try:
            found.append(read_sidecar(settings.lake, source_id, table))
        except FileNotFoundError:
            missing.append(f"{source_id}/{table}")
        except (ValueError, TypeError) as error:
            damaged.append(f"lake/{source_id}/{table}.json: {type(error).__name__}")
    if missing:
        raise refused("lake tables are missing", missing)
    if damaged:
        raise refused("files that describe lake tables are damaged", damaged)
    return found


def restricted_sources(settings: Settings) -> list[str]:
    """Sources that were read though they may not be passed on: what the release has to state, sorted."""
    read = {
        sidecar.source_id
        for sidecar in lake_sidecars(settings)
        if sidecar.editions and sidecar.source_id != reference.SOURCE_ID
    }
    return sorted(source_id for source_id in read if not load_source(source_id).redistributable)


def pass_gate(settings: Settings, nodes: Sequence[str], blocking: Sequence[str]) -> tuple[str, str]:
    """Build and input of the warehouse, once everything that guards a release agrees.

    Args:
        nodes: dbt unique ids that a whole build has.
        blocking: keys of every blocking check of the definitions.

    Raises:
        PublishRefusedError: no whole build, a mixture of builds or inputs, a check failed or not run.
    """
    if not settings.warehouse.exists():
        raise refused("there is no warehouse yet", [])
    with reading(settings) as connection:
        try:
            builds = node_builds(connection)
        except duckdb.CatalogException as error:
            reason = str(error).splitlines()[0]
            raise refused("the warehouse was not built by a refresh", [reason]) from None
    missing = [f"{node}: not built" for node in nodes if node not in builds]
    unbuilt = [
        f"{node}: {builds[node][1]}"
        for node in nodes
        if node in builds and builds[node][1] != "success"
    ]
    if missing or unbuilt:
        raise refused("the warehouse does not hold the whole graph", missing + unbuilt)
    sidecars = lake_sidecars(settings)
    torn = [
        f"{sidecar.source_id}/{sidecar.table}"
        for sidecar in sidecars
        if not sidecar_matches(settings.lake, sidecar)
    ]
    if torn:
        raise refused("lake tables are not the ones their sidecars describe", torn)
    made_by = {
        **{f"{sidecar.source_id}/{sidecar.table}": sidecar.build_id for sidecar in sidecars},
        **{node: builds[node][0] for node in nodes},
    }
    (build_id, _), *others = Counter(made_by.values()).most_common()
    if others:
        raise refused(
            f"lake and warehouse hold parts of different builds: most are of build {build_id}",
            [f"{name}: build {made}" for name, made in made_by.items() if made != build_id],
        )
    inputs = {sidecar.input for sidecar in sidecars} - {NEUTRAL_INPUT}
    if len(inputs) != 1:
        raise refused("the lake mixes inputs", sorted(inputs))
    refusals = audit.refusals(settings.audit, build_id, list(blocking))
    if refusals:
        raise refused(f"checks of build {build_id} failed or did not run", refusals)
    return build_id, inputs.pop()


def refused(reason: str, details: Sequence[str]) -> PublishRefusedError:
    """The error of a shut gate: reason, offenders (capped), and what to do."""
    shown = [f"  - {detail}" for detail in details[:12]]
    if len(details) > len(shown):
        shown.append(f"  … and {len(details) - len(shown)} more")
    return PublishRefusedError(
        "\n".join(
            [
                f"not published: {reason}",
                *shown,
                "  next: run a whole refresh (`make refresh`, or the job `refresh` in the UI) and mend "
                "what it reports; the last release stays current",
            ]
        )
    )
