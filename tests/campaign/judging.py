"""One mutated file: read as a refresh reads it, asked all checks of its source, compared as a new edition is."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import dataframely as dy
import polars as pl
from polars.testing import assert_frame_equal

from sources.editions.comparison import Comparison, compare, edition_before, key_in_words
from sources.reading.catalog import Edition, Source, SourceFile, load_source
from sources.reading.errors import SourceError
from sources.reading.files import read_bytes, sha256_of
from sources.reading.lake import validated
from sources.reading.lake_checks import checks_of
from sources.reading.open_file import Tables
from sources.reading.reader import Reader
from sources.registry import reader_of
from tests.campaign.fuzz import GROSS_FOLD, GROSS_SCORE, GROSS_SHARE, Case, Verdict
from tests.campaign.grids import grid_of
from tests.campaign.mutations import BYTES, GRID

MEMORY = Path("/dev/shm")
SCORES = {"estimate", "supply_risk", "economic_importance"}
SIDES = ("_lower", "_upper", "_low", "_high")
# Columns that name a series: what a sum may run over lies beside them.
SERIES = (
    "mineral_id", "material_id", "stage", "form", "hs4", "hs6", "cn8", "series_id", "flow", "measure", "statistic",
    "scenario", "scope", "price_label", "published_commodity", "quantity_description", "consumption_basis", "indicator",
    "reference_year", "assessment_year", "period_from", "price_month", "period_kind", "scrap_kind", "holder",
)  # fmt: skip


@dataclass
class World:
    """A source as it is held: its files' published tables, its lake, and what is told of it unchanged."""

    source: Source
    reader: Reader
    parts: dict[tuple[str, str, str | None], Tables]
    lake: Tables
    told: set[str] = field(default_factory=set)
    comparisons: dict[tuple[str, str], Comparison] = field(default_factory=dict)

    def compared(self, names: tuple[str, str]) -> Comparison:
        """The comparison of the real editions."""
        if names not in self.comparisons:
            self.comparisons[names] = compare(
                self.reader.lake, self.lake, self.lake, names, self.source
            )
        return self.comparisons[names]


class Judge:
    """Judges cases, given the folder of publishers' real files; it keeps what it has read of a source."""

    def __init__(self, files: Path) -> None:
        self.files = files
        self.world = cache(self._world)

    def __call__(self, case: Case) -> Verdict:
        """What becomes of the case; raises whatever the code raises that is no refusal."""
        source = load_source(case.source_id)
        [edition] = [known for known in source.editions if known.edition == case.edition]
        [file] = [f for f in edition.files if (f.path, f.member) == (case.path, case.member)]
        random = Random(case.seed)
        content, said = (self.files / case.path).read_bytes(), case.mutation
        if case.mutation in GRID:
            grid = grid_of(file.name, file.member, content, random)
            words = GRID[case.mutation](grid, random)
            if words is None:
                return Verdict(case, "alike", "the file has nothing to change in this way")
            said, content = words, grid.written()
        else:
            content = BYTES[case.mutation](content, random)
        with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
            path = Path(folder) / file.name
            path.write_bytes(content)
            name, told = self._judged(source, edition, file, path)
        return Verdict(case, name, said, told)

    def _world(self, source_id: str) -> World:
        source, reader = load_source(source_id), reader_of(source_id)
        if reader.stream is not None:
            world = World(source, reader, {}, {})
            world.lake = self._tidied(world, reader.read_files(source, self.files))
            world.told = set(self._outcomes(world, world.lake)[1])
            return world
        parts = {
            (edition.edition, file.path, file.member): self._read(
                reader, source, edition, file, self.files / file.path
            )
            for edition in source.editions
            for file in edition.files
        }
        world = World(source, reader, parts, {})
        world.lake = self._lake(world, parts)
        world.told = set(self._outcomes(world, world.lake)[1])
        return world

    def _read(
        self, reader: Reader, source: Source, edition: Edition, file: SourceFile, path: Path
    ) -> Tables:
        if not path.stat().st_size:
            raise source.error(
                problem="a publisher's file is empty", where=str(path), expected="at least a header", got="0 bytes",
                next_step="fetch it again",
            )  # fmt: skip
        return reader.read_file(source, edition, file, read_bytes(source, file, path))

    def _lake(self, world: World, parts: dict[tuple[str, str, str | None], Tables]) -> Tables:
        published = {
            table: pl.concat(
                [
                    pl.DataFrame(schema=schema.create_empty().schema),
                    *(tables[table] for tables in parts.values() if table in tables),
                ]
            )
            for table, schema in world.reader.published.items()
        }
        return self._tidied(world, published)

    def _streamed(self, world: World, edition: Edition, file: SourceFile, path: Path) -> Tables:
        """Lake of a source that is read in a stream: the file's place is taken by the changed one."""
        root = path.parent / "files"
        for known in (file for edition in world.source.editions for file in edition.files):
            placed = root / known.path
            placed.parent.mkdir(parents=True, exist_ok=True)
            placed.symlink_to(path if known.path == file.path else self.files / known.path)
        pins = [
            known.model_copy(update={"sha256": sha256_of(path)})
            if known.path == file.path
            else known
            for known in edition.files
        ]
        others = [known for known in world.source.editions if known.edition != edition.edition]
        source = world.source.with_editions([*others, edition.with_files(pins)])
        return self._tidied(world, world.reader.read_files(source, root))

    def _tidied(self, world: World, published: Tables) -> Tables:
        lake = world.reader.tidy(world.reader.checked(published), world.source)
        return {
            table: validated(frame, world.reader.lake[table], world.source.source_id, table)
            for table, frame in lake.items()
        }

    def _outcomes(self, world: World, lake: Tables) -> tuple[list[str], list[str]]:
        """What stops, and what is told, of the source's own checks."""
        stops, told = [], []
        for check in checks_of(world.reader, world.source):
            outcome = check.run(lake)
            if not outcome.passed:
                text = f"{check.table}: {check.name}: {outcome.got}; {outcome.offenders[:1]}"
                (stops if outcome.severity == "stop" else told).append(text)
        return stops, told

    def _judged(
        self, source: Source, edition: Edition, file: SourceFile, path: Path
    ) -> tuple[str, str]:
        world = self.world(source.source_id)
        try:
            if world.reader.stream is not None:
                lake = self._streamed(world, edition, file, path)
            else:
                part = self._read(world.reader, source, edition, file, path)
                place = (edition.edition, file.path, file.member)
                lake = self._lake(world, {**world.parts, place: part})
        except SourceError as error:
            return "refused", f"reading: {error.problem}"
        if all(_equal(frame, world.lake[table]) for table, frame in lake.items()):
            return "alike", ""
        stops, told = self._outcomes(world, lake)
        if stops:
            return "refused", "its own checks: " + "; ".join(stops)[:600]
        moved = gross_changes(world.reader, world.lake, lake)
        new = [text for text in told if text not in world.told]
        before = edition_before([known.edition for known in source.editions], edition.edition)
        if before:
            names = (before, edition.edition)
            schemas = world.reader.lake
            now = compare(schemas, world.lake, lake, names, source)
            was = world.compared(names)
            stops = [
                name for name, o in now.outcomes.items() if not o.passed and o.severity == "stop"
            ]
            if stops:
                return "refused", f"beside {before}: {stops}"
            new += _new_findings(now, was, moved)
        if new:
            return "told" if moved else "small", "; ".join(new)[:600]
        if not moved:
            return "small", ""
        beside = compare(
            world.reader.lake, world.lake, lake, (edition.edition, edition.edition), source
        )
        first = next(iter(moved))
        known = [change for change in beside.changes if (change["table"], change["what"]) in moved]
        if known:
            return "told_beside", f"{first}: {moved[first]}; {known[0]}"[:600]
        return "silent", f"{first}: {moved[first]}"


def _equal(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    try:
        assert_frame_equal(one, other, check_row_order=False, abs_tol=0, rel_tol=1e-12)
    except AssertionError:
        return False
    return True


def _new_findings(now: Comparison, was: Comparison, moved: dict[tuple[str, str], str]) -> list[str]:
    warned = {
        f"{name}: {o.got}" for name, o in now.outcomes.items() if not o.passed
    } - {f"{name}: {o.got}" for name, o in was.outcomes.items() if not o.passed}  # fmt: skip
    return sorted(warned) + [
        f"listed: {change}"
        for change in now.changes
        if change not in was.changes and (change["table"], change["what"]) in moved
    ]


def _measures(schema: type[dy.Schema]) -> list[str]:
    return [
        name
        for name, dtype in schema.create_empty().schema.items()
        if (dtype == pl.Float64 or name == "value_usd")
        and not name.endswith(SIDES)
        and name != "usd_per_eur"
    ]


def gross_changes(reader: Reader, before: Tables, after: Tables) -> dict[tuple[str, str], str]:
    """Figures of gross changes by table and key, each with what it was and is; empty where there is none."""
    found: dict[tuple[str, str], str] = {}
    for table, schema in reader.lake.items():
        key = schema.primary_key()
        if "edition" not in schema.column_names() or table in ("not_used", "file_rows"):
            continue
        old, new = before[table], after[table]
        measures = _measures(schema)
        if not measures:
            gone = old.join(new, on=key, how="anti", nulls_equal=True)
            if old.height and gone.height > GROSS_SHARE * old.height:
                found |= {(table, what): "gone" for what in _keys_in_words(gone, schema)}
            continue
        series = ["edition", *(name for name in SERIES if name in key)]
        for measure in measures:
            pairs = old.select(*key, b=pl.col(measure).cast(pl.Float64)).join(
                new.select(*key, a=pl.col(measure).cast(pl.Float64)), on=key, how="full", coalesce=True,
                nulls_equal=True,
            ).filter(~pl.col("b").eq_missing(pl.col("a")) | pl.lit(measure not in SCORES))  # fmt: skip
            if measure in SCORES:
                off = pairs.filter(
                    ((pl.col("a") - pl.col("b")).abs() >= GROSS_SCORE)
                    | (pl.col("a").is_null() != pl.col("b").is_null())
                )
            else:
                b, a = pl.col("b").fill_null(0).abs(), pl.col("a").fill_null(0).abs()
                is_moved = (a > GROSS_FOLD * b) | (b > GROSS_FOLD * a)
                moved = pl.when(is_moved).then((a - b).abs()).otherwise(0.0)
                total = pl.max_horizontal(a.sum().over(series), b.sum().over(series))
                off = pairs.with_columns(
                    is_gross=moved.sum().over(series) > GROSS_SHARE * total, is_moved=is_moved
                ).filter("is_gross", "is_moved")
            if off.height:
                texts = off.select(
                    pl.format("{} {} -> {}", pl.lit(measure), "b", "a").fill_null(f"{measure} to or from null")
                ).to_series()  # fmt: skip
                found |= {
                    (table, what): text
                    for what, text in zip(_keys_in_words(off, schema), texts, strict=True)
                }
    return found


def _keys_in_words(frame: pl.DataFrame, schema: type[dy.Schema]) -> list[str]:
    return frame.select(key_in_words(schema)).to_series().to_list()
