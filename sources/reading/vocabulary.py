"""Closed vocabularies that every source shares (docs/how-to/add-a-source.md)."""

VALUE_STATUSES = [
    "numeric",
    "zero",
    "below_unit",
    "bounded",
    "withheld",
    "not_available",
    "not_applicable",
    "included_elsewhere",
    "qualitative",
    "net_exporter",
    "not_listed",
]
# Only these have a figure.
WITH_FIGURE = ["numeric", "zero"]
DERIVATIONS = ["as_published", "corrected", "converted", "imputed"]
SUPPLY_STAGES = ["mine", "intermediate", "refined", "high_purity", "product", "scrap"]
GEOGRAPHY_KINDS = ["country", "group", "rest", "world"]
