"""`python scripts/new_source.py <source_id>`: a new source with its test, and its staging model, from the template.

It copies `sources/_template/` and changes nothing else; docs/how-to/add-a-source.md says how to go on.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "sources" / "_template"
MADE_BY_A_RUN = {"__pycache__", "snapshot"}


def target(path: Path, source_id: str) -> Path:
    """Where a file of the template goes."""
    within = path.relative_to(TEMPLATE)
    name = within.name.replace("_template", source_id if path.suffix != ".py" else f"_{source_id}")
    if within.parts[0] == "staging":
        return ROOT / "dbt" / "models" / "staging" / source_id / name
    return ROOT / "sources" / source_id / within.with_name(name)


def main(source_id: str) -> None:
    """Write the files; say which."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", source_id):
        sys.exit(f"{source_id!r}: small letters, digits and underscores, as a folder of sources/")
    if (ROOT / "sources" / source_id).exists():
        sys.exit(f"sources/{source_id}/ stands already")
    for path in sorted(TEMPLATE.rglob("*")):
        if not path.is_file() or MADE_BY_A_RUN & set(path.relative_to(TEMPLATE).parts):
            continue
        to = target(path, source_id)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(
            path.read_text(encoding="utf-8").replace("_template", source_id), encoding="utf-8"
        )
        print(to.relative_to(ROOT))
    # Imports sort by the source's name.
    ruff = [sys.executable, "-m", "ruff"]
    folder = str(ROOT / "sources" / source_id)
    subprocess.run(
        [*ruff, "check", "--no-cache", "--quiet", "--select", "I", "--fix", folder], check=True
    )
    subprocess.run([*ruff, "format", "--no-cache", "--quiet", folder], check=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__))
