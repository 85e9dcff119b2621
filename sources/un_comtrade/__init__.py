"""UN Comtrade: what exporters and importers declare, before anybody reconciles it."""
