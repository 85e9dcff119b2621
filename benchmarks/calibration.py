"""How far BACI itself trusts each reporter, read off its figures: writes `dbt/seeds/reconcile_reporter_error.csv`.

BACI's figure of a flow that both sides declared is a weighted mean of the two, and its weights come from the
reporters alone: (B - M) / (X - M) is the same for most lines of one pair of countries, to four digits, and
its odds are a product of one number of the exporter and one of the importer (three of four values
and nine of ten tonnages to within 2%). Those numbers are what this reads off. They stand on all of
BACI's five thousand lines, where our own record of a reporter stands on thirty.

Read: the declarations of the reference (`benchmarks.reconciliation.folder_of_files`), and BACI's values and
tonnes of the same lines and year in the embedded snapshot. **The lines held out (`benchmarks.reconciliation_score`) are
not looked at.** What is written are countries' errors, 1 for a typical one: no row of UN Comtrade.

    python -m benchmarks.calibration
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.reconciliation import PAIRED, built, folder_of_files, years_with_reference
from benchmarks.reconciliation_score import HELD_OUT, SIDES, reference_of_tonnes
from dagster_project.settings import PROJECT_ROOT

SEED = PROJECT_ROOT / "dbt" / "seeds" / "reconcile_reporter_error.csv"
YEAR = 2024
KEY = ("exporter_iso3", "importer_iso3", "hs6")
# Of two figures nearer than a tenth to each other no weight can be told.
APART = 0.1
# Fewer flows than these are no record.
FLOWS = 3
ROUNDS = 60


@dataclass(frozen=True)
class Measure:
    """One measure: the columns of the two declarations and of BACI's figure, the least that is looked at."""

    name: str
    exporter: str
    importer: str
    baci: str
    least: float


MEASURES = (
    Measure("value", "exporter_value_usd", "importer_value_usd", "value_usd", 2_000),
    Measure(
        "quantity",
        "exporter_quantity_tonnes",
        "importer_quantity_tonnes",
        "quantity_tonnes_gross",
        0.5,
    ),
)


def revision_factors(flows: pl.DataFrame, measure: Measure, side: str) -> pl.DataFrame:
    """BACI's over declared, by reporter: 1, but for those of whom BACI was made of other figures.

    A flow that one side declared stands in BACI as declared. Italy's are all 3% smaller there, perhaps
    by another exchange rate. Shape: <side>_iso3, factor.
    """
    column = measure.exporter if side == "exporter" else measure.importer
    return (
        flows.filter(pl.col("source_side") == side, pl.col(column) > 10 * measure.least)
        .group_by(f"{side}_iso3")
        .agg(factor=(pl.col(measure.baci) / pl.col(column)).median(), flows=pl.len())
        .filter(pl.col("flows") >= FLOWS)
        .drop("flows")
    )


def log_weight_odds(flows: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Flows that tell a weight. Shape: exporter_iso3, importer_iso3, odds (log, exporter's over importer's)."""
    declared = {side: revision_factors(flows, measure, side) for side in SIDES}
    return (
        flows.filter(pl.col("source_side") == "both", pl.col(measure.baci) > 0)
        .join(declared["exporter"], on="exporter_iso3", how="left")
        .join(declared["importer"], on="importer_iso3", how="left", suffix="_importer")
        .with_columns(
            x=pl.col(measure.exporter) * pl.col("factor").fill_null(1),
            m=pl.col(measure.importer) * pl.col("factor_importer").fill_null(1),
        )
        .filter(
            pl.min_horizontal("x", "m") > measure.least,
            (pl.col("m") / pl.col("x")).log().abs() > APART,
        )
        .with_columns(weight=(pl.col(measure.baci) - pl.col("m")) / (pl.col("x") - pl.col("m")))
        # Beyond them one side was taken whole.
        .filter(pl.col("weight").is_between(1e-6, 1 - 1e-6))
        .select(
            "exporter_iso3",
            "importer_iso3",
            odds=(pl.col("weight") / (1 - pl.col("weight"))).log(),
        )
    )


def relative_errors(flows: pl.DataFrame) -> pl.DataFrame:
    """Errors by reporter and side, from log odds = 2 ln(importer's error) - 2 ln(exporter's error).

    Medians in turn, over again: flows in which BACI did something else do not move them. What both sides
    could be multiplied by is set so that the median reporter has 1.
    Shape: reporter_iso3, side, relative_error, flows.
    """
    effects = {
        side: flows.group_by(f"{side}_iso3").agg(flows=pl.len(), effect=pl.lit(0.0))
        for side in SIDES
    }
    for _ in range(ROUNDS):
        for side, other in (("importer", "exporter"), ("exporter", "importer")):
            effects[side] = (
                flows.join(effects[other], on=f"{other}_iso3")
                .group_by(f"{side}_iso3")
                .agg(
                    flows=pl.len(),
                    effect=(
                        (pl.col("odds") + 2 * pl.col("effect")).median() / 2
                        if side == "importer"
                        else (2 * pl.col("effect") - pl.col("odds")).median() / 2
                    ),
                )
            )
    both = pl.concat(
        effects[side].select("flows", "effect", reporter_iso3=f"{side}_iso3", side=pl.lit(side))
        for side in SIDES
    ).filter(pl.col("flows") >= FLOWS)
    return both.select(
        "reporter_iso3",
        "side",
        relative_error=(pl.col("effect") - pl.col("effect").median()).exp().round(4),
        flows="flows",
    )


def errors(paired: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """The seed. Shapes: flows with both declarations (`stg_un_comtrade__paired_declarations`); `reference_of_tonnes`."""
    flows = paired.filter(~pl.col("hs6").is_in(HELD_OUT)).join(truth, on=KEY, how="inner")
    return (
        pl.concat(
            relative_errors(log_weight_odds(flows, measure)).with_columns(
                measure=pl.lit(measure.name)
            )
            for measure in MEASURES
        )
        .select("reporter_iso3", "side", "measure", "relative_error", "flows")
        .sort("reporter_iso3", "side", "measure")
    )


def main() -> None:
    """Write the seed."""
    declarations, _ = years_with_reference(folder_of_files())[YEAR]
    with tempfile.TemporaryDirectory() as scratch:
        [paired] = built(declarations, Path(scratch), PAIRED)
    errors(paired, reference_of_tonnes(YEAR)).write_csv(SEED)


if __name__ == "__main__":
    main()
