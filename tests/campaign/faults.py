"""Damage on disk, file by file and kind by kind: seen, in one error of ours, and recovered where nothing is lost."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from dagster_project.operations import alerts, dbt_runner
from dagster_project.operations.alerts import Alert, raise_alert, waiting_alerts
from dagster_project.operations.history import DATABASES, set_damaged_history_aside
from dagster_project.operations.watch import problems
from dagster_project.publishing.fingerprint import unchanged_release
from dagster_project.publishing.gate import PublishRefusedError
from dagster_project.publishing.release import publish
from dagster_project.publishing.releases import DATABASE
from dagster_project.settings import Settings, prepare_environment
from sources.editions.pins import PinStore
from sources.reading.errors import SourceError
from tests.campaign.frame import Trial, Workshop
from tests.campaign.works import WORKS
from tests.editions._pins import SOURCE, pin
from tests.failure._helpers import (
    build_of,
    copied,
    gate,
    leftover_names,
    whole,
    with_other_build_id,
)

OURS = ("dagster_project.", "sources.")
Spoil = Callable[[Path], object]


def _written(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(path: Path) -> None:
        content = path.read_bytes()
        # Another file under the name: a copy shares its files with the original.
        path.unlink()
        path.write_bytes(change(content))

    return spoil


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]


DAMAGE: dict[str, Spoil] = {
    "gone": lambda path: path.unlink(),
    "empty": _written(lambda _: b""),
    "cut": _written(lambda content: content[: len(content) // 2]),
    "one bit": _written(_flipped),
    "other bytes": _written(lambda content: b"\xff\xfe" * (1 + len(content) // 2)),
}


@dataclass(frozen=True)
class Fault:
    """What is spoiled, and the question what came of it: what is wrong in words, or nothing."""

    name: str
    spoil: Callable[[Settings], object]
    ask: Callable[[Settings], str]


def _republished(settings: Settings) -> str:
    """Published again unaided, with the same content, whole."""
    nodes, blocking = gate(settings)
    before = build_of(settings)
    result = publish(settings, nodes, blocking)
    about = whole(settings)
    if about["content_digest"] != result.content_digest or before != result.build_id:
        return "another content was published"
    return f"it left {leftover_names(settings)}" if leftover_names(settings) else ""


def _reported_and_republished(settings: Settings) -> str:
    said = problems(settings, is_automated=False)
    if len(said) != 1 or "damaged on disk" not in said[0]:
        return f"status says {said}"
    if unchanged_release(settings) is not None:
        return "it is called unchanged"
    return _republished(settings)


def _refused(settings: Settings) -> str:
    """The gate is shut with our error; what is published stays."""
    nodes, blocking = gate_of_copy(settings)
    try:
        publish(settings, nodes, blocking)
    except PublishRefusedError as error:
        whole(settings)
        return "" if "next:" in str(error) else f"it says no next step: {error}"
    return "it was published"


def gate_of_copy(settings: Settings) -> tuple[list[str], list[str]]:
    """Nodes and checks as they were before the damage, which may be to the audit."""
    return gate(settings) if not (settings.data / "gate").exists() else _gates[settings.data]


_gates: dict[Path, tuple[list[str], list[str]]] = {}


def _not_current(settings: Settings) -> None:
    """So that there is something to publish."""
    WORKS["publish"].prepare(settings.data)


def _with_gate(spoil: Callable[[Settings], object]) -> Callable[[Settings], object]:
    def both(settings: Settings) -> None:
        _not_current(settings)
        _gates[settings.data] = gate(settings)
        (settings.data / "gate").touch()
        spoil(settings)

    return both


def _reads(settings: Settings) -> str:
    unchanged_release(settings)
    return ""


def _delivers(settings: Settings) -> str:
    told: list[object] = []
    with (
        patch.dict(os.environ, {"CHOKEPOINT_ALERT_URL": "https://example.org"}),
        patch.object(alerts, "post", lambda _, content: told.append(content)),
    ):
        alerts.deliver(settings)
    if len(told) < 1 or waiting_alerts(settings):
        return f"{len(told)} alerts were posted, {len(waiting_alerts(settings))} wait"
    return ""


def _two_alerts(settings: Settings) -> Path:
    for key in ("first", "second"):
        raise_alert(settings, Alert(key, key, "what", "do"))
    return waiting_alerts(settings)[0]


def _pins_told(settings: Settings) -> str:
    try:
        found = PinStore(settings.state).read()
    except SourceError as error:
        return "" if error.next_step else "it says no next step"
    # One bit may leave a pin that is one.
    return "" if all(isinstance(key, str) for key in found) else f"read as {found}"


def _pins(settings: Settings) -> Path:
    store = PinStore(settings.state)
    store.put(SOURCE, pin())
    return store.path


def _history(settings: Settings) -> str:
    if not set_damaged_history_aside(settings):
        return "nobody saw it"
    return "it is not mended" if set_damaged_history_aside(settings) else ""


def _empty_history(settings: Settings, name: str) -> Path:
    import sqlite3

    shutil.rmtree(settings.dagster_home, ignore_errors=True)
    prepare_environment(settings)
    for each in DATABASES:
        path = settings.dagster_home / each
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        connection.execute("create table runs (id integer)")
        connection.commit()
        connection.close()
    return settings.dagster_home / name


def _parsed_again(settings: Settings) -> str:
    work = WORKS["parse"]
    work.do(settings.data)
    return work.left(settings.data)


def _manifest(settings: Settings, name: str) -> Path:
    work = WORKS["parse"]
    work.prepare(settings.data)
    work.do(settings.data)
    dbt_runner.load_manifest.cache_clear()
    return dbt_runner._manifest_folder(settings) / name


def _in_place_of_the_link(settings: Settings, make: Callable[[Path, Path], object]) -> None:
    link = settings.published / "current"
    folder = link.resolve()
    link.unlink()
    make(link, folder)


LINKS: dict[str, Callable[[Path, Path], object]] = {
    "a folder": lambda link, folder: shutil.copytree(folder, link),
    "a file": lambda link, folder: link.write_text(folder.name),
    "a link to nowhere": lambda link, _: link.symlink_to("2020.1.1"),
    "an absolute link": lambda link, folder: link.symlink_to(folder),
    "a link to itself": lambda link, _: link.symlink_to("current"),
    "gone": lambda _link, _folder: None,
}


def _faults() -> Iterator[Fault]:
    for kind, damage in DAMAGE.items():
        for name in (
            DATABASE,
            "release.json",
            "SHA256SUMS",
            "CREDITS.md",
            "parquet/dim_stage.parquet",
        ):
            path = Path("current") / name
            yield Fault(
                f"{path}: {kind}",
                lambda settings, path=path, damage=damage: damage(settings.published / path),
                _reported_and_republished,
            )
        yield Fault(
            f"state/numbers.json: {kind}",
            lambda settings, damage=damage: (_numbered(settings), damage(settings.numbers)),
            _republished,
        )
        yield Fault(
            f"audit: {kind}",
            _with_gate(
                lambda settings, damage=damage: damage(
                    settings.audit / f"{build_of(settings)}.json"
                )
            ),
            _refused if kind != "one bit" else _refused_or_published,
        )
        for suffix in ("json", "parquet"):
            yield Fault(
                f"lake table's {suffix}: {kind}",
                _with_gate(
                    lambda settings, damage=damage, suffix=suffix: damage(
                        settings.lake_folder / "usgs_mcs" / f"production.{suffix}"
                    )
                ),
                _refused if (kind, suffix) != ("one bit", "json") else _refused_or_published,
            )
        yield Fault(
            f"state/built.txt: {kind}",
            lambda settings, damage=damage: (_built(settings), damage(settings.built)),
            _reads,
        )
        yield Fault(
            f"an alert that waits: {kind}",
            lambda settings, damage=damage: damage(_two_alerts(settings)),
            _delivers,
        )
        yield Fault(
            f"state/pins.yml: {kind}",
            lambda settings, damage=damage: damage(_pins(settings)),
            _pins_told,
        )
        for name in (dbt_runner.MANIFEST, dbt_runner.PARSED, dbt_runner.SUMS):
            yield Fault(
                f"dbt's {name}: {kind}",
                lambda settings, damage=damage, name=name: damage(_manifest(settings, name)),
                _parsed_again,
            )
    for name in DATABASES:
        yield Fault(
            f"dagster/{name}: other bytes",
            lambda settings, name=name: DAMAGE["other bytes"](_empty_history(settings, name)),
            _history,
        )
    for kind, make in LINKS.items():
        yield Fault(
            f"published/current: {kind}",
            lambda settings, make=make: _in_place_of_the_link(settings, make),
            _republished,
        )


def _numbered(settings: Settings) -> None:
    _not_current(settings)
    settings.numbers.write_text('{"2026.11": 1, "sequence": 1}')


def _built(settings: Settings) -> None:
    settings.built.parent.mkdir(parents=True, exist_ok=True)
    settings.built.write_text("0" * 64 + " 2026.11.1\n")


def _refused_or_published(settings: Settings) -> str:
    """One bit of a text may leave the text what it was in all that counts."""
    try:
        return _refused(settings) and ""
    except SourceError:
        return ""


def faults(workshop: Workshop, trials: int, chance: random.Random) -> Iterator[Trial]:
    """Each fault of the list, or so many of them drawn."""
    listed = list(_faults())
    for fault in listed if trials >= len(listed) else chance.sample(listed, trials):
        settings = copied(workshop.small, workshop.place())
        os.environ["CHOKEPOINT_DATA"] = str(settings.data)
        if fault.ask in (_republished, _reported_and_republished):
            with_other_build_id(settings, "again")
        try:
            fault.spoil(settings)
            said = fault.ask(settings)
        except Exception as error:
            ours = type(error).__module__.startswith(OURS)
            said = f"{'' if ours else 'not ours: '}{type(error).__name__}: {error}"
        yield Trial(fault.name, said)
        shutil.rmtree(settings.data)
