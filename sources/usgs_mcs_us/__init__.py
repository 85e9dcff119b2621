"""USGS Mineral Commodity Summaries, United States: reliance, prices, import sources, critical minerals."""
