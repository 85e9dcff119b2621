"""Commands and queries of the docs are true: targets exist, queries answer as printed, links lead on.

A fenced block says what it is: `bash` (every command known here, and run by what
`test_doc_commands.py` says), `sql` (run against the release; the
`text` block right after it is its answer), `python` (run beside a data folder; the `text` block right
after it is what it prints), `text`, `yaml`, `csv` (shown only).
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from house import ROOT, shown
from typer.main import get_command

from dagster_project.cli.commands import app
from dagster_project.settings import NAMES, PREFIX
from scripts.build_site import completed, index_of
from sources.reading.catalog import load_source
from tests.clients import client
from tests.pages import BLOCKS, Block, answer, blocks, pages, printed_cells

LANGUAGES = {"bash", "sql", "text", "yaml", "csv", "python", "r", "javascript"}
# Commands of any Unix system that a page may use, beside `make`, `chokepoint` and .venv/bin.
SYSTEM_COMMANDS = {"cd", "cp", "export", "git", "grep", "ln", "ls", "sha256sum", "test"}
# Commands within a sentence: they begin as a line of a block would.
INLINE = re.compile(
    r"(?<!`)`((?:[A-Z][A-Z0-9_]*=\S+ )?(?:make|chokepoint|\.venv/bin/\w+) [^`]+)`(?!`)"
)
VARIABLE = re.compile(r"^([A-Z][A-Z0-9_]*)=")


def _of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def make_targets() -> set[str]:
    """Targets of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def make_variables() -> set[str]:
    """Variables that targets of the Makefile take from the command line."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"\(call given,([A-Z]+)", text))


def chokepoint_commands() -> set[str]:
    """Commands of `chokepoint`."""
    return set(getattr(get_command(app), "commands", {}))


def chokepoint_options(command: str) -> set[str]:
    """Options of one of them."""
    params = getattr(get_command(app), "commands", {})[command].params
    return {option for param in params for option in (*param.opts, *param.secondary_opts)}


def known_variables() -> set[str]:
    """Environment variables that .env.example explains."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return set(re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def unknown_commands(text: str) -> list[str]:
    """What of a bash block is no command of this project, in words."""
    faults: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&")
        lexer.whitespace_split = True
        commands: list[list[str]] = [[]]
        for word in lexer:
            if set(word) <= set(";|&"):
                commands.append([])
            else:
                commands[-1].append(word)
        for words in commands:
            known = known_variables() | (make_variables() if words[:1] == ["make"] else set())
            faults += [
                f"{found[1]} is not in .env.example"
                for word in words
                if (found := VARIABLE.match(word)) and found[1] not in known
            ]
            while words and VARIABLE.match(words[0]):
                words.pop(0)
            if words:
                faults += _unknown(words)
    return faults


def _unknown(words: list[str]) -> list[str]:
    command, arguments = words[0].removeprefix(".venv/bin/"), words[1:]
    subjects = [word for word in arguments if not word.startswith("-") and not VARIABLE.match(word)]
    if command == "make":
        return [f"make {word}: no such target" for word in subjects if word not in make_targets()]
    if command == "chokepoint":
        known = chokepoint_commands()
        if faults := [
            f"chokepoint {word}: no such command" for word in subjects[:1] if word not in known
        ]:
            return faults
        options = chokepoint_options(subjects[0]) if subjects else set()
        given = [word.split("=")[0] for word in arguments if word.startswith("--")]
        return [
            f"chokepoint {subjects[0]} {word}: no such option"
            for word in given
            if word not in options
        ]
    if words[0].startswith(".venv/bin/"):
        installed = (ROOT / words[0]).exists()
        faults = [] if installed else [f"{words[0]}: not in the environment"]
        # What a refresh makes is not in a checkout.
        paths = [word for word in subjects if "/" in word and not word.startswith("data/")]
        return faults + [f"{path}: no such file" for path in paths if not (ROOT / path).exists()]
    return [] if command in SYSTEM_COMMANDS else [f"{words[0]}: not a command that a test knows"]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block_says_what_it_is(block: Block) -> None:
    assert block.language in LANGUAGES, f"give the block one of: {', '.join(sorted(LANGUAGES))}"


@pytest.mark.parametrize("block", _of("bash"), ids=str)
def test_commands_exist(block: Block) -> None:
    assert not unknown_commands(block.text)


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_commands_within_sentences_exist(path: Path) -> None:
    prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not [fault for found in INLINE.findall(prose) for fault in unknown_commands(found)]


@pytest.mark.slow
@pytest.mark.parametrize("block", _of("sql"), ids=str)
def test_query_runs(block: Block, release: duckdb.DuckDBPyConnection) -> None:
    release.execute(block.text)


ANSWERED = [
    (before, block)
    for block in _of("text")
    if (before := block.follows) is not None and before.language == "sql"
]


@pytest.mark.slow
@pytest.mark.parametrize(("query", "printed"), ANSWERED, ids=str)
def test_query_answers_as_printed(
    query: Block, printed: Block, release: duckdb.DuckDBPyConnection
) -> None:
    got = answer(release, query.text)
    assert printed_cells(printed.text) == printed_cells(got), f"{printed} should read:\n{got}"


PRINTED = {block.follows: block for block in _of("text") if block.follows is not None}


@pytest.mark.slow
@pytest.mark.parametrize("block", _of("python"), ids=str)
def test_python_runs(block: Block, data: Path, tmp_path: Path) -> None:
    """In a folder where `data/` is a data folder, as at the root of a checkout."""
    (tmp_path / "data").symlink_to(data)
    uses_pandas = "import pandas" in block.text
    python = client("frictionless", "python") if uses_pandas else sys.executable
    result = subprocess.run(
        [python, "-c", block.text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    if printed := PRINTED.get(block):
        assert result.stdout.strip() == printed.text.strip(), f"{printed} is not what is printed"


def test_some_query_is_answered() -> None:
    assert ANSWERED


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # The draft is written for the root, where it will lie.
    folder = path.parent
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    broken = [
        target
        for target in targets
        if target and not re.match(r"https?:|mailto:", target) and not (folder / target).exists()
    ]
    assert not broken


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_models_that_are_named_exist(path: Path) -> None:
    """But in the changelog, which names what was, and for the made-up ones of the how-tos."""
    named = re.findall(r"\b(?:int|stg)_[a-z0-9_]+__[a-z0-9_]+\b", path.read_text(encoding="utf-8"))
    stems = {file.stem for file in (ROOT / "dbt" / "models").rglob("*")}
    lost = {name for name in named if name not in stems and "_made_up_" not in name}
    assert path.name == "CHANGELOG.md" or not lost


def anchors(page: str) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_links_lead_to_headings(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    lost = [
        f"{name}#{anchor}"
        for name, anchor in re.findall(r"\]\(([^)\s:#]*)#([^)\s]+)\)", text)
        if (page := path.parent / name if name else path).suffix == ".md"
        and anchor not in anchors(page.read_text(encoding="utf-8"))
    ]
    assert not lost


def test_anchor_rule_bites() -> None:
    page = '# A *b*\n```sql\n# no heading\n```\n### 39. "China makes 99%": who?\n'
    assert anchors(page) == {"a-b", "39-china-makes-99-who"}


def test_every_picture_is_shown() -> None:
    shown_somewhere = "".join(path.read_text(encoding="utf-8") for path in pages())
    unseen = [
        path.name
        for path in sorted((ROOT / "docs/images").iterdir())
        if f"images/{path.name})" not in shown_somewhere
    ]
    assert not unseen, f"no page shows these files of docs/images: {unseen}"


def test_index_links_every_page() -> None:
    """As it stands, and with the rows that the site adds for pages of methods."""
    index = index_of(ROOT)
    missing = [
        str(path.relative_to(ROOT / "docs"))
        for path in sorted(ROOT.glob("docs/**/*.md"))
        if path.name != "index.md" and f"({path.relative_to(ROOT / 'docs')})" not in index
    ]
    assert not missing, f"docs/index.md lacks: {missing}"


def test_a_page_of_methods_is_added_to_the_index(tmp_path: Path) -> None:
    page = tmp_path / "reserve_life.md"
    page.write_text("# Reserve life\n\nQuestion: how\nlong?\n\n**Home**: x\n", encoding="utf-8")
    index = "# D\n\n## Tables and methods\n\nText.\n\n| t | a |\n|---|---|\n| b | c |\n\nMore.\n\n| x |\n"
    added = "| b | c |\n| [Reserve life](methods/reserve_life.md) | how long? |\n\nMore."
    assert added in completed(index, [page])
    assert completed(index + "(methods/reserve_life.md)", [page]).count("reserve_life") == 1
    sources = "\n## Sources\n\n| source | what |\n|---|---|\n| d | e |\n\nLast.\n"
    made_up = load_source("_template")
    row = f"| d | e |\n| [{made_up.publisher}, {made_up.title}](../sources/_template/README.md) | "
    assert row in completed(sources, [], [made_up])
    assert completed(sources + "(../sources/_template/README.md)", [], [made_up]).count("made") == 0
    for path in sorted(ROOT.glob("docs/methods/*.md")):
        assert re.match(r"# .+\n\nQuestions?: ", path.read_text(encoding="utf-8")), path


def linked(path: Path) -> set[Path]:
    """Pages that a page links to, the index with the rows that the site adds; a folder stands for its README."""
    is_index = path == ROOT / "docs" / "index.md"
    text = index_of(ROOT) if is_index else path.read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    names = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    targets = {(path.parent / name).resolve() for name in names if name and ":" not in name}
    return {target / "README.md" if target.is_dir() else target for target in targets}


def within_clicks(start: Path, clicks: int) -> set[Path]:
    """Pages within so many clicks of one."""
    seen = {start}
    for _ in range(clicks):
        seen |= {
            to for path in seen if path.suffix == ".md" and path.is_file() for to in linked(path)
        }
    return seen


def test_every_page_is_two_clicks_from_the_readme() -> None:
    far = set(pages()) - within_clicks(ROOT / "README.md", 2)
    assert not far, (
        f"no link from README.md or from what it links: {sorted(map(shown, far))}; "
        "next: give it a row in docs/index.md"
    )


def test_click_rule_bites(tmp_path: Path) -> None:
    for name, text in {"a": "[b](b.md)", "b": "[c](c.md#x)", "c": "[d](https://d.md)"}.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    reached = [sorted(page.stem for page in within_clicks(tmp_path / "a.md", n)) for n in range(4)]
    assert reached == [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]


def test_variables_are_explained() -> None:
    """Every CHOKEPOINT_ variable that the product reads stands in .env.example, and no other."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("sources", "dagster_project", "dbt")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".yml"}
    )
    read = {
        name
        for name in re.findall(r"(?:environ|env_?var)\W+(?:get\W+)?(CHOKEPOINT_[A-Z_]+)", code)
        if not name.startswith("CHOKEPOINT_TEST_")
    }
    explained = {name for name in known_variables() if name.startswith("CHOKEPOINT_")}
    assert explained == read
    # Any other name is refused, but for these: of `deploy/compose.yaml` and of the tests.
    of_others = {
        f"{PREFIX}{name}" for name in ("POSTGRES_PASSWORD", "REQUIRE_CLIENTS", "REQUIRE_SHARED")
    }
    assert explained | of_others == NAMES


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("make dev NONSENSE=1", "NONSENSE is not in .env.example"),
        ("make nonsense", "make nonsense: no such target"),
        (".venv/bin/chokepoint nonsense", "chokepoint nonsense: no such command"),
        (".venv/bin/chokepoint pin --nonsense", "chokepoint pin --nonsense: no such option"),
        ("CHOKEPOINT_NONSENSE=1 make refresh", "CHOKEPOINT_NONSENSE is not in .env.example"),
        ("make refresh && curl x", "curl: not a command that a test knows"),
        (".venv/bin/nonsense", ".venv/bin/nonsense: not in the environment"),
        ("grep 'a;b|c' x | nonsense", "nonsense: not a command that a test knows"),
    ],
)
def test_command_rule_bites(text: str, fault: str) -> None:
    assert unknown_commands(text) == [fault]


def test_good_commands_pass() -> None:
    text = "# first\nCHOKEPOINT_INPUT=files make refresh   # and then\n.venv/bin/chokepoint status"
    assert not unknown_commands(text)


@pytest.mark.slow
def test_every_kind_of_assumption_is_explained(release: duckdb.DuckDBPyConnection) -> None:
    page = (ROOT / "docs/methods/assumption.md").read_text(encoding="utf-8")
    cells = " ".join(re.findall(r"^\| (.+?) \|", page, re.MULTILINE))
    rows = release.sql("select distinct assumption_kind from marts.mart_assumption").fetchall()
    assert {kind for (kind,) in rows} <= set(re.findall(r"`(\w+)`", cells))


# A lake table, or several, and its rows: `| `a`, `b` | grain | 1,234; 5: of which |`.
COUNTED = re.compile(
    r"^\| (`\w+`(?:, `\w+`)*) \|.*\| (\d[\d,]*(?:; \d[\d,]*)*)[^|]* \|$", re.MULTILINE
)


@pytest.mark.slow
def test_readmes_of_sources_count_the_rows_of_the_lake(data: Path) -> None:
    """But of what a release of the default input does not hold."""
    wrong, compared = {}, 0
    for page in sorted(ROOT.glob("sources/*/README.md")):
        for names, counts in COUNTED.findall(page.read_text(encoding="utf-8")):
            said = [int(count.replace(",", "")) for count in counts.split("; ")]
            for name, rows in zip(re.findall(r"\w+", names), said, strict=False):
                path = data / "lake" / page.parent.name / f"{name}.parquet"
                held = pl.read_parquet(path).height if path.exists() else 0
                compared += held > 0
                if held not in {0, rows}:
                    wrong[page.parent.name, name] = f"{rows} in its README, {held} in the lake"
    assert not wrong
    assert compared > 20


def test_blocks_are_paired() -> None:
    page = "1. x\n   ```sql\n   select 1\n   ```\n\n   ```text\na\n```\nwords\n```text\nb\n```\n"
    found = list(blocks(ROOT / "README.md", page))
    assert [block.language for block in found] == ["sql", "text", "text"]
    assert [block.follows is None for block in found] == [True, False, True]
    assert found[0].text == "select 1"


def test_answers_are_compared_cell_by_cell() -> None:
    with duckdb.connect() as connection:
        got = answer(connection, "select 'CHN' as country_iso3, 44.9 as share, null as reason")
    assert printed_cells(got) == printed_cells("country_iso3|share|reason\nCHN | 44.9 |")
    assert printed_cells(got) != printed_cells("country_iso3|share|reason\nCHN | 45.0 |")
