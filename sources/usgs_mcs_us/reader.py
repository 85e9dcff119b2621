"""USGS Mineral Commodity Summaries, the tables of the United States."""

from sources.reading.lake_schemas import FileRows, NotUsed, RowAccount
from sources.reading.reader import Reader
from sources.usgs_mcs_us import lake_schema, schema
from sources.usgs_mcs_us.checks import CHECKS
from sources.usgs_mcs_us.layouts import LAYOUTS
from sources.usgs_mcs_us.tidy import tidy

READER = Reader(
    source_id="usgs_mcs_us",
    published={
        "salient": schema.PublishedSalient,
        "import_source": schema.PublishedImportSource,
        "export_control": schema.PublishedExportControl,
        "trade_agreement": schema.PublishedAgreement,
        "critical_mineral": schema.PublishedCriticalMineral,
        "critical_salient": schema.PublishedCriticalSalient,
        "row_account": RowAccount,
        "file_rows": FileRows,
    },
    lake={
        "net_import_reliance": lake_schema.NetImportReliance,
        "us_import_source": lake_schema.UsImportSource,
        "unit_value": lake_schema.UnitValue,
        "us_supply": lake_schema.UsSupply,
        "export_control_t4": lake_schema.ExportControlT4,
        "trade_agreement_t5": lake_schema.TradeAgreementT5,
        "critical_mineral_t6": lake_schema.CriticalMineralT6,
        "critical_mineral_t7": lake_schema.CriticalMineralT7,
        "not_used": NotUsed,
        "file_rows": FileRows,
    },
    tidy=tidy,
    checks=CHECKS,
    layouts=LAYOUTS,
)
