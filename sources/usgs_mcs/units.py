"""Publishers' unit words, each with its factor to metric tonnes. A word not listed here is an error."""

# Exact by definition; `None` marks a word that is known and is not a mass (it can't be mapped to tonnes).
TONNES_PER_UNIT: dict[str, float | None] = {
    "metric tons": 1.0,
    "tons": 1.0,
    "thousand metric tons": 1_000.0,
    "thousand metric dry tons": 1_000.0,
    "million metric tons": 1_000_000.0,
    "kilograms": 0.001,
    # Tokens of column names, editions 2023 and 2024.
    "t": 1.0,
    "kt": 1_000.0,
    "Mt": 1_000_000.0,
    "kg": 0.001,
    "million carats": None,
    "thousand carats": None,
    "thousands of carats": None,
    "million cubic meters": None,
    "million liters": None,
}
