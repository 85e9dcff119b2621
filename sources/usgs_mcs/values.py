"""Moved to `sources.values`."""

from sources.values import HALF_UNIT, ParsedValue, _tokens, parse_value, with_values_parsed

__all__ = ["HALF_UNIT", "ParsedValue", "_tokens", "parse_value", "with_values_parsed"]
