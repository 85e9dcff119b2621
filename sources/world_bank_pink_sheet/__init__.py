"""World Bank Commodity Price Data (the Pink Sheet): monthly prices of raw materials since 1960."""
