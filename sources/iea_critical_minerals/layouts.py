"""Which reader a file of this source needs; `source.yml` names the layout of each file."""

from sources.iea_critical_minerals.converted import read_converted
from sources.iea_critical_minerals.sheets import read_workbook
from sources.reading.open_file import Layout

LAYOUTS: dict[str, Layout] = {
    "workbook_2024": read_workbook,
    "converted_2025": read_converted,
}
