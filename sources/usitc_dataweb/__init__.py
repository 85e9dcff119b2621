"""USITC DataWeb: US imports and exports by four-digit heading and partner, by year and year to date."""
