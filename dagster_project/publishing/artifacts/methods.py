"""`methods.html`: the pages of docs/methods on one page, for a reader who has only the release."""

import re
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from dagster_project.publishing.artifacts.page import write_page
from dagster_project.settings import PROJECT_ROOT

METHODS = PROJECT_ROOT / "docs" / "methods"
# A link from a page of methods to another; its heading is left out, since headings have no anchors here.
TO_METHOD = re.compile(r"(\w+)\.md(#.*)?")


def write_methods(path: Path, release: str) -> None:
    """Write the page for a release of that name."""
    texts = {page.stem: page.read_text(encoding="utf-8") for page in sorted(METHODS.glob("*.md"))}
    titles = {name: text.splitlines()[0].removeprefix("# ") for name, text in texts.items()}
    sections = [
        f'<section id="{name}">{_html(text, set(texts))}</section>' for name, text in texts.items()
    ]
    write_page(path, "Methods", release, titles, sections)


def _html(text: str, names: set[str]) -> str:
    """Markdown as HTML, its headings one level down. Links to what a release does not hold become text."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.tag in {"h1", "h2", "h3"}:
            token.tag = f"h{int(token.tag[1]) + 1}"
        if token.children:
            token.children = _within_release(token.children, names)
    return markdown.renderer.render(tokens, markdown.options, {})


def _within_release(tokens: list[Token], names: set[str]) -> list[Token]:
    kept: list[Token] = []
    dropped = False
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrs["href"])
            method = TO_METHOD.fullmatch(address)
            dropped = not (address.startswith("https://") or (method and method[1] in names))
            if method:
                token.attrs["href"] = f"#{escape(method[1])}"
        if not (dropped and token.type in {"link_open", "link_close"}):
            kept.append(token)
    return kept
