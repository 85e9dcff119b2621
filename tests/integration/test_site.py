"""The documentation's site: built without a warning, whole, searchable from disk, asking nothing of a network."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.clients import browser_path
from tests.pages import ROOT, pages

pytestmark = pytest.mark.slow
BUILD = "scripts/build_site.py"
# A page's file in the site, where it is another than the page's name.
INDEX = {"README.md": "index.html", "index.md": "index.html"}


def built(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(root / BUILD), str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    result = built(ROOT, folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return folder


def test_every_page_is_in_the_site(site: Path) -> None:
    missing = [
        str(path.relative_to(ROOT))
        for path in pages()
        if not (
            site / path.relative_to(ROOT).parent / INDEX.get(path.name, f"{path.stem}.html")
        ).is_file()
    ]
    assert not missing


# GitHub shows these lists whole, and the site breaks them: a block indented by three spaces, and a step
# that follows an inner list without a blank line.
BROKEN_LIST = re.compile(r"^   ```|^    \* .*\n(?:    .*\n)*\d+\. ", re.MULTILINE)


def test_lists_are_written_as_the_site_reads_them() -> None:
    broken = {
        str(path.relative_to(ROOT)): found.group()
        for path in pages()
        if (found := BROKEN_LIST.search(path.read_text(encoding="utf-8")))
    }
    assert not broken, "indent by four spaces; put a blank line before the step"


def test_list_rule_bites() -> None:
    assert BROKEN_LIST.search("1. x\n\n   ```sql\n")
    assert BROKEN_LIST.search("1. x\n    * a\n      b\n2. y\n")
    assert not BROKEN_LIST.search("1. x\n    * a\n\n2. y\n\n    ```sql\n")


def test_search_answers_from_disk_without_a_request(site: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((site / "index.html").as_uri())
        page.fill("input[name=query]", "reserves")
        page.wait_for_selector("a.md-search-result__link")
        links = page.locator("a.md-search-result__link")
        found = [links.nth(place).get_attribute("href") or "" for place in range(links.count())]
        browser.close()
    assert any("docs/methods/reserve_share.html" in address for address in found)
    assert not [address for address in requests if address.startswith("http")]


@pytest.mark.parametrize("link", ["nowhere.md", "naming.md#nowhere"])
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path, link: str) -> None:
    for path in [*pages(), ROOT / BUILD, ROOT / "docs/site/mkdocs.yml", ROOT / "NOTICE.md"]:
        target = tmp_path / "repo" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for name in ("docs/images", "LICENSE"):
        (tmp_path / "repo" / name).symlink_to(ROOT / name)
    with (tmp_path / "repo/docs/index.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[lost]({link})\n")
    result = built(tmp_path / "repo", tmp_path / "site")
    assert result.returncode != 0
    assert "nowhere" in result.stderr


def test_a_folder_with_other_files_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    result = built(ROOT, tmp_path)
    assert result.returncode != 0
    assert "holds files and no site" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
