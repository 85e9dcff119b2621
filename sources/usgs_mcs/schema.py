"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy

from sources.reading.rules import figure_where_published, zero_where_printed
from sources.reading.vocabulary import VALUE_STATUSES

STATISTICS = ["production", "capacity", "reserves"]


class PublishedFigure(dy.Schema):
    """World production, capacity and reserves as published, every commodity.

    Grain: one figure (edition, record of the file, column). Text columns keep the publisher's own words
    with white space folded; `value_number` is in `published_unit`. Notes are kept as what they say
    about the figure (estimated, excluded producers), not as prose.
    """

    source_row_id = dy.String(primary_key=True)
    edition = dy.String()
    source_file = dy.String()
    file_row = dy.UInt32()
    statistic = dy.String(check=lambda c: c.is_in(STATISTICS))
    published_commodity = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    published_unit = dy.String(nullable=True)
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    value_number = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_lower = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_upper = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    is_estimated = dy.Bool()
    excluded_producers = dy.String(nullable=True)
    number_only_where_published = figure_where_published("value_number")
    zero_is_published_zero = zero_where_printed("value_number")
