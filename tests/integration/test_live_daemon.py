"""`live` from an empty folder to a release, by `chokepoint serve` alone: no hand touches it but USGS's.

In a copy of the repo that does not know USGS's book of 2026. The publishers' mirror has everything else, of BACI
few traders; the book comes out, at first with a slip of units, which must be refused and told to a webhook. Then
USGS puts it right, and what is published must be the release of `embedded`.

Its lake lies in a bucket, where there is a server of one, and there the release is served too. One run for all
tests of this file: it costs a refresh.
"""

import datetime as dt
import http.server
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.cli.share import served_by
from dagster_project.operations.watch import problems
from dagster_project.publishing.digest import schema_content
from dagster_project.publishing.export import served
from dagster_project.publishing.gate import lake_sidecars
from dagster_project.publishing.release_files import DATABASE, MARTS
from dagster_project.settings import Settings, load_settings
from sources.editions.pins import Pin, PinStore
from sources.reading.bucket import BucketPath
from sources.reading.catalog import Edition, Source
from sources.reading.lake import Sidecar
from sources.reading.published import digest_of_pins
from sources.registry import all_sources
from tests.clients import client, is_installed
from tests.conftest import run_command
from tests.editions.held_back import (
    DAY,
    FILE,
    HELD,
    ITEM,
    SOURCE,
    TITLE,
    book_of_2026,
    hold_back,
    in_kilograms,
)
from tests.failure._helpers import MOST_SECONDS, settings_of, whole
from tests.few_traders import cut_files
from tests.integration.test_ui import REPOSITORY, RUNS, serving
from tests.mirror import publishers
from tests.mirror.server import Mirror, running
from tests.s3_server import SECRET, reaching, serving_bucket

pytestmark = [pytest.mark.shared, pytest.mark.slow]

COPIED = ("sources", "dagster_project", "dbt", "pyproject.toml", "dagster.yaml")
LAKE, PUBLIC = "s3://minerals/lake", "s3://minerals/public"
AUTOMATION = Path("dagster_project/defs/automation")
SWITCHES = """
query ($repository: RepositorySelector!) {
  sensorsOrError(repositorySelector: $repository) {
    ... on Sensors { results { name sensorState { status } } }
  }
  schedulesOrError(repositorySelector: $repository) {
    ... on Schedules { results { name scheduleState { status } } }
  }
}
"""


class _Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that keeps what it is told."""

    told: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append(json.loads(body)["text"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@contextmanager
def webhook(told: list[str]) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Hook", (_Hook,), {"told": told})
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def quicker_schedules() -> list[tuple[str, str, str, int]]:
    """File, what stands there, what the copy has in its place, how often.

    USGS is looked at every few seconds, not every six hours; what is due or waits to be told every few
    seconds, not every minute. No schedule's hour comes while the test runs.
    """
    hour = (dt.datetime.now(dt.UTC).hour + 12) % 24
    looks = f'(3 if source.source_id == "{SOURCE}" else 12 * HOUR)'
    return [
        ("sensors.py", "LOOK_SECONDS[source.cadence]", looks, 1),
        ("sensors.py", "minimum_interval_seconds=60", "minimum_interval_seconds=2", 2),
        ("schedules.py", '"15 4 ', f'"15 {hour} ', 4),
    ]


def copy_of_the_repo(repo: Path, to: Path) -> None:
    """Without the book of 2026, and with another clock."""
    for name in COPIED:
        if (repo / name).is_dir():
            shutil.copytree(repo / name, to / name)
        else:
            shutil.copy2(repo / name, to / name)
    hold_back(to / "sources" / SOURCE / "source.yml")
    for name, ours, other, times in quicker_schedules():
        path = to / AUTOMATION / name
        text = path.read_text(encoding="utf-8")
        assert text.count(ours) == times, ours
        path.write_text(text.replace(ours, other), encoding="utf-8")


def publish_all(mirror: Mirror, sources: list[Source], files: Path, drop: Path) -> None:
    """The publishers have everything but the held book; what nobody offers is dropped."""
    for source in sources:
        known = tuple(
            edition
            for edition in source.editions
            if (source.source_id, edition.edition) != (SOURCE, HELD)
        )
        known_before = source.model_copy(update={"editions": known})
        publishers.publish(mirror, known_before, files)
        publishers.drop(known_before, files, drop)


@dataclass
class Bucket:
    """What was found of it."""

    tables: set[str]
    latest: dict[str, Any] | None
    serves: str | None
    problems: list[str]
    status: str


def look_at_bucket(data: Path, environment: dict[str, str]) -> Bucket:
    """By who reaches it."""
    there = BucketPath("minerals", "lake").glob("*/*.json")
    return Bucket(
        tables={path.key.removeprefix("lake/") for path in there},
        latest=served(PUBLIC),
        serves=served_by(PUBLIC),
        problems=problems(load_settings(), is_automated=False),
        status=run_command("status", data=data, timeout=480, **environment).stdout,
    )


@dataclass
class Lived:
    """What was seen of the daemon's work."""

    settings: Settings
    told: list[str] = field(default_factory=list)
    refused: list[Pin] = field(default_factory=list)
    published_then: list[str] = field(default_factory=list)
    switches: dict[str, Any] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    # Pins of the publishers' files, and of what the mirror has in their place.
    pinned: dict[str, str] = field(default_factory=dict)
    sidecars: list[Sidecar] = field(default_factory=list)
    bucket: "Bucket | None" = None

    def pins(self) -> list[Pin]:
        return PinStore(self.settings.state).read().get(SOURCE, [])

    @cached_property
    def release(self) -> dict[str, Any]:
        return whole(self.settings)

    def wait(self, what: str, done: Callable[[], bool]) -> None:
        end = time.monotonic() + MOST_SECONDS
        while not done():
            assert time.monotonic() < end, f"never happened: {what}; {self.pins()}; {self.told}"
            time.sleep(0.5)


def _alerts_of_the_book(told: list[str]) -> list[str]:
    return [text for text in told if f"{SOURCE} {HELD} " in text]


@pytest.fixture(scope="module")
def lived(few: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("live")
    copy, data = folder / "copy", folder / "data"
    copy.mkdir()
    copy_of_the_repo(few.parent / "repo", copy)
    pinned = cut_files(shared_data, copy, folder / "files")
    # Its dbt project is that of `few`: neither server need parse it.
    shutil.copytree(few / "dbt", data / "dbt")
    sources = [source for source in all_sources() if source.live]
    with ExitStack() as running_now:
        told: list[str] = []
        hook = running_now.enter_context(webhook(told))
        mirror, environment = running_now.enter_context(
            running(publishers.hosts_of(sources), folder)
        )
        publish_all(mirror, sources, folder / "files", data / "drop")
        book = book_of_2026(shared_data)
        publishers.announce(mirror, ITEM, TITLE, DAY, {FILE: in_kilograms(book, "Cobalt")})
        environment |= {
            "CHOKEPOINT_INPUT": "live",
            "CHOKEPOINT_ALERT_URL": hook,
            "PYTHONPATH": str(copy),
        }
        has_bucket = is_installed("moto")
        if has_bucket:
            environment |= running_now.enter_context(serving_bucket())
            environment |= {"CHOKEPOINT_LAKE": LAKE, "CHOKEPOINT_PUBLISH_TO": PUBLIC}
        running_now.enter_context(reaching(environment, CHOKEPOINT_DATA=str(data)))
        lived = Lived(load_settings(), told, pinned=pinned)
        with serving(data, **environment) as server:
            lived.wait("the webhook is told", lambda: bool(_alerts_of_the_book(lived.told)))
            lived.refused = lived.pins()
            lived.published_then = [path.name for path in lived.settings.published.iterdir()]
            publishers.announce(mirror, ITEM, TITLE, DAY, {FILE: book})
            pins = PinStore(lived.settings.state).path
            # Until the daemon looks again, what waits stays or is forgotten; both are right.
            for state in ("state: trial", "state: current"):
                lived.wait(state, lambda state=state: state in pins.read_text("utf-8"))
            server.until(RUNS, lambda data: {"STARTED", "QUEUED"}.isdisjoint(_statuses(data)))
            lived.runs = server.ask(RUNS)["data"]["runsOrError"]["results"]
            lived.switches = server.ask(SWITCHES, repository=REPOSITORY)["data"]
        lived.sidecars = lake_sidecars(lived.settings)
        lived.bucket = look_at_bucket(data, environment) if has_bucket else None
    return lived


def _statuses(data: dict[str, Any]) -> set[str]:
    return {run["status"] for run in data["runsOrError"]["results"]}


def test_a_slip_of_units_is_refused_and_reported(lived: Lived) -> None:
    [pin] = lived.refused
    assert (pin.edition.edition, pin.kind, pin.state) == (HELD, "new", "needs_review")
    assert "production: figures_keep_their_magnitude" in pin.reason
    # It names the first total that moved, too.
    assert "; first: " in pin.reason
    changes = pin.compared["largest_changes"]
    assert isinstance(changes, list)
    # Five places are those of figures that came or went: the book of 2026 has other reserves. The slip has the rest.
    slipped = [change for change in changes if change["before"] and change["after"]]
    assert len(slipped) == 5
    assert len(changes) == 10
    assert all("cobalt" in change["what"] for change in slipped)
    assert all(900 < change["fold"] < 1300 for change in slipped)
    assert lived.published_then == []
    [alert] = _alerts_of_the_book(lived.told)
    assert "needs review; what is published stays as it is" in alert
    assert "figures_keep_their_magnitude" in alert
    assert "chokepoint pin" in alert


def test_sensors_alone_started_what_ran(lived: Lived) -> None:
    started_by = "chokepoint/started_by"
    seen = sorted(
        (run["jobName"], tag["value"], run["status"])
        for run in lived.runs
        for tag in run["tags"]
        if tag["key"] == started_by
    )
    # Looked at many times, and each of the two books taken in once.
    assert seen == [
        ("refresh", "refresh_due", "SUCCESS"),
        ("take_in_edition", f"new_edition_{SOURCE}", "SUCCESS"),
        ("take_in_edition", f"new_edition_{SOURCE}", "SUCCESS"),
    ]
    assert len(lived.runs) == len(seen)
    sensors = lived.switches["sensorsOrError"]["results"]
    schedules = lived.switches["schedulesOrError"]["results"]
    assert {item["sensorState"]["status"] for item in sensors} == {"RUNNING"}
    assert {item["scheduleState"]["status"] for item in schedules} == {"RUNNING"}


def test_the_new_edition_is_compared_and_current(lived: Lived) -> None:
    [pin] = lived.pins()
    assert (pin.edition.edition, pin.state, pin.reason) == (HELD, "current", "")
    assert pin.tried == [lived.release["build_id"]]
    assert lived.release["input"] == "live"
    # The day of its publisher's catalog; the bytes of the publisher's file, as we pinned them by hand.
    assert str(pin.edition.released_on) == DAY
    assert pin.edition.files[0].sha256.startswith("582a0aa231aea53d")
    assert pin.compared["beside"] == "MCS2025"
    assert len(pin.compared["largest_changes"]) == 10  # pyright: ignore[reportArgumentType]
    assert len(_alerts_of_the_book(lived.told)) == 1


def test_the_lake_is_that_of_embedded_and_nothing_of_it_from_the_snapshot(
    lived: Lived, few: Path
) -> None:
    found, expected = lived.sidecars, lake_sidecars(settings_of(few))
    other = [
        f"{ours.source_id}/{ours.table}"
        for ours, theirs in zip(found, expected, strict=True)
        if ours.content_digest != theirs.content_digest
    ]
    # Address and citation of the new edition, as far as a catalog tells them.
    assert other == ["reference/edition"]
    # Or the comparison would be of the snapshot with itself.
    read = {sidecar.source_id: sidecar.editions for sidecar in found if sidecar.input == "live"}
    for source in all_sources():
        if source.redistributable:
            assert read[source.source_id] == {
                edition.edition: digest_of_pins(_as_the_mirror_has_it(edition, lived.pinned))
                for edition in source.editions
            }


def _as_the_mirror_has_it(edition: Edition, pinned: dict[str, str]) -> Edition:
    files = tuple(
        file.model_copy(update={"sha256": pinned.get(file.sha256, file.sha256)})
        for file in edition.files
    )
    return edition.model_copy(update={"files": files})


def _described_as(release: Path, found: Edition, to: Path) -> str:
    """Digest of a release whose one edition is described in a machine's words."""
    shutil.copy2(release / DATABASE, to)
    with duckdb.connect(str(to)) as connection:
        connection.execute(
            "update marts.dim_edition set released_on_verified = ?, citation = ?, url = ? "
            "where source_id = ? and edition = ?",
            [found.released_on_verified, found.citation, found.url, SOURCE, found.edition],
        )
        return schema_content(connection, MARTS).digest


def test_the_release_is_that_of_embedded(lived: Lived, few: Path, tmp_path: Path) -> None:
    """Its digest, once the new edition's row of `dim_edition` has the words that a machine finds for it."""
    embedded = few / "published" / "current"
    [pin] = lived.pins()
    expected = _described_as(embedded, pin.edition, tmp_path / DATABASE)
    assert json.loads((embedded / "release.json").read_text("utf-8"))["content_digest"] != expected
    assert lived.release["content_digest"] == expected


def test_the_lake_lies_in_a_bucket_and_the_release_is_served_there(lived: Lived, few: Path) -> None:
    """Every table, check and the gate read and wrote the bucket; the release is that of a lake on disk."""
    if lived.bucket is None:
        client("moto", "moto_server")
    assert lived.bucket is not None
    on_disk = settings_of(few).lake_folder
    assert lived.bucket.tables == {
        str(path.relative_to(on_disk)) for path in on_disk.glob("*/*.json")
    }
    assert not lived.settings.lake_folder.exists()
    release = lived.release["release"]
    latest = lived.bucket.latest
    assert latest is not None
    assert (latest["release"], latest["path"]) == (release, f"v{release}/")
    assert latest["content_digest"] == lived.release["content_digest"]
    assert lived.bucket.serves == release
    assert lived.bucket.problems == []
    assert f"{PUBLIC}: {release}" in lived.bucket.status
    assert "usgs_mcs MCS2026" in lived.bucket.status
    for path in lived.settings.data.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert SECRET.encode() not in path.read_bytes(), path
