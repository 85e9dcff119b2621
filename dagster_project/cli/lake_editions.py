"""What lies in the lake, for `status`: from the files beside the tables, without a heavy import."""

import json
from pathlib import Path

from sources.reading.bucket import BucketError, BucketPath


def editions_of(lake: Path | BucketPath) -> list[str]:
    """Source and edition of what lies in the lake; of a damaged description its path."""
    editions: set[str] = set()
    try:
        paths = list(lake.glob("*/*.json"))
    except (BucketError, FileNotFoundError) as error:
        return [f"can't be read: {error}"]
    for path in paths:
        try:
            sidecar = json.loads(path.read_bytes())
            if sidecar["input"] != "reference":
                editions |= {f"{sidecar['source_id']} {edition}" for edition in sidecar["editions"]}
        except (ValueError, LookupError, TypeError):
            editions.add(f"damaged: {str(path).removeprefix(f'{lake}/')}")
    return sorted(editions)
