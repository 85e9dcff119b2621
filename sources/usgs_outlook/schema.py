"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake.

What it hands over takes the shape `Production` that several publishers share.
"""

import dataframely as dy

STATISTICS = ["production", "capacity", "capacity_outlook"]


class PublishedFigure(dy.Schema):
    """Rows as published, words and numbers untouched. Grain: one row of the file (header = row 1)."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_statistic = dy.String()
    published_commodity = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)
    published_unit = dy.String()
    published_note = dy.String()
