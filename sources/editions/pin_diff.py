"""Pins as a diff of `source.yml`: what was found by machine becomes what a person has read."""

import difflib

import yaml

from sources.editions.pins import Pin, holds
from sources.reading.catalog import Edition, load_source


def accepted_diff(pins: dict[str, list[Pin]]) -> str:
    """A diff, for `git apply`, that writes every current pin into its `source.yml`; empty without one.

    New editions come behind the last one. Of an edition that is there, the digests are changed, in
    `source.yml` or in `files.csv`; a snapshot still has to be made (`make snapshot`).
    """
    parts: list[str] = []
    for source_id, items in sorted(pins.items()):
        source = load_source(source_id)
        current = [pin for pin in items if pin.state == "current" and holds(pin, source)]
        texts = {
            name: (source.folder / name).read_text(encoding="utf-8")
            for name in ("source.yml", "files.csv")
            if (source.folder / name).exists()
        }
        changed = dict(texts)
        for pin in current:
            known = [
                edition for edition in source.editions if edition.edition == pin.edition.edition
            ]
            if known:
                for name, text in list(changed.items()):
                    changed[name] = _with_digests(text, known[0], pin.edition)
            else:
                changed["source.yml"] = (
                    changed["source.yml"].rstrip("\n") + "\n" + _entry(pin.edition)
                )
        for name, text in texts.items():
            path = f"sources/{source_id}/{name}"
            parts += difflib.unified_diff(
                text.splitlines(keepends=True),
                changed[name].splitlines(keepends=True),
                f"a/{path}",
                f"b/{path}",
            )
    return "".join(parts)


def _with_digests(text: str, before: Edition, after: Edition) -> str:
    new = {file.name: file.sha256 for file in after.files}
    for file in before.files:
        text = text.replace(file.sha256, new.get(file.name, file.sha256))
    return text


def _entry(edition: Edition) -> str:
    """An edition as `source.yml` writes it: a list item, indented by two."""
    content = edition.model_dump(mode="json", exclude_defaults=True)
    # A day is written as a day.
    content["released_on"] = edition.released_on
    text = yaml.safe_dump([content], sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"  {line}\n" for line in text.splitlines())
