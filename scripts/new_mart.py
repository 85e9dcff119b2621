"""Copy the template of a mart: `.venv/bin/python scripts/new_mart.py SUBJECT`.

Writes `dbt/models/marts/SUBJECT/` (SQL, contract and data tests, unit test) and `docs/methods/SUBJECT.md`, and says
what to edit next. Overwrites nothing.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "dbt" / "_template" / "mart"


def copies(subject: str) -> dict[Path, str]:
    """New file, relative to the repository, to its text: the template with `thing` called `subject`."""
    folder = Path("dbt/models/marts") / subject
    title = subject.replace("_", " ").capitalize()
    return {
        (Path("docs/methods") if path.suffix == ".md" else folder)
        / path.name.replace("thing", subject): re.sub(
            r"\b(mart_|_)?[Tt]hing\b|thing(?=__)",
            lambda found: found[0].replace("thing", subject).replace("Thing", title),
            path.read_text(encoding="utf-8"),
        )
        for path in sorted(TEMPLATE.iterdir())
    }


def write(subject: str, root: Path) -> list[Path]:
    """Write the copies below `root`; an error if one stands already."""
    files = copies(subject)
    standing = [str(path) for path in files if (root / path).exists()]
    if standing:
        raise FileExistsError(f"these stand already: {', '.join(standing)}; choose another subject")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(files)


def main(arguments: list[str]) -> int:
    """Write the mart named in the arguments; 2 if there is no such name."""
    if len(arguments) != 1 or not re.fullmatch(r"[a-z][a-z_]*[a-z]", arguments[0]):
        sys.stderr.write("say the subject in lower case, as in: scripts/new_mart.py reserve_life\n")
        return 2
    lines = [f"wrote {path}" for path in write(arguments[0], ROOT)]
    lines += [
        f"next: make them yours, then .venv/bin/chokepoint build mart_{arguments[0]}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
