"""What a data test of dbt asks, in words for the UI: its own description, or what its kind asks of these columns."""

import re
from collections.abc import Mapping
from typing import Any

# A test in one file tells it in its first comment.
COMMENT = re.compile(r"\{#-?(.*?)-?#\}", re.DOTALL)
ASKED = {
    "unique_key": "No two rows share {columns}, and none of these is null.",
    "null_exactly_with_reason": "{columns}: null exactly where {reason} says why.",
    "within_range": "{columns}: from {lower} to {upper}. Nulls are not judged.",
    "relationships": "Each {column_name} stands in {field} of {to}.",
    "accepted_values": "{column_name} is one of: {values}.",
}


def asked(test: Mapping[str, Any]) -> str:
    """Description of a check, from its test in dbt's manifest."""
    comment = COMMENT.search(test["raw_code"])
    kind = test.get("test_metadata") or {}
    if test.get("description"):
        text = test["description"]
    elif kind.get("name") in ASKED:
        named = {name: _shown(value) for name, value in kind["kwargs"].items()}
        text = ASKED[kind["name"]].format_map(named)
    elif comment and not kind:
        text = " ".join(comment[1].split())
    else:
        text = f"{test['name'].replace('_', ' ').capitalize()}."
    stops = test["config"]["severity"].lower() == "error"
    return f"{text} A row that differs {'stops the refresh' if stops else 'warns'}."


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    referred = re.fullmatch(r"ref\('(\w+)'\)", str(value))
    return f"`{referred[1] if referred else value}`" if isinstance(value, str) else str(value)
