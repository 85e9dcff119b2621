"""ScienceBase, where USGS keeps its data releases: the files of an item, with size and MD5, from its JSON."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sources.fetch.client import Client
from sources.fetch.download import RemoteFile

CATALOG = "https://www.sciencebase.gov/catalog"
MOST_PAGES = 50
Model = TypeVar("Model", bound=BaseModel)


class _Lax(BaseModel):
    # The catalog's JSON has dozens of keys that we don't read.
    model_config = ConfigDict(extra="ignore")


class _Checksum(_Lax):
    type: str
    value: str


class _File(_Lax):
    name: str
    url: str
    size: int
    checksum: _Checksum | None = None


class _Item(_Lax):
    id: str
    # A parent may have none of its own.
    files: list[_File] = []


class _Link(_Lax):
    url: str


class _Page(_Lax):
    items: list[_Item]
    nextlink: _Link | None = None


class _Alone(_Lax):
    """An item asked for by itself: without files it is of no use."""

    files: list[_File]


def files_of(client: Client, item: str, *, children: bool = False) -> dict[str, RemoteFile]:
    """Files of an item, and of its child items if asked, by lower-case name; the item's own come first.

    Raises:
        FetchError: the catalog can't be had, or its JSON is laid out anew.
    """
    url = f"{CATALOG}/item/{item}"
    asked = {"format": "json"}
    where, content = client.shown(url, asked), client.json(url, asked)
    own = _parsed(client, where, _Item if children else _Alone, content)
    listed = _remote(own.files)
    if children:
        for child in _children(client, item):
            listed = {**_remote(child.files), **listed}
    return listed


def _children(client: Client, item: str) -> Iterator[_Item]:
    url: str | None = f"{CATALOG}/items"
    asked: dict[str, str] | None = {
        "parentId": item,
        "format": "json",
        "fields": "title,files",
        "max": "100",
    }
    for _ in range(MOST_PAGES):
        if url is None:
            return
        page = _parsed(client, client.shown(url, asked), _Page, client.json(url, asked))
        yield from page.items
        url, asked = (page.nextlink.url if page.nextlink else None), None


def _remote(files: list[_File]) -> dict[str, RemoteFile]:
    return {
        file.name.lower(): RemoteFile(
            file.name,
            file.url,
            file.size,
            file.checksum.value if file.checksum and file.checksum.type == "MD5" else None,
        )
        for file in files
    }


def _parsed(client: Client, where: str, model: type[Model], content: Any) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise client.error(
            problem="the catalog's JSON is laid out anew",
            where=where,
            expected="files, each with name, url, size and checksum",
            got=f"{place}: {first['msg']}",
            next_step="open the address, and follow the change in sources/fetch/sciencebase.py",
            is_passing=False,
        ) from None
