"""Raw and lake assets of every source, by factory. Reads nothing itself: `sources` does."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from inspect import cleandoc

import dagster as dg
import dataframely as dy

from dagster_project.operations.run_failures import as_dagster_failure, retry_of
from dagster_project.resources import Workspace
from dagster_project.settings import Settings
from sources.reading.catalog import Source
from sources.reading.code_digest import ENGINES, code_of_source, digest_of
from sources.reading.disk import write_atomically
from sources.reading.errors import FetchError
from sources.reading.input import Input, is_left_out
from sources.reading.lake import Sidecar, keep_tables, write_table
from sources.reading.published import read_published, verify_bytes
from sources.reference import tidy as reference
from sources.reference.labels import mineral_ids
from sources.registry import reader_of

OWNERS = ["team:data-engineering"]


def lake_key(source_id: str, table: str) -> dg.AssetKey:
    """Asset key of a lake table."""
    return dg.AssetKey(["lake", source_id, table])


def _materialized(sidecar: Sidecar) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=lake_key(sidecar.source_id, sidecar.table),
        metadata={
            "dagster/row_count": sidecar.rows,
            "input": sidecar.input,
            "editions": ", ".join(sidecar.editions),
            "content_digest": sidecar.content_digest,
            **({"kept_from_build": sidecar.kept_from} if sidecar.kept_from else {}),
        },
    )


def _spec(
    source_id: str, table: str, schema: type[dy.Schema], deps: Sequence[dg.AssetKey] = ()
) -> dg.AssetSpec:
    return dg.AssetSpec(
        lake_key(source_id, table),
        deps=deps,
        group_name=source_id,
        owners=OWNERS,
        kinds={"polars", "parquet"},
        description=cleandoc(schema.__doc__ or ""),
    )


def build_raw_asset(source: Source) -> dg.AssetsDefinition:
    """`raw/<source>`: the bytes to be read are the pinned ones, and complete; it raises otherwise."""

    @dg.asset(
        key=dg.AssetKey(["raw", source.source_id]),
        group_name=source.source_id,
        owners=OWNERS,
        kinds={"file"},
        description=(
            f"{source.publisher}: {source.title}. The bytes that this refresh reads, checked against "
            f"their pins. {source.description}"
        ),
        metadata={
            "publisher": source.publisher,
            "licence": source.licence.title,
            "credit_line": source.credit_line,
            "landing_page": dg.MetadataValue.url(source.landing_page),
        },
        # When it was last read at all. Whether the publisher is overdue is another question: the sensor's.
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=dt.timedelta(days=source.overdue_after_days)
        ),
    )
    def raw(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
        with as_dagster_failure():
            settings = workspace.settings
            pinned = workspace.source(source)
            about_fetch = (
                _fetched(context, pinned, settings) if settings.input is Input.LIVE else {}
            )
            digests = verify_bytes(
                pinned,
                settings.input,
                settings.read_from,
                include_restricted=settings.include_restricted,
            )
            built_from = {"input": settings.input.value, "editions": digests}
            content = json.dumps({"source_id": source.source_id, **built_from}, indent=1)
            write_atomically(settings.raw / f"{source.source_id}.json", content.encode("utf-8"))
            return dg.MaterializeResult(
                metadata={
                    "input": settings.input.value,
                    "editions": ", ".join(digests),
                    **about_fetch,
                }
            )

    return raw


def _fetched(
    context: dg.AssetExecutionContext, source: Source, settings: Settings
) -> dict[str, dg.MetadataValue]:
    """Ask the publisher; what came of it, edition by edition. Nobody is asked for what is left out."""
    if is_left_out(source, settings.input, settings.include_restricted):
        return {}
    # Only `live` needs an HTTP client.
    from sources.fetching.fetch_edition import fetch_source

    try:
        done = fetch_source(source, settings.raw, settings.drop)
    except FetchError as error:
        if retry := retry_of(context, error):
            raise retry from error
        raise
    return {
        f"live/{edition.edition}": dg.MetadataValue.text(edition.in_words()) for edition in done
    }


def build_lake_assets(source: Source) -> dg.AssetsDefinition:
    """`lake/<source>/*`: the source's tables in the warehouse's terms, validated, as Parquet."""
    reader = reader_of(source.source_id)
    read_from = [dg.AssetKey(["raw", source.source_id]), lake_key("reference", "country")]

    @dg.multi_asset(
        name=f"lake_{source.source_id}",
        specs=[
            _spec(source.source_id, table, schema, read_from)
            for table, schema in reader.lake.items()
        ],
    )
    def lake(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult]:
        settings = workspace.settings
        with as_dagster_failure():
            editions = json.loads(
                (settings.raw / f"{source.source_id}.json").read_text(encoding="utf-8")
            )["editions"]
            pinned = workspace.source(source)
            made_from = digest_of(
                code_of_source(source.source_id),
                ENGINES,
                pinned.model_dump_json(),
                editions,
                settings.input.value,
            )
            if not workspace.is_forced:
                kept = keep_tables(
                    settings.lake,
                    source.source_id,
                    reader.lake,
                    made_from=made_from,
                    build_id=context.run.run_id,
                )
                if kept:
                    yield from map(_materialized, kept)
                    return
            published = read_published(
                reader,
                pinned,
                settings.input,
                settings.read_from,
                include_restricted=settings.include_restricted,
            )
            tables = reader.tidy(published, pinned)
            for table, frame in tables.items():
                sidecar = write_table(
                    frame,
                    reader.lake[table],
                    lake=settings.lake,
                    source_id=source.source_id,
                    table=table,
                    input_name=settings.input.value,
                    build_id=context.run.run_id,
                    editions=editions,
                    made_from=made_from,
                    minerals=mineral_ids(),
                )
                yield _materialized(sidecar)

    return lake


def build_reference_assets() -> dg.AssetsDefinition:
    """`lake/reference/*`: our own cited lists."""

    @dg.multi_asset(
        name="lake_reference",
        specs=[
            _spec(reference.SOURCE_ID, table, schema) for table, schema in reference.LAKE.items()
        ],
    )
    def lake(
        context: dg.AssetExecutionContext, workspace: Workspace
    ) -> Iterator[dg.MaterializeResult]:
        settings = workspace.settings
        with as_dagster_failure():
            listed = [
                source
                for source in workspace.sources()
                if source.editions
                and not is_left_out(source, settings.input, settings.include_restricted)
            ]
            for table, frame in reference.tidy(listed).items():
                sidecar = write_table(
                    frame,
                    reference.LAKE[table],
                    lake=settings.lake,
                    source_id=reference.SOURCE_ID,
                    table=table,
                    input_name="reference",
                    build_id=context.run.run_id,
                    editions=reference.list_digests(),
                    minerals=mineral_ids(),
                )
                yield _materialized(sidecar)

    return lake
