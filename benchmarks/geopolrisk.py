"""GeoPolRisk of 108 cases from the published file, beside the library geopolrisk-py 2.0.1.

**Cases.** No list of 108 cases is in the library's repository; ours are 12 minerals and 9 importers (seven
countries, the EU and the G7) in 2023, which both have. The library counts mine
output against whatever it trades; we take one stage (see docs/methods/supply_risk.md), so that the figures
differ while the work is alike: concentration, imports by origin, weights, own production.

**Ours.** One SQL statement over the facts, from a cold connection in a process of its own: the time from
importing DuckDB to the last row, median of several. Every score must be the one in `mart_supply_risk`.

**The library.** Its import reads 1.4 million flows into pandas, and each call maps them to materials anew.
It is no dependency of ours: `benchmarks.environments` makes it one of its own, and it is timed in the same
run, once, in a process of its own. Where that can't be made, it is left out, with the reason and the
figures of another day.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import published
from benchmarks.environments import python_with
from benchmarks.refresh import BenchmarkError, Line, pin

REPEATS = 7
LIBRARY_WANTS = ("geopolrisk-py==2.0.1",)
TIMEOUT_SECONDS = 900
YEAR = 2023
# Ours and the library's names.
MINERALS = {
    ("antimony", "mine"): "Antimony",
    ("chromium", "mine"): "Chromite",
    ("cobalt", "refined"): "Cobalt",
    ("copper", "mine"): "Copper",
    ("fluorspar", "mine"): "Fluorspar",
    ("graphite_natural", "mine"): "Graphite",
    ("lithium", "refined"): "Lithium",
    ("manganese", "mine"): "Manganese",
    ("nickel", "mine"): "Nickel",
    ("tin", "mine"): "Tin",
    ("tungsten", "mine"): "Tungsten",
    ("zinc", "mine"): "Zinc",
}
IMPORTERS = {
    "AUS": "Australia",
    "CAN": "Canada",
    "GBR": "United Kingdom",
    "IND": "India",
    "JPN": "Japan",
    "KOR": "Rep. of Korea",
    "USA": "USA",
    "EU": "EU",
    "G7": "G7",
}
REGIONS = {"G7": ["Canada", "France", "Germany", "Italy", "Japan", "United Kingdom", "USA"]}
# Measured with 2.0.1 before this benchmark was there; import and cases of that day.
KNOWN = "import 44-63 s, then 35 s, 1.5 GB"
ONE_STATEMENT = """
with
cases(mineral_id, stage) as (values {minerals}),
importers(importer_id) as (values {importers}),
members as (
    select importer_id, importer_id as country_iso3 from importers
    union all
    select importers.importer_id, bloc.country_iso3
    from importers
    inner join marts.bridge_bloc_member as bloc on importers.importer_id = bloc.bloc_id
    where make_date({year}, 7, 1) between coalesce(bloc.valid_from, date '0001-01-01')
        and coalesce(bloc.valid_to, date '9999-12-31')
    union all
    select importer_id, 'XBL' as country_iso3 from importers where importer_id = 'EU'
),
world as (
    select
        concentration.*,
        concentration.basis = 'gross' as is_gross
    from marts.mart_supplier_concentration as concentration
    inner join cases using (mineral_id, stage)
    where concentration.is_current_edition and concentration.reference_year = {year}
        and concentration.source_id in ('usgs_mcs', 'iea_critical_minerals')
        and concentration.form in ('ore_or_concentrate', 'refinery', 'chemical')
    qualify row_number() over (
        partition by mineral_id, stage order by concentration.source_id desc
    ) = 1
),
bought as (
    select
        members.importer_id,
        world.mineral_id,
        world.stage,
        case when world.is_gross then flow.quantity_tonnes_gross else flow.quantity_tonnes_contained end
            as tonnes,
        case when origin.country_iso3 is null then governance.political_instability else 0 end as weight
    from marts.fct_trade as flow
    inner join world using (mineral_id, stage)
    inner join members on flow.importer_id = members.country_iso3
    left join members as origin
        on members.importer_id = origin.importer_id and flow.exporter_id = origin.country_iso3
    left join marts.fct_governance as governance
        on flow.exporter_id = governance.country_iso3 and governance.is_current_edition
        and governance.reference_year = {year}
    where flow.reference_year = {year} and flow.series_id = 'hs92'
        and not flow.is_suspected_double_count
),
imported as (
    select importer_id, mineral_id, stage, sum(tonnes) as tonnes, sum(tonnes * weight) as weighed
    from bought
    group by all
),
own as (
    select members.importer_id, world.mineral_id, world.stage, sum(production.quantity_tonnes) as tonnes
    from marts.fct_production as production
    inner join world using (source_id, edition, mineral_id, stage, form, basis, reference_year)
    inner join members on production.country_iso3 = members.country_iso3
    group by all
)
select
    importers.importer_id,
    cases.mineral_id,
    cases.stage,
    world.production_hhi_lower * imported.weighed / (imported.tonnes + coalesce(own.tonnes, 0)) as score
from cases
cross join importers
left join world using (mineral_id, stage)
left join imported using (importer_id, mineral_id, stage)
left join own using (importer_id, mineral_id, stage)
order by all
"""
LIBRARY = """
import json, resource, sys, time
started = time.perf_counter()
from geopolrisk.assessment.main import gprs_calc
imported = time.perf_counter()
years, countries, materials, regions = json.loads(sys.argv[1])
result = gprs_calc(years, countries, materials, regions)
done = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("measured " + json.dumps([imported - started, done - imported, peak, len(result)]))
"""


def statement() -> str:
    """The question: 108 scores from the facts of the release."""
    return ONE_STATEMENT.format(
        minerals=", ".join(f"('{mineral}', '{stage}')" for mineral, stage in MINERALS),
        importers=", ".join(f"('{importer}')" for importer in IMPORTERS),
        year=YEAR,
    )


def measure(progress: Callable[[str], None]) -> Iterator[Line]:
    """Measure, and yield each line once it is known.

    Raises:
        BenchmarkError: a run failed, or a score is not that of `mart_supply_risk`.
    """
    cores = pin()
    count = len(MINERALS) * len(IMPORTERS)
    folder = published.release(progress)
    progress(f"{count} cases from the published file")
    ours, lines = published.cold("benchmarks.geopolrisk", str(folder), repeats=REPEATS)
    scored = _compared(folder, json.loads(lines[0]), count)
    yield Line(
        f"GeoPolRisk of {count} cases, one statement",
        f"{ours * 1000:.0f} ms",
        f"importing DuckDB, cold connection, answer; median of {REPEATS} processes on {cores} cores; "
        f"{scored} scores as in mart_supply_risk, the others have a reason there",
    )
    python, why_not = python_with(LIBRARY_WANTS, "geopolrisk", progress)
    if python is None:
        yield Line(
            "geopolrisk-py 2.0.1 / ours",
            "left out",
            f"{why_not}; known from another day: {KNOWN}",
        )
        return
    progress(f"{count} cases with geopolrisk-py, minutes")
    start, work, peak, rows = _library(python)
    if rows != count:
        raise BenchmarkError(f"geopolrisk-py answered {rows} of {count} cases")
    yield Line(
        "geopolrisk-py 2.0.1 / ours",
        f"{(start + work) / ours:.0f}",
        f"import {start:.1f} s, cases {work:.1f} s, {peak:,.0f} MB, once, same run and same cores",
    )
    yield Line("the same without its import", f"{work / ours:.0f}", f"{work:.1f} s")


def _compared(folder: Path, found: list[list[Any]], count: int) -> int:
    """How many cases have a score in the mart; each must be the one computed here."""
    import duckdb

    with duckdb.connect(str(folder / "critical_minerals.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select importer_id, mineral_id, stage, score from marts.mart_supply_risk "
            "where measure = 'geopolrisk' and reference_year = ? and score is not null",
            [YEAR],
        ).fetchall()
    known = {(importer, mineral, stage): score for importer, mineral, stage, score in rows}
    asked = {tuple(row[:3]): row[3] for row in found}
    both = asked.keys() & known.keys()
    wrong = [key for key in both if abs(asked[key] - known[key]) > 1e-6 * known[key]]
    if wrong or len(asked) != count:
        raise BenchmarkError(
            f"{len(asked)} cases; not as in mart_supply_risk: {sorted(wrong)[:10]}"
        )
    return len(both)


def _library(python: Path) -> tuple[float, float, float, int]:
    request = [[YEAR], list(IMPORTERS.values()), list(MINERALS.values()), REGIONS]
    # It writes logs and results under the home folder.
    with tempfile.TemporaryDirectory(prefix="chokepoint-bench-") as home:
        done = subprocess.run(
            [str(python), "-c", LIBRARY, json.dumps(request)],
            env={**os.environ, "HOME": home},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    measured = [line for line in done.stdout.splitlines() if line.startswith("measured ")]
    if done.returncode != 0 or not measured:
        raise BenchmarkError(f"{python} with geopolrisk-py failed\n{done.stderr[-4_000:]}")
    start, work, peak, rows = json.loads(measured[0].removeprefix("measured "))
    return start, work, peak, rows


def ask(folder: Path) -> None:
    """Print the seconds that the cases take, the import of DuckDB with them, then the scores."""
    started = time.perf_counter()
    import duckdb

    connection = duckdb.connect(str(folder / "critical_minerals.duckdb"), read_only=True)
    rows = connection.execute(statement()).fetchall()
    print(time.perf_counter() - started)
    print(json.dumps(rows))


if __name__ == "__main__":
    ask(Path(sys.argv[1]))
