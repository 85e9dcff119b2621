"""Our reconciled trade against BACI's, with two baselines: a plain mean in the same run, a peer's figures.

**Reference.** `un_comtrade/bulk_<year>.csv.gz` and `baci_<year>_reference.csv` in the folder of
CHOKEPOINT_FILES, else `../shared/data`: raw declarations of all reporters, and BACI's values of the same
lines; BACI's tonnes are in the embedded snapshot, of 2024 and 26 of the lines. Every year that has both files is
measured. Nothing of them is in the repo.

**Ours.** The very models of a refresh: declarations tidied into a lake of their own, then dbt up to
`int_trade__reconciled_flows` in a folder that is thrown away.

**Held out.** Ten lines were drawn before any result was looked at (`reconciliation_score.HELD_OUT`); rules were tried
and reporters' errors read off (`benchmarks.calibration`) on the others only, but for freight, which was compared on all.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from benchmarks.reconciliation_score import (
    HELD_OUT,
    SIDES,
    Score,
    reference,
    reference_of_tonnes,
    score,
)
from benchmarks.refresh import BenchmarkError, Line
from dagster_project.operations.dbt_runner import run_dbt
from dagster_project.publishing.warehouse import reading
from dagster_project.settings import PROJECT_ROOT, load_settings, prepare_environment
from sources.reading.catalog import Edition, SourceFile, load_source
from sources.reading.lake import write_table
from sources.reference.labels import mineral_ids
from sources.un_comtrade.reader import READER

PAIRED = "stg_un_comtrade__paired_declarations"
RECONCILED = "int_trade__reconciled_flows"
# As the issue quotes them; the peer's code is not run here.
UNITS = {"value_usd": "dollars", "quantity_tonnes_gross": "tonnes"}
PEER = "25 of 30 exporters, share error 3.5%, HHI 0.92, level 1.79"


def years_with_reference(folder: Path) -> dict[int, tuple[Path, Path]]:
    """Years of which `folder` holds both declarations and BACI's values."""
    found = {
        int(match[1]): (path, folder / f"baci_{match[1]}_reference.csv")
        for path in sorted(folder.glob("bulk_*.csv.gz"))
        if (match := re.fullmatch(r"bulk_(\d{4})\.csv\.gz", path.name))
    }
    return {year: paths for year, paths in found.items() if paths[1].is_file()}


def folder_of_files() -> Path:
    """Where the declarations and the reference lie."""
    files = os.environ.get("CHOKEPOINT_FILES")
    root = Path(files) if files else PROJECT_ROOT.parent / "shared" / "data"
    return root / "un_comtrade"


def built(declarations: Path, data: Path, *models: str) -> list[pl.DataFrame]:
    """Every row of the models of declarations from one bulk file, built in the folder `data`."""
    before = {name: os.environ.get(name) for name in ("CHOKEPOINT_DATA", "DAGSTER_HOME")}
    os.environ["CHOKEPOINT_DATA"] = str(data)
    try:
        settings = load_settings()
        prepare_environment(settings)
        source = load_source(READER.source_id)
        edition = Edition.model_validate(source.editions[0].model_dump() | {"files": ()})
        file = SourceFile(
            table="declaration",
            path=f"un_comtrade/{declarations.name}",
            layout="bulk_csv_gz",
            sha256="0" * 64,
        )
        published = READER.read_file(source, edition, file, declarations.read_bytes())
        # A bulk file has no months, and does not say what was asked for.
        empty = {name: schema.create_empty() for name, schema in READER.published.items()}
        tables = READER.tidy({**empty, **published}, source)
        for table, frame in tables.items():
            write_table(
                frame,
                READER.lake[table],
                lake=settings.lake,
                source_id=READER.source_id,
                table=table,
                input_name="files",
                build_id="benchmark",
                editions={edition.edition: "benchmark"},
                minerals=mineral_ids(),
            )
        outcomes = run_dbt(settings, "benchmark", select=[f"+{model}" for model in models])
        failed = [item for item in outcomes if item.status not in {"success", "pass"}]
        if failed:
            raise BenchmarkError("\n".join(f"{item.unique_id}: {item.message}" for item in failed))
        with reading(settings) as connection:
            return [
                connection.execute(
                    f"select * from {'staging' if model == PAIRED else 'intermediate'}.{model}"
                ).pl()
                for model in models
            ]
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def plain_mean(flows: pl.DataFrame) -> pl.DataFrame:
    """The baseline: both declared figures added up and halved, one of them as it stands."""
    return flows.with_columns(
        value_usd=pl.mean_horizontal("exporter_value_usd", "importer_value_usd"),
        quantity_tonnes_gross=pl.mean_horizontal(
            "exporter_quantity_tonnes", "importer_quantity_tonnes"
        ),
    )


def _line(figure: str, it: Score) -> Line:
    return Line(
        figure,
        f"{it.leaders_right} of {it.lines}; {it.share_error:.2%}; "
        f"{it.hhi_correlation:.4f}; {it.level:.3f}",
        "largest right; share error; HHI correlation; level"
        + (f"; missed {', '.join(it.misses)}" if it.misses else ""),
    )


def measure(say: Callable[[str], None]) -> Iterator[Line]:
    """Rows of the table: each year, dollars and tonnes, all lines and those held out, ours and the plain mean.

    Raises:
        BenchmarkError: dbt could not build the models.
    """
    found = years_with_reference(folder_of_files())
    if not found:
        yield Line(
            "reconciled flows beside BACI",
            "left out",
            f"{folder_of_files()} has no bulk_<year>.csv.gz with its baci_<year>_reference.csv; "
            "set CHOKEPOINT_FILES to a folder that does",
        )
        return
    for year, (declarations, values) in found.items():
        say(f"reconciling {year}")
        with tempfile.TemporaryDirectory() as scratch:
            [flows] = built(declarations, Path(scratch), RECONCILED)
        truths = {
            "value_usd": reference(values),
            "quantity_tonnes_gross": reference_of_tonnes(year),
        }
        for column, truth in truths.items():
            lines = sorted(set(truth["hs6"]) & set(flows["hs6"]))
            if not lines:
                continue
            groups = {"all": lines, "held out": [line for line in lines if line in HELD_OUT]}
            for group, chosen in groups.items():
                for name, judged in {"ours": flows, "plain mean": plain_mean(flows)}.items():
                    for side in SIDES:
                        yield _line(
                            f"{year}, {UNITS[column]}, {group}, {side}s: {name}",
                            score(judged, truth, chosen, side, column),
                        )
    yield Line(
        "best public peer, quoted", PEER, "2024, exporters, as the issue has it; not run here"
    )
