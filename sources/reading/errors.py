"""The one error that bad input raises: what, where, expected, got, what to do next.

Every reader in `sources/` raises `SourceError` and nothing else for input it refuses. Offenders are
collected and shown together, so that one run tells the whole story: rows up to a cap, since a few show what
is wrong with all; labels to the last, since each needs a row of ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

MAX_ROWS_SHOWN = 12


@dataclass(eq=False, repr=False, kw_only=True)
class SourceError(Exception):
    """A publisher's input that we refuse.

    Attributes say it in parts for metadata and tests; `str()` says it to a person. `offenders` are rows or
    cells, of which the text shows the first; with `each_to_be_mapped` they are labels, codes and notes that
    each want a row in a closed table, and the text shows all of them.
    """

    source: str
    problem: str
    where: str
    expected: str
    got: str
    next_step: str
    offenders: Sequence[str] = ()
    each_to_be_mapped: bool = False

    def __post_init__(self) -> None:
        """The text is fixed when it is raised."""
        self.offenders = list(self.offenders)
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [
            f"{self.source}: {self.problem}",
            f"  where:    {self.where}",
            f"  expected: {self.expected}",
            f"  got:      {self.got}",
        ]
        shown = self.offenders if self.each_to_be_mapped else self.offenders[:MAX_ROWS_SHOWN]
        lines += [f"  - {offender}" for offender in shown]
        if len(self.offenders) > len(shown):
            lines.append(f"  … and {len(self.offenders) - len(shown)} more")
        lines.append(f"  next:     {self.next_step}")
        return "\n".join(lines)


@dataclass(eq=False, repr=False, kw_only=True)
class FetchError(SourceError):
    """A publisher that did not give what we asked for.

    `is_transient` tells a passing failure at the publisher (try again later) from what a person must decide.
    """

    is_transient: bool


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with none of these secrets, nor as an error quotes them: trimmed, escaped, or in an address."""
    forms = {
        form
        for secret in secrets
        for form in (
            *(secret, secret.strip(), repr(secret)[1:-1], repr(secret.strip())[1:-1]),
            quote(secret.strip(), safe=""),
        )
    }
    # The longest first, or the rest of it stays.
    for form in sorted(forms, key=len, reverse=True):
        if form:
            text = text.replace(form, "***")
    return text
