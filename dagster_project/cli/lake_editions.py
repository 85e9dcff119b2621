"""What lies in the lake, for `status`: from the files beside the tables, without a heavy import."""

import json
from pathlib import Path


def editions_of(lake: Path) -> list[str]:
    """Source and edition of what lies in the lake; of a damaged description its path."""
    editions: set[str] = set()
    for path in lake.glob("*/*.json"):
        try:
            sidecar = json.loads(path.read_bytes())
            if sidecar["input"] != "reference":
                editions |= {f"{sidecar['source_id']} {edition}" for edition in sidecar["editions"]}
        except (ValueError, LookupError, TypeError):
            editions.add(f"damaged: {path.relative_to(lake)}")
    return sorted(editions)
