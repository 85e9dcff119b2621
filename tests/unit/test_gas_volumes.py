"""A cubic metre has a mass once it is known of which gas: three readers of USGS turn helium's into tonnes, and no other's."""

import polars as pl

from sources.reading.catalog import load_source
from sources.reading.mappings import mapping

# Of each reader: its units and their column, its series and theirs.
READERS = {
    "usgs_mcs": ("units", "unit", "world_series", "published_unit"),
    "usgs_outlook": ("units", "unit", "series", "unit"),
    "usgs_mcs_us": ("quantity_units", "quantity_unit", "supply_measures", "quantity_unit"),
}
# Pascal; joule a mole and kelvin; 15 °C; grams a mole; how much more room real helium takes than an ideal gas.
PRESSURE, GAS_CONSTANT, KELVIN, MOLAR_MASS, COMPRESSIBILITY = (
    101_325,
    8.314463,
    288.15,
    4.0026,
    1.0005,
)


def test_a_million_cubic_metres_of_helium_weigh_the_same_in_each_reader() -> None:
    molar_volume = COMPRESSIBILITY * GAS_CONSTANT * KELVIN / PRESSURE
    for name, (units, unit, series, series_unit) in READERS.items():
        source = load_source(name)
        factor = pl.col("tonnes_per_unit").cast(pl.Float64)
        volumes = mapping(source, units).filter(pl.col(unit).is_in(["mcm", "million cubic meters"]))
        [tonnes] = volumes.select(factor)["tonnes_per_unit"].unique().to_list()
        assert abs(tonnes / (MOLAR_MASS / molar_volume) - 1) < 1e-3
        weighed = mapping(source, series).filter(
            pl.col(series_unit).is_in(volumes[unit].to_list()), pl.col("mineral_id").is_not_null()
        )
        assert weighed["mineral_id"].unique().to_list() == ["helium"], name
