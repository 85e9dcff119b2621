"""Raw and lake assets, and the checks of lake tables."""
