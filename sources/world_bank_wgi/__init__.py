"""World Bank Worldwide Governance Indicators: political stability, 1996-2024."""
