"""Subjects of commits: what is now true, in a line that every tool shows whole."""

import subprocess
from pathlib import Path

import pytest
from house import ROOT

# Commits before this one are older than the rule, or broke it once and can't be mended.
SINCE = "d5979d482c0e82eb2235470f962804e4a34f1ae0"
MOST_CHARACTERS = 72
FEWEST_WORDS = 3


def faulty(subjects: list[str]) -> list[str]:
    """Subjects that are too long, say too little, or end with a stop."""
    return [
        subject
        for subject in subjects
        if len(subject) > MOST_CHARACTERS
        or len(subject.split()) < FEWEST_WORDS
        or subject.endswith(".")
    ]


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
    )


def test_subjects_say_what_is_true_in_72_characters() -> None:
    if _git("rev-parse", "--git-dir").returncode:
        pytest.skip("no git here")
    known = _git("merge-base", "--is-ancestor", SINCE, "HEAD").returncode == 0
    # A shallow clone may lack the first commit of the rule; what it has is younger.
    span = [f"{SINCE}..HEAD"] if known else ["-1"]
    subjects = _git("log", "--no-merges", "--format=%s", *span).stdout.splitlines()
    assert not faulty(subjects)


def test_subject_rule_bites() -> None:
    good = "Tungsten powder is traded under its own line"
    assert faulty([good, "x" * 73, "Fix bug", f"{good}."]) == ["x" * 73, "Fix bug", f"{good}."]


def test_the_hook_refuses_a_long_subject(tmp_path: Path) -> None:
    message = tmp_path / "message"
    for subject, is_refused in (("x" * 72, False), ("x" * 73, True)):
        message.write_text(f"# a comment\n{subject}\n\n{'y' * 100}\n", encoding="utf-8")
        result = subprocess.run([str(ROOT / "scripts/commit-msg"), str(message)], check=False)
        assert (result.returncode != 0) == is_refused
