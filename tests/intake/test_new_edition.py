"""USGS puts a book out: it is found, taken in beside the old, tried and current, and no hand touches it."""

from pathlib import Path

import polars as pl
import pytest

from dagster_project import alerts
from dagster_project.pinning import told
from sources.catalog import load_source
from sources.intake.pins import PinStore
from tests.intake._instance import daemon_of, published
from tests.intake.held_back import HELD, SOURCE, TITLE, book_of_2026, in_kilograms
from tests.mirror import publishers
from tests.mirror.server import Mirror

pytestmark = [pytest.mark.shared, pytest.mark.slow]
BOOKS = ["MCS2023", "MCS2024", "MCS2025"]
ITEM = "696a75d5d4be0228872d3bf8"
FILE = "MCS2026_Commodities_Data.csv"


def test_a_new_edition_is_found_compared_gated_and_published(out_2026: Mirror) -> None:
    with daemon_of(SOURCE) as daemon:
        settings, store = daemon.settings, PinStore(daemon.settings.state)
        assert daemon.refresh().success
        assert (published(settings) or {})["editions"] == BOOKS
        assert daemon.tick(daemon.due).skip_message == "nothing is due"

        [request] = daemon.tick(daemon.looks).run_requests
        assert request.tags["chokepoint/started_by"] == f"new_edition_{SOURCE}"
        assert daemon.run("take_in_edition", request).success
        [pin] = store.read()[SOURCE]
        assert (pin.edition.edition, pin.state, pin.reason) == (HELD, "trial", "")
        # The day of its publisher's catalog; the bytes of the publisher's file, as we pinned them by hand.
        assert str(pin.edition.released_on) == "2026-02-06"
        assert pin.edition.files[0].sha256.startswith("582a0aa231aea53d")
        assert pin.compared["beside"] == "MCS2025"
        assert len(pin.compared["largest_changes"]) == 10  # pyright: ignore[reportArgumentType]
        # Found once.
        assert daemon.tick(daemon.looks).run_requests == []

        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
        assert (published(settings) or {})["editions"] == [*BOOKS, HELD]
        [pin] = store.read()[SOURCE]
        assert pin.state == "current"
        assert daemon.tick(daemon.due).skip_message == "nothing is due"
        # China's primary gallium in 2024 as the book prints it, 839,000 kilograms.
        lake = pl.read_parquet(settings.lake / SOURCE / "production.parquet")
        found = lake.filter(
            pl.col("edition") == HELD, pl.col("mineral_id") == "gallium",
            pl.col("country_iso3") == "CHN", pl.col("reference_year") == 2024,
        )  # fmt: skip
        assert found["quantity_tonnes"].to_list() == [839]
        assert not alerts.waiting_alerts(settings)
        # Later refreshes read it too, and ask its publisher for it.
        before = len(out_2026.requests(publishers.item_url(ITEM)))
        assert daemon.refresh().success
        assert len(out_2026.requests(publishers.item_url(ITEM))) > before
        assert len(out_2026.requests(publishers.file_url(ITEM, FILE))) == 1


def test_a_slip_of_units_is_refused_and_alerts(
    live: Mirror, held_back: Path, shared_data: Path
) -> None:
    publishers.publish(live, load_source(SOURCE), shared_data)
    wrong = in_kilograms(book_of_2026(shared_data), "Cobalt")
    publishers.announce(live, ITEM, TITLE, "2026-02-06", {FILE: wrong})
    with daemon_of(SOURCE) as daemon:
        settings, store = daemon.settings, PinStore(daemon.settings.state)
        assert daemon.refresh().success
        release = published(settings)
        [request] = daemon.tick(daemon.looks).run_requests
        assert daemon.run("take_in_edition", request).success
        [pin] = store.read()[SOURCE]
        assert pin.state == "waiting"
        assert "figures_keep_their_magnitude" in pin.reason
        assert "1000" in pin.reason.replace(",", "").replace(".", "") or "fold" in pin.reason
        # Cobalt heads the largest changes, a thousandfold.
        changes = pin.compared["largest_changes"]
        assert isinstance(changes, list)
        assert all("cobalt" in change["what"] for change in changes)
        assert daemon.tick(daemon.due).skip_message == "nothing is due"
        assert daemon.tick(daemon.looks).run_requests == []
        [alert] = alerts.waiting_alerts(settings)
        assert "figures_keep_their_magnitude" in alert.read_text()
        assert "chokepoint pin" in alert.read_text()
        assert any("cobalt" in line for line in told(settings))
        # The old release stands, and the next refresh makes no use of what waits.
        assert published(settings) == release
        assert daemon.refresh().success
        assert (published(settings) or {})["editions"] == BOOKS

        # USGS puts it right: found again by itself.
        publishers.announce(live, ITEM, TITLE, "2026-02-06", {FILE: book_of_2026(shared_data)})
        requests = daemon.tick(daemon.looks).run_requests
        assert len(requests) == 1
        assert daemon.run("take_in_edition", requests[0]).success
        [pin] = store.read()[SOURCE]
        assert (pin.edition.edition, pin.state) == (HELD, "trial")
