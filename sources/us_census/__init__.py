"""US Census Bureau, International Trade API: US imports by month, ten-digit code and country."""
