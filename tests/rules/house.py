"""What the house rules look at: the files of the repo, and SQL without what is not SQL.

Belongs here: finding files and reading them. Does not belong here: a rule.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DBT = ROOT / "dbt"
# Folders that `.gitignore` keeps out, for a checkout without git (a tarball).
IGNORED = {".git", ".venv", ".tools", "data", "__pycache__", "target", "logs"}
# Here the engine's own dialect is allowed.
DIALECT_FOLDERS = (DBT / "macros", DBT / "published_macros")

_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_JINJA_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING_OR_LINE_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


def repository_files() -> list[Path]:
    """Files that git tracks or would track; without git, every file outside the ignored folders."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = list(_walked(ROOT))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _walked(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in IGNORED or path.name.endswith(("_cache", ".egg-info")):
            continue
        if path.is_dir():
            yield from _walked(path)
        else:
            yield path


def shown(path: Path) -> str:
    """Path as a message names it."""
    return str(path.relative_to(ROOT))


def portable_sql_files() -> list[Path]:
    """SQL that every engine must be able to read: all of dbt/ but the two dialect folders."""
    return [
        path
        for path in sorted(DBT.rglob("*.sql"))
        if not any(path.is_relative_to(folder) for folder in DIALECT_FOLDERS)
        and "target" not in path.relative_to(DBT).parts
    ]


def _blank(match: re.Match[str]) -> str:
    """The same number of lines, nothing on them, so that line numbers stay true."""
    return " " + "\n" * match.group().count("\n")


def bare_sql(text: str) -> str:
    """SQL without comments, strings and Jinja statements.

    What stands in a Jinja expression stays, without its quotes: `exact_sum("x::double")` is SQL too.
    """
    text = _JINJA_COMMENT.sub(_blank, text)
    text = _JINJA_STATEMENT.sub(_blank, text)
    text = _JINJA_EXPRESSION.sub(lambda found: re.sub(r"['\"]", " ", found.group()), text)
    text = _BLOCK_COMMENT.sub(_blank, text)
    return _STRING_OR_LINE_COMMENT.sub(_blank, text)


_COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def said(sql: str) -> str:
    """SQL without comments; strings stay."""
    return _COMMENTS.sub(" ", sql)
