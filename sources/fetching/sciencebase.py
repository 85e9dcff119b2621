"""ScienceBase, where USGS keeps its data releases: the files of an item, with size and MD5, from its JSON."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sources.fetching.client import Client
from sources.fetching.download import RemoteFile

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


class _Date(_Lax):
    type: str
    date: str = Field(alias="dateString")


class Item(_Lax):
    """A data release as the catalog describes it."""

    id: str
    title: str = ""
    # A parent may have none of its own.
    files: list[_File] = []
    dates: list[_Date] = []

    @property
    def published_on(self) -> str:
        """Day of publication, as the catalog writes it; empty where it says none."""
        return next((date.date for date in self.dates if date.type == "Publication"), "")


class _Link(_Lax):
    url: str


class _Page(_Lax):
    items: list[Item]
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
    own = _parsed(client, where, Item if children else _Alone, content)
    listed = _remote(own.files)
    if children:
        for child in _children(client, item):
            listed = {**_remote(child.files), **listed}
    return listed


def items_found(client: Client, words: str) -> Iterator[Item]:
    """Items that the catalog finds for these words, newest first.

    Raises:
        FetchError: the catalog can't be had, or its JSON is laid out anew.
    """
    yield from _paged(
        client,
        {
            "q": words,
            "sort": "dateCreated",
            "order": "desc",
            "fields": "title,files,dates",
        },
        most_pages=1,
    )


def _children(client: Client, item: str) -> Iterator[Item]:
    yield from _paged(client, {"parentId": item, "fields": "title,files"}, MOST_PAGES)


def _paged(client: Client, params: dict[str, str], most_pages: int) -> Iterator[Item]:
    url: str | None = f"{CATALOG}/items"
    asked: dict[str, str] | None = {**params, "format": "json", "max": "100"}
    seen: set[str] = set()
    for _ in range(most_pages):
        if url is None:
            return
        if url in seen:
            raise client.error(
                problem="pages of a listing that go round in a circle",
                where=client.shown(url, asked),
                expected="a next page that was not read before",
                got="the address of a page that was",
                next_step="nothing, if it passes; else open the address, and follow it in sources/fetching/sciencebase.py",
                is_transient=True,
            )
        seen.add(url)
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
            next_step="open the address, and follow the change in sources/fetching/sciencebase.py",
            is_transient=False,
        ) from None
