"""Frame schemas of the snapshot: the publisher's US tables, read and not yet interpreted.

Text columns keep the publisher's words with white space folded; a label over 90 characters keeps its
two ends around "…". Prose (notes, applications, focus areas, links) stays out: what it says about a
figure is kept as a flag or a code. `file_row` is the line of the file, its header being 1.
"""

import dataframely as dy

MINERAL_MEASURES = [
    "primary_production",
    "secondary_production",
    "apparent_consumption",
    "net_import_reliance",
    "primary_import_source",
    "leading_country_production",
    "leading_country_share",
    "world_production",
]
CHAPTER_CODES = ["no_note", "rare_earths_chapter", "platinum_group_chapter", "no_chapter"]


class PublishedFigure(dy.Schema):
    """What every published row says of where it stands. Not a table of its own."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True)


class PublishedSalient(PublishedFigure):
    """US salient statistics, every commodity and measure.

    Grain: one figure (edition, file, line, column). `file_column` counts columns from 1 in the wide files of
    2023 to 2025, where each year is a line and each measure a column, and is 0 in the long file of 2026,
    where a line is a figure. `published_measure` is the column's name, or the long file's detail.
    `published_unit` is the token after the column name's last underscore, or the long file's unit.
    `is_estimated`: the note says so (2026); the table's last year, whose heading the printed book marks
    with "e", or an "e" before the number (2023 to 2025).
    """

    file_column = dy.UInt16(primary_key=True)
    published_commodity = dy.String()
    published_statistic = dy.String(nullable=True)
    published_measure = dy.String(nullable=True)
    published_unit = dy.String(nullable=True)
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)
    is_estimated = dy.Bool()


class PublishedImportSource(PublishedFigure):
    """Where US imports came from over four years, every commodity. Grain: one line of the file (2026)."""

    published_commodity = dy.String()
    published_form = dy.String()
    published_partner = dy.String()
    published_period = dy.String()
    published_unit = dy.String()
    published_value = dy.String(nullable=True)
    is_estimated = dy.Bool()
    includes_hong_kong = dy.Bool()


class PublishedExportControl(PublishedFigure):
    """Table 4 of 2026. Grain: one group of commodities with its year; a line of the file holds several."""

    item = dy.UInt16(primary_key=True)
    published_country = dy.String()
    published_control = dy.String()
    published_commodity = dy.String()
    published_year = dy.Int32(min=1900, max=2100)
    data_through = dy.Date()


class PublishedAgreement(PublishedFigure):
    """Table 5 of 2026. Grain: one agreement. Both of the publisher's spellings of its date."""

    published_country = dy.String()
    published_agreement = dy.String()
    published_date = dy.String()
    published_date_iso = dy.String(regex=r"^\d{4}-\d{2}(-\d{2})?$")


class PublishedCriticalMineral(PublishedFigure):
    """Table 6 of 2026, presence only. Grain: one mineral. `chapter_code`: which chapter the note names."""

    published_mineral = dy.String()
    chapter_code = dy.String(check=lambda c: c.is_in(CHAPTER_CODES))


class PublishedCriticalSalient(PublishedFigure):
    """Table 7 of 2026. Grain: one measure of one mineral; a line of the file holds eight.

    `note_code` is what the publisher's note says of the measure (`mappings/t7_notes.csv`).
    """

    measure = dy.String(primary_key=True, check=lambda c: c.is_in(MINERAL_MEASURES))
    published_mineral = dy.String()
    published_unit = dy.String()
    reference_year = dy.Int32(min=1900, max=2100)
    published_country = dy.String(nullable=True)
    published_value = dy.String(nullable=True)
    note_code = dy.String(nullable=True)
    is_estimated = dy.Bool()
