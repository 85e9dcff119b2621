"""CEPII's own files in memory, read without any code of ours; and the warehouse of a repo that grew."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dagster_project.publishing.gate import pass_gate
from dagster_project.publishing.warehouse import reading
from tests.conftest import made_once
from tests.copied_repository import UP_TO_THE_GATE, refresh_copy
from tests.defs._workspace import working_in
from tests.failure._helpers import gate, settings_of
from tests.gold import add_gold
from tests.golden.cells import REFERENCE
from tests.second_edition import add_edition

ZIPS = ["BACI_HS92_V202601.zip", "BACI_HS17_V202601.zip"]
CODES = "country_codes_V202601.csv"
# Areas that the publisher's list names by one of its members, by a code of its own or an old one.
AREAS = {"58": "XBL", "490": "TWN", "711": "XCU", "849": "UMI"}
READ = """
    create table flow as
    select
        parse_filename(filename)[6:9] as revision,
        cast(t as integer) as reference_year,
        exporter.iso3 as exporter_iso3,
        importer.iso3 as importer_iso3,
        k as hs6,
        cast(cast(trim(v) as decimal(18, 3)) * 1000 as bigint) as usd,
        cast(cast(nullif(trim(q), 'NA') as decimal(18, 3)) * 1000 as bigint) as kg
    from read_csv(?, all_varchar = true, header = true, filename = true)
    left join party as exporter on exporter.code = i
    left join party as importer on importer.code = j
"""
LINES = "create table line as select distinct hs6 from read_csv(?, all_varchar = true)"
# Belgium-Luxembourg is the two of them; every other member stands for itself.
MEMBERS = """
    create table member as
    with
    listed as (
        select
            group_id,
            member_id,
            coalesce(valid_from, '0001-01-01') as valid_from,
            coalesce(valid_to, '9999-12-31') as valid_to
        from read_csv(?, all_varchar = true, header = true)
    ),
    on_first_july as (
        select distinct group_id, member_id, reference_year
        from listed
        cross join (select distinct reference_year from flow)
        where reference_year || '-07-01' between valid_from and valid_to
    )
    select * from on_first_july
    union all
    select group_id, 'XBL', reference_year
    from on_first_july
    where member_id in ('BEL', 'LUX')
    group by group_id, reference_year
    having count(*) = 2
"""


@pytest.fixture(scope="session")
def baci(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables `flow` (whole dollars and kilograms), `line` (those we follow) and `member` (blocs by year)."""
    folder = tmp_path_factory.mktemp("baci")
    for name in ZIPS:
        with zipfile.ZipFile(shared_data / "cepii_baci" / name) as archive:
            archive.extractall(folder)
    party = pl.read_csv(folder / CODES, infer_schema=False).select(
        code=pl.col("country_code"),
        iso3=pl.col("country_code").replace_strict(AREAS, default=pl.col("country_iso3")),
    )
    with duckdb.connect() as connection:
        connection.register("party_frame", party)
        connection.execute("create table party as select * from party_frame")
        connection.execute(READ, [str(folder / "BACI_HS*.csv")])
        connection.execute(LINES, [str(REFERENCE / "hs_lines.csv")])
        connection.execute(MEMBERS, [str(REFERENCE / "country_groups.csv")])
        for path in folder.iterdir():
            path.unlink()
        yield connection


def _grown(few: Path, folder: Path) -> None:
    copy = folder / "repo"
    shutil.copytree(few.parent / "repo", copy)
    add_gold(copy)
    add_edition(copy)
    # dbt's project is that of `few`: it need not be parsed again.
    shutil.copytree(few / "dbt", folder / "data" / "dbt")
    refresh_copy(copy, folder / "data", UP_TO_THE_GATE)


@pytest.fixture(scope="session")
def grown_data(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `few`, of a repo that has grown: gold, and a second edition of BACI. No release."""
    return made_once(tmp_path_factory, "grown", lambda folder: _grown(few, folder)) / "data"


@pytest.fixture(scope="module")
def grown(few: Path, grown_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its warehouse, which would be published: every blocking check of the definitions ran and passed."""
    settings = settings_of(grown_data)
    nodes, blocking = gate(settings_of(few))
    pass_gate(settings, nodes, blocking)
    # Views of the warehouse look for the lake where the environment says it is.
    with working_in(settings), reading(settings) as connection:
        yield connection
