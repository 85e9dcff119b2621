"""A page of sections with a menu and a search, in one file that asks nothing of any network."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

TEMPLATE = Path(__file__).with_name("page.template.html")


def write_page(
    path: Path, title: str, release: str, links: Mapping[str, str], sections: Sequence[str]
) -> None:
    """Write the page.

    Args:
        path: where to.
        title: stands above the menu.
        release: name of the release.
        links: anchor to its name in the menu.
        sections: HTML, each with one of the anchors.
    """
    menu = "".join(
        f'<a href="#{escape(anchor)}">{escape(name)}</a>' for anchor, name in links.items()
    )
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, part in {
        "{{title}}": escape(title),
        "{{release}}": escape(release),
        "{{links}}": menu,
        "{{sections}}": "\n".join(sections),
    }.items():
        text = text.replace(mark, part)
    path.write_text(text, encoding="utf-8")
