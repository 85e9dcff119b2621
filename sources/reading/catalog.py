"""`source.yml` as typed objects: who publishes, under which licence, which editions, which bytes.

Belongs here: reading and validating `source.yml`. Does not belong here: opening a publisher's file.
"""

import csv
import datetime as dt
import math
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sources.reading.errors import SourceError

SOURCES_ROOT = Path(__file__).resolve().parent.parent


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Strict):
    """Terms of the publisher, with the page on the publisher's own site."""

    licence_id: str
    title: str
    url: str


class SourceFile(_Strict):
    """One file of an edition: where it lies below a folder of publishers' files, and its pinned bytes."""

    table: str
    path: str
    member: str | None = None
    layout: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def name(self) -> str:
        """The file's name without its folder: unique within an edition."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def source_file(self) -> str:
        """What figures are traced to: the zip's member, or the file itself."""
        return self.member or self.name


class NewFile(_Strict):
    """A file that a new edition is expected to have; texts as in `NewEditions`."""

    table: str
    name: str
    layout: str
    member: str | None = None


class NewEditions(_Strict):
    """How a new edition shows itself, and what it is then called.

    Texts may name groups of `pattern` (`{year}`) and, where it is known, the day of release
    (`{day:%Y-%m}`). Without `files` a new edition is reported to a person and not taken in.
    """

    # Words to search ScienceBase for; `pattern` is met by the title of an item.
    search: str | None = None
    # A page of an allowed host; `pattern` is met anywhere in it.
    page: str | None = None
    # Neither: the newest edition's rolling address serves another sheet.
    pattern: str = "^$"
    edition: str
    title: str
    citation: str
    files: tuple[NewFile, ...] = ()


class NewestPeriod(_Strict):
    """How recent an edition's figures are when it comes out: what the newest-period check asks.

    `column` of lake table `table` is a year, or a date that stands for its month. `lag_days`: at most so
    many from the end of the newest period to the day of release. `lead_days`: at most so many from that day to
    the end of a period that is under way; 0 where each period is over when its figures come out.
    """

    table: str
    column: str
    lag_days: int
    lead_days: int = 0


class LiveAccess(_Strict):
    """How a publisher may be asked: where, how much, how often; and how well the addresses are known.

    `hosts` holds redirects too. A source without hosts is never asked: its files are dropped by hand.
    """

    hosts: tuple[str, ...] = ()
    largest_file_mb: int = 64
    whole_minutes: float = 10
    seconds_between_requests: float = 1.0
    verified: str
    new_editions: NewEditions | None = None


class LiveEdition(_Strict):
    """Where the publisher keeps the files of one edition. A file that nothing here covers is dropped by hand.

    Keys of `names` and `addresses` are names of our files, without folder.
    """

    # A ScienceBase item: its JSON lists files with size and MD5. `children`: and so do its child items.
    item: str | None = None
    children: bool = False
    # What the publisher calls a file, where that is not our name for it.
    names: dict[str, str] = {}
    # Zips of the item that hold our files as members.
    archives: tuple[str, ...] = ()
    addresses: dict[str, str] = {}
    # The address always serves the newest edition: other bytes there are no fault of this one.
    rolling: bool = False
    # What a person may do in place of dropping files that nobody can fetch. With it, an edition of which
    # nothing was dropped is left out, as long as another edition of the source is read.
    instead: str = ""


class Edition(_Strict):
    """One release of a publication. `released_on` decides what was known at a date."""

    edition: str
    title: str
    released_on: dt.date
    released_on_verified: str
    citation: str
    url: str
    files: tuple[SourceFile, ...] = ()
    live: LiveEdition = LiveEdition()

    def with_files(self, files: Iterable[SourceFile]) -> "Edition":
        """The edition with these files."""
        return self.model_copy(update={"files": tuple(files)})


class Bounds(_Strict):
    """How far a new edition may move from the previous one before it warns, and before it stops."""

    magnitude_ratio_warn: float
    magnitude_ratio_stop: float
    coverage_loss_warn: float
    coverage_loss_stop: float


class Range(_Strict):
    """From `low` to `high`; `source.yml` writes it `[low, high]`, null where an end is open."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_pair(cls, written: Any) -> Any:
        return (
            dict(zip(("low", "high"), written, strict=True))
            if isinstance(written, list)
            else written
        )

    def times_beyond(self, value: float) -> float:
        """How many times a value lies beyond an end: 0 inside, infinite where the end or the value is 0."""
        if self.high is not None and value > self.high:
            return value / self.high if self.high > 0 else math.inf
        if self.low is not None and value < self.low:
            if self.low < 0:
                return value / self.low
            return self.low / value if value > 0 else math.inf
        return 0.0

    def __str__(self) -> str:
        """The range in words: `1 to 2`, `at most 2` or `1 or more`."""
        if self.low is None:
            return f"at most {self.high:g}"
        return f"{self.low:g} or more" if self.high is None else f"{self.low:g} to {self.high:g}"


class OfOne(_Strict):
    """Narrower bounds of some figures of a table: those of one metal, of one form."""

    only: dict[str, str | bool]
    # At least so many figures; at most this share of rows without one.
    figures: int
    missing_share: float = 0
    # Each figure, and the largest step of one.
    each: Range | None = None
    largest_step: float | None = None


class FigureBounds(_Strict):
    """What the figures of one lake table are like in every edition: what `figure_checks` asks.

    Bounds are the real files' own range, widened so that no edition held is beyond; a comment says by how much.
    `by`: columns within which figures may be summed. A step leads from a period to the next that has a figure,
    and is a fold; of scores a difference.
    """

    table: str
    # A column; `rows` of a table without figures, each of which counts 1.
    measure: str
    # Only rows of these values are asked.
    only: dict[str, str | bool] = {}
    by: tuple[str, ...] = ()
    period: str | None = None
    # Scores lie around 0: their mean and spread are asked, and their steps are differences.
    is_score: bool = False
    # At least so many figures; at most these shares of rows without one, and of figures that are 0.
    figures: int
    missing_share: float = 0
    zero_share: float = 0
    # Each figure.
    each: Range | None = None
    # The middle one of the figures that are not 0; of scores the mean.
    typical: Range | None = None
    spread: Range | None = None
    # Each sum by `by` and period.
    sums: Range | None = None
    # Countries and rest together, over the world total beside them; `by` holds `geography_kind`.
    parts: Range | None = None
    # The middle one of the steps to any period; the largest of a figure that holds a quarter of its sum.
    typical_step: float | None = None
    largest_step: float | None = None
    # The largest step of a sum by `by`, and of how many figures are in it.
    total_step: float | None = None
    count_step: float | None = None
    # Of some of the figures: bounds that are narrower than those of all.
    of_each: tuple[OfOne, ...] = ()
    # Columns whose every value of the period before the newest has a figure in the newest too. One that has none stops;
    # where one may lack, it is warned of, and two stop.
    kept: tuple[str, ...] = ()
    one_may_lack: bool = False
    # Goods and who sells them: who sold a quarter of a good in the period before the newest, and a ten thousandth of all,
    # sells some in the newest too. One that does not is warned of, as it happens once in years; two stop.
    kept_leaders: tuple[str, str] | None = None
    # At most this share of the newest period's figures, zeros left out, are those of one period before: beyond it stops.
    # Asked where both periods have so many figures: in few, and rounded ones, chance repeats many.
    repeated_share: float = 0.8
    repeated_from: int = 30


class Source(_Strict):
    """A publisher's publication as we ingest it. Grain: one `source.yml`."""

    source_id: str
    publisher: str
    title: str
    description: str
    landing_page: str
    licence: Licence
    credit_line: str
    redistributable: bool
    cadence: Literal["yearly", "quarterly", "monthly", "irregular"]
    overdue_after_days: int
    newest_period: NewestPeriod | None = None
    bounds: Bounds
    figures: tuple[FigureBounds, ...] = ()
    live: LiveAccess | None = None
    editions: tuple[Edition, ...]

    @property
    def folder(self) -> Path:
        """Folder of the source below `sources/`."""
        return SOURCES_ROOT / self.source_id

    @property
    def snapshot(self) -> Path:
        """Folder of the embedded tables."""
        return self.folder / "snapshot"

    @property
    def newest(self) -> Edition:
        """The edition released last."""
        return max(self.editions, key=lambda edition: edition.released_on)

    def with_editions(self, editions: Iterable[Edition]) -> "Source":
        """The source with these editions."""
        return self.model_copy(update={"editions": tuple(editions)})

    def error(self, **details: Any) -> SourceError:
        """What of this source is refused, in the parts of `SourceError`."""
        return SourceError(source=self.source_id, **details)


@cache
def load_source(source_id: str) -> Source:
    """Read `sources/<source_id>/source.yml`.

    Raises:
        pydantic.ValidationError: a key is missing, misspelt or of the wrong type.
        SourceError: a pin names an edition that `source.yml` lacks, or an edition has no file.
    """
    folder = SOURCES_ROOT / source_id
    content = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))
    pins = folder / "files.csv"
    if pins.exists():
        # An edition of many files pins them here: edition, table, path, member, layout, sha256.
        with pins.open(encoding="utf-8", newline="") as handle:
            listed = list(csv.DictReader(handle))
        _refuse_pins_of_no_edition(source_id, content["editions"], listed)
        for edition in content["editions"]:
            edition.setdefault("files", []).extend(
                {key: value for key, value in row.items() if key != "edition" and value}
                for row in listed
                if row["edition"] == edition["edition"]
            )
    source = Source.model_validate(content)
    empty = [edition.edition for edition in source.editions if not edition.files]
    if empty:
        raise SourceError(
            source=source_id,
            problem="editions without a file",
            where=f"sources/{source_id}/source.yml and files.csv",
            expected="at least one pinned file for each edition",
            got=f"{len(empty)} editions without one",
            next_step="pin the edition's files under it in source.yml, or in files.csv beside",
            offenders=empty,
        )
    return source


def _refuse_pins_of_no_edition(
    source_id: str, editions: list[dict[str, object]], listed: list[dict[str, str]]
) -> None:
    named = [edition.get("edition") for edition in editions]
    stray = [
        f"row {number}: edition {row.get('edition')!r}, path {row.get('path')!r}"
        for number, row in enumerate(listed, 2)
        if row.get("edition") not in named
    ]
    if stray:
        raise SourceError(
            source=source_id,
            problem="pins of an edition that source.yml does not have",
            where=f"sources/{source_id}/files.csv",
            expected=f"one of {', '.join(str(name) for name in named)}",
            got=f"{len(stray)} of {len(listed)} rows of another",
            next_step="correct the edition's name, or add the edition to source.yml",
            offenders=stray,
        )
