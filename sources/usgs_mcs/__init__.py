"""USGS Mineral Commodity Summaries: world production, as published, edition by edition."""
