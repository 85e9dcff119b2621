"""The atlas in a headless browser, from disk, with its console and its requests watched."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.clients import browser_path
from tests.integration._watched import Watched


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    watched = Watched(context.new_page())
    yield watched
    assert watched.complaints == []
    files = {url.split("#")[0].split("?")[0] for url in watched.requests}
    assert all(
        re.search(r"(/|^)atlas(\.html|/\w+\.js)$", url) for url in files if url.startswith("file:")
    ), files
    assert all(url.startswith(("file:", "data:", "blob:")) for url in files), files


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Root, as in a container, has no sandbox.
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(data: Path) -> str:
    return (data / "published" / "current" / "atlas.html").resolve().as_uri()
