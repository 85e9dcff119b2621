"""USGS puts a book out, at first with a slip of units: what a refresh beside it does, and every one after it.

One source, turn by turn, in this process. The whole of it, with the daemon running and up to a real release,
is in `tests/integration/test_live_daemon.py`.
"""

from pathlib import Path

import polars as pl
import pytest

from dagster_project.cli.pin import pin_report
from dagster_project.operations import alerts
from sources.editions.pins import PinStore
from sources.fetching.client import Client
from sources.fetching.sciencebase import CATALOG, files_of
from sources.reading.catalog import load_source
from sources.reading.errors import FetchError
from tests.editions._instance import daemon_of, published
from tests.editions.held_back import (
    DAY,
    FILE,
    HELD,
    ITEM,
    SOURCE,
    TITLE,
    book_of_2026,
    in_kilograms,
)
from tests.mirror import publishers
from tests.mirror.server import Mirror

pytestmark = [pytest.mark.shared, pytest.mark.slow]
BOOKS = ["MCS2023", "MCS2024", "MCS2025"]


def test_what_waits_is_not_read_and_what_is_current_is_read_ever_after(
    live: Mirror, held_back: Path, shared_data: Path
) -> None:
    book = book_of_2026(shared_data)
    publishers.publish(live, load_source(SOURCE), shared_data)
    publishers.announce(live, ITEM, TITLE, DAY, {FILE: in_kilograms(book, "Cobalt")})
    with daemon_of(SOURCE) as daemon:
        settings, store = daemon.settings, PinStore(daemon.settings.state)
        [request] = daemon.tick(daemon.looks).run_requests
        assert request.tags["chokepoint/started_by"] == f"new_edition_{SOURCE}"
        assert daemon.run("take_in_edition", request).success
        [pin] = store.read()[SOURCE]
        assert pin.state == "needs_review"
        assert any("cobalt" in line for line in pin_report(settings))
        [alert] = alerts.waiting_alerts(settings)
        assert "figures_keep_their_magnitude" in alert.read_text()
        # Found once, and nothing to be done about it by itself.
        assert daemon.tick(daemon.looks).run_requests == []
        assert daemon.tick(daemon.due).skip_message == "nothing is due"
        assert daemon.refresh().success
        release = published(settings)
        assert release is not None
        assert release["editions"] == BOOKS

        publishers.announce(live, ITEM, TITLE, DAY, {FILE: book})
        [request] = daemon.tick(daemon.looks).run_requests
        assert daemon.run("take_in_edition", request).success
        [pin] = store.read()[SOURCE]
        assert (pin.edition.edition, pin.state, pin.reason) == (HELD, "trial", "")
        assert published(settings) == release
        assert daemon.tick(daemon.looks).run_requests == []
        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
        assert (published(settings) or {})["editions"] == [*BOOKS, HELD]
        [pin] = store.read()[SOURCE]
        assert pin.state == "current"
        assert daemon.tick(daemon.due).skip_message == "nothing is due"
        # China's primary gallium in 2024 as the book prints it, 839,000 kilograms.
        lake = pl.read_parquet(settings.lake_folder / SOURCE / "production.parquet")
        found = lake.filter(
            pl.col("edition") == HELD, pl.col("mineral_id") == "gallium",
            pl.col("country_iso3") == "CHN", pl.col("reference_year") == 2024,
        )  # fmt: skip
        assert found["quantity_tonnes"].to_list() == [839]

        # Later refreshes read it too, and ask its publisher for it; the file was sent once for each of the two.
        before = len(live.requests(publishers.item_url(ITEM)))
        assert daemon.refresh().success
        assert (published(settings) or {})["editions"] == [*BOOKS, HELD]
        assert len(live.requests(publishers.item_url(ITEM))) > before
        assert len(live.requests(publishers.file_url(ITEM, FILE))) == 2


def test_a_listing_that_goes_round_in_a_circle_is_refused(live: Mirror) -> None:
    """Its first page again and again would be read fifty times, and pass for the whole."""
    source = load_source("usgs_mcs")
    assert source.live is not None
    live.put_json(f"{CATALOG}/item/abc", {"id": "abc", "files": []})
    again = {"items": [], "nextlink": {"url": f"{CATALOG}/items?offset=0"}}
    live.put_json(f"{CATALOG}/items", again)
    with (
        Client(source.source_id, source.live) as client,
        pytest.raises(FetchError, match="go round in a circle"),
    ):
        files_of(client, "abc", children=True)
    assert len(live.requests(f"{CATALOG}/items")) == 2
