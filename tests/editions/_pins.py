"""Hand-made pins, and what a build leaves of them."""

import datetime as dt
import hashlib
import json

from dagster_project.publishing import audit
from dagster_project.settings import Settings
from sources.editions.pins import Pin
from sources.fetching.edition_store import FetchedFile
from sources.reading.catalog import Edition, SourceFile

SOURCE = "world_bank_pink_sheet"
SHEET = "CMO-Historical-Data-Monthly.xlsx"


def edition(name: str, day: str, sha256: str = "a" * 64) -> Edition:
    file = SourceFile(table="price_cell", path=f"x/{SHEET}", layout="monthly_prices", sha256=sha256)
    return Edition(
        edition=name,
        title=f"Sheet {name}",
        released_on=dt.date.fromisoformat(day),
        released_on_verified="as the file says",
        citation="a citation: with a colon",
        url="https://example.org",
        files=(file,),
    )


def pin(name: str = "CMO2026-04", day: str = "2026-04-02", **more: object) -> Pin:
    given = {
        "kind": "new",
        "fingerprint": f"fingerprint-{name}",
        "state": "trial",
        "found_at": f"{day}T00:00:00",
    }
    return Pin.model_validate({"edition": edition(name, day), **given, **more})


def was_read(settings: Settings, read: Pin, source_id: str = SOURCE) -> None:
    """What the raw asset writes of the bytes that it verified."""
    settings.raw.mkdir(parents=True, exist_ok=True)
    digest = ",".join(file.sha256[:16] for file in read.edition.files)
    content = {"editions": {read.edition.edition: digest}}
    (settings.raw / f"{source_id}.json").write_text(json.dumps(content))


def stopped(settings: Settings, build_id: str) -> None:
    result = audit.CheckRecord("marts/x: band", False, "ERROR", "left its band")
    audit.record(settings.audit, build_id, [result])


def kept(content: bytes) -> FetchedFile:
    sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content).hexdigest()
    return FetchedFile("https://x", len(content), sha256, md5, md5, None, "2026-04-02T00:00:00")
