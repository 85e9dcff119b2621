"""What each publisher has at its addresses: the real files, under the publisher's names."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote
from weakref import WeakKeyDictionary

from sources.fetching.sciencebase import CATALOG
from sources.reading.catalog import Source
from tests.mirror.server import Answer, Mirror

# As ScienceBase pages, but shorter, so that a test turns pages.
CHILDREN_ON_A_PAGE = 60


def hosts_of(sources: tuple[Source, ...] | list[Source]) -> set[str]:
    """Every host that live asks."""
    return {host for source in sources if source.live for host in source.live.hosts}


def publish(mirror: Mirror, source: Source, files: Path) -> None:
    """Put every file of a source that live fetches to where its publisher has it, and the page of its editions."""
    asked = source.live.new_editions if source.live else None
    if asked and asked.page:
        names = " ".join(file.name for edition in source.editions for file in edition.files)
        mirror.put(asked.page, Answer(names.encode(), "text/html"))
    for edition in source.editions:
        contents = {file.name: files / file.path for file in edition.files}
        live = edition.live
        for name, url in live.addresses.items():
            mirror.put_file(url, contents[name].read_bytes())
        if live.item and live.archives:
            # Of both USGS sources: one item, each has an archive of its own.
            parts = {archive: zipped(contents.values()) for archive in live.archives}
            add_to_item(mirror, live.item, parts)
        elif live.item and live.children:
            add_children(mirror, live.item, contents)
        elif live.item:
            named = {live.names.get(name, name): path for name, path in contents.items()}
            add_to_item(mirror, live.item, {name: p.read_bytes() for name, p in named.items()})


def drop(source: Source, files: Path, to: Path) -> list[str]:
    """Copy to the drop folder what no publisher of the source offers. Returns the names."""
    names: list[str] = []
    for edition in source.editions:
        for file in edition.files:
            name = file.name
            if edition.live.item or name in edition.live.addresses or name in names:
                continue
            place = to / source.source_id / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((files / file.path).read_bytes())
            names.append(name)
    return names


def zipped(paths: Iterable[Path]) -> bytes:
    """A zip with a folder in it, as USGS packs them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in paths:
            archive.writestr(f"release/{path.name}", path.read_bytes())
    return buffer.getvalue()


def file_url(item: str, name: str) -> str:
    """Where ScienceBase has a file of an item, as its JSON says it (there the path is a query)."""
    return f"{CATALOG}/file/get/{item}/{quote(name)}"


def item_url(item: str) -> str:
    """An item's JSON."""
    return f"{CATALOG}/item/{item}"


def listed(mirror: Mirror, item: str, name: str, content: bytes) -> dict[str, object]:
    """Serve a file of an item. Returns its entry in the item's JSON."""
    mirror.put_file(file_url(item, name), content, name)
    return {
        "name": name,
        "url": file_url(item, name),
        "size": len(content),
        "checksum": {"type": "MD5", "value": hashlib.md5(content).hexdigest()},
        "contentType": "text/plain",
        "title": "",
    }


def add_to_item(mirror: Mirror, item: str, contents: dict[str, bytes]) -> None:
    """Add files to an item, or replace them."""
    found = mirror.take("www.sciencebase.gov", f"/catalog/item/{item}")[0]
    files = json.loads(found.body)["files"] if isinstance(found, Answer) else []
    new = [listed(mirror, item, name, content) for name, content in contents.items()]
    kept = [entry for entry in files if entry["name"] not in contents]
    mirror.put_json(item_url(item), {"id": item, "title": "MCS data release", "files": kept + new})


def add_children(mirror: Mirror, item: str, contents: dict[str, Path]) -> None:
    """One child item a file, listed in pages; the parent has a dead zip only, as in 2024."""
    before = _CHILDREN.setdefault(mirror, {}).setdefault(item, [])
    for name, path in contents.items():
        child = f"{item[:-8]}{hashlib.md5(name.encode()).hexdigest()[:8]}"
        entry = listed(mirror, child, name, path.read_bytes())
        before.append({"id": child, "title": name, "files": [entry]})
    dead = {"name": "world.zip", "url": file_url(item, "world.zip"), "size": 9}
    mirror.put_json(item_url(item), {"id": item, "files": [dead]})
    mirror.put(f"{CATALOG}/items", lambda query, _: _page(mirror, query))


def announce(
    mirror: Mirror, item: str, title: str, day: str | None, contents: dict[str, bytes]
) -> None:
    """A new data release: an item that the catalog's search finds."""
    add_to_item(mirror, item, contents)
    found = mirror.take("www.sciencebase.gov", f"/catalog/item/{item}")[0]
    assert isinstance(found, Answer)
    dates = [{"type": "Publication", "dateString": day, "label": "Publication Date"}] if day else []
    listed = {**json.loads(found.body), "title": title, "dates": dates}
    mirror.put_json(item_url(item), listed)
    others = [known for known in _FOUND.get(mirror, []) if known["id"] != item]
    _FOUND[mirror] = [listed, *others]
    mirror.put(f"{CATALOG}/items", lambda query, _: _page(mirror, query))


def _page(mirror: Mirror, query: dict[str, str]) -> Answer:
    """What the catalog's list of items answers: children of an item in pages, or what a search finds."""
    if "q" in query:
        found = _FOUND.get(mirror, [])
        content: dict[str, object] = {"total": len(found), "items": found}
        return Answer(json.dumps(content).encode(), "application/json")
    parent, start = query.get("parentId", ""), int(query.get("offset", 0))
    children = _CHILDREN.get(mirror, {}).get(parent, [])
    content = {"total": len(children), "items": children[start : start + CHILDREN_ON_A_PAGE]}
    if start + CHILDREN_ON_A_PAGE < len(children):
        following = (
            f"{CATALOG}/items?parentId={parent}&format=json&offset={start + CHILDREN_ON_A_PAGE}"
        )
        content["nextlink"] = {"rel": "next", "url": following}
    return Answer(json.dumps(content).encode(), "application/json")


_CHILDREN: WeakKeyDictionary[Mirror, dict[str, list[dict[str, object]]]] = WeakKeyDictionary()
_FOUND: WeakKeyDictionary[Mirror, list[dict[str, object]]] = WeakKeyDictionary()
