"""Build the documentation as a searchable site.

The pages are the repository's own Markdown files, in the same folders, so that a link leads to the same page
here and there. A link that leads nowhere fails the build. Nothing is asked of a network.
"""

import argparse
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from sources.reading.catalog import Source
from sources.registry import all_sources

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "docs/site/mkdocs.yml"
PAGES = (
    "*.md",
    "LICENSE",
    "docs/**/*.md",
    "docs/images/*",
    "docs/site/*.js",
    "sources/*/README.md",
)


def copy_pages(folder: Path) -> None:
    """Copy what the site shows, each file to its own place below `folder`."""
    for pattern in PAGES:
        for path in ROOT.glob(pattern):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def completed(index: str, methods: Iterable[Path], sources: Iterable[Source] = ()) -> str:
    """The index with a row at the end of its tables for each page of methods and source that it does not link."""
    rows = []
    for path in methods:
        title, question = path.read_text(encoding="utf-8").split("\n\n")[:2]
        if f"(methods/{path.name})" not in index:
            asked = re.sub(r"^Questions?: ", "", " ".join(question.split()))
            rows.append(f"| [{title.removeprefix('# ')}](methods/{path.name}) | {asked} |\n")
    index = _with_rows(index, "Tables and methods", rows)
    pages = {f"../sources/{source.source_id}/README.md": source for source in sources}
    rows = [
        f"| [{source.publisher}, {source.title}]({page}) | {source.description} | {source.licence.title} |\n"
        for page, source in pages.items()
        if f"({page})" not in index
    ]
    return _with_rows(index, "Sources", rows)


def with_licences(notice: str, sources: Iterable[Source]) -> str:
    """The notice with a table of the sources: whose each is, its terms, and the line to print."""
    rows = ["| source | publisher | licence | credit line |\n", "|---|---|---|---|\n"]
    rows += [
        f"| [{source.title}](sources/{source.source_id}/README.md) | {source.publisher} | "
        f"[{source.licence.title}]({source.licence.url}) | {source.credit_line} |\n"
        for source in sources
    ]
    return f"{notice}\n{''.join(rows)}"


def index_of(root: Path) -> str:
    """The index of a checkout, completed."""
    index = (root / "docs" / "index.md").read_text(encoding="utf-8")
    return completed(index, sorted(root.glob("docs/methods/*.md")), all_sources())


def _with_rows(index: str, heading: str, rows: Sequence[str]) -> str:
    table = re.compile(rf"(^## {heading}\n.*?\n\|.*?\n)(?=\n)", re.DOTALL | re.MULTILINE)
    return table.sub(lambda found: found[1] + "".join(rows), index, count=1)


def navigation() -> list[dict[str, Any]]:
    """Sections of the menu; a page goes by its own heading."""

    def pages(pattern: str) -> list[str]:
        return [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(pattern))]

    return [
        {"Start": "README.md"},
        {"Documentation": "docs/index.md"},
        {"Cookbook": "docs/cookbook.md"},
        {"Other programs": "docs/reading.md"},
        {"Methods": pages("docs/methods/*.md")},
        {"How to": pages("docs/how-to/*.md")},
        {"New names of columns": "docs/migrate-to-marts-v2.md"},
        {"Operate": "docs/operate.md"},
        {"Deploy": "docs/deploy.md"},
        {"Reliability": "docs/reliability.md"},
        {"Beyond one machine": "docs/scale.md"},
        {"Spark": "docs/spark.md"},
        {"Sources": [*pages("sources/*/README.md"), "NOTICE.md"]},
        {"Contribute": ["CONTRIBUTING.md", "docs/naming.md", "CHANGELOG.md"]},
        {"Decisions": pages("docs/decisions/*.md")},
    ]


def build_site(folder: Path) -> None:
    """Build the site into `folder`; a site that stands there is replaced.

    Raises:
        Abort: a link, an anchor or a page of the menu leads nowhere; each is named on stderr.
        FileExistsError: the folder holds other files.
    """
    # It would be emptied.
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "sitemap.xml").exists():
        raise FileExistsError(
            f"{folder} holds files and no site: name a folder that is new or empty"
        )
    with tempfile.TemporaryDirectory() as staged:
        copy_pages(Path(staged))
        index = Path(staged) / "docs/index.md"
        index.write_text(index_of(ROOT), encoding="utf-8")
        notice = Path(staged) / "NOTICE.md"
        credited = with_licences(notice.read_text(encoding="utf-8"), all_sources())
        notice.write_text(credited, encoding="utf-8")
        build(
            load_config(
                str(CONFIG), docs_dir=staged, site_dir=str(folder.resolve()), nav=navigation()
            )
        )


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    data = Path(os.environ.get("CHOKEPOINT_DATA", ROOT / "data"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=data / "site")
    site = parser.parse_args().folder
    try:
        build_site(site)
    except (Abort, FileExistsError) as stopped:
        sys.exit(str(stopped))
    print(f"Open {site / 'index.html'}")
