"""Each question to a lake table: answered with yes on a sound table, with no on a mutated one."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from publisher_files import SOURCE

from sources.reading import catalog
from sources.reading.catalog import Bounds, NewestPeriod
from sources.reading.checks import (
    MAX_OFFENDERS,
    keeps_coverage,
    keeps_magnitude,
    newest_period_is_recent,
    newest_year_keeps_magnitude,
)

# Bounds of the test's own, so that it does not move with source.yml.
JUDGE = SOURCE.model_copy(
    update={
        "bounds": Bounds(
            magnitude_ratio_warn=1.5,
            magnitude_ratio_stop=3.0,
            coverage_loss_warn=0.02,
            coverage_loss_stop=0.10,
        )
    }
)
RELEASED = {"A": dt.date(2024, 1, 31), "B": dt.date(2025, 1, 31), "C": dt.date(2026, 2, 6)}
COLUMNS = {
    "edition": pl.String,
    "released_on": pl.Date,
    "mineral_id": pl.String,
    "stage": pl.String,
    "form": pl.String,
    "basis": pl.String,
    "geography_kind": pl.String,
    "reference_year": pl.Int32,
    "quantity_tonnes": pl.Float64,
}
Figure = tuple[str, str, str, int, float | None]


def _production(*figures: Figure) -> pl.DataFrame:
    """Rows of edition, mineral, kind of geography, year, tonnes."""
    return pl.DataFrame(
        [
            (edition, RELEASED[edition], mineral, "mine", "ore", "contained", kind, year, tonnes)
            for edition, mineral, kind, year, tonnes in figures
        ],
        schema=COLUMNS,
        orient="row",
    )


def _world(of_a: float | None, of_b: float | None) -> pl.DataFrame:
    return _production(
        ("A", "tin", "world", 2024, of_a), ("A", "tin", "country", 2024, 60.0),
        ("A", "tin", "country", 2024, 40.0), ("B", "tin", "world", 2024, of_b),
        ("B", "tin", "country", 2024, 120.0), ("B", "tin", "country", 2024, None),
        ("B", "tin", "rest", 2024, 5_000.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of_a", "of_b", "fold", "passed", "severity"),
    [
        (100.0, 100.0, 1.0, True, "warn"),
        (100.0, 150.0, 1.5, True, "warn"),
        (100.0, 151.0, 1.51, False, "warn"),
        (100.0, 300.0, 3.0, False, "warn"),
        (100.0, 301.0, 3.01, False, "stop"),
        # Down is as bad as up: 100 to 60 is 100/60-fold.
        (100.0, 60.0, 1.6667, False, "warn"),
        (100.0, 0.1, 1000.0, False, "stop"),
        # Without a world total in either, the named countries: 120 to 60 + 40.
        (None, None, 1.2, True, "warn"),
    ],
)
def test_magnitude_against_the_edition_before(
    of_a: float | None, of_b: float | None, fold: float, passed: bool, severity: str
) -> None:
    outcome = keeps_magnitude(_world(of_a, of_b), JUDGE)
    assert outcome.numbers == {"worst_fold": pytest.approx(fold, abs=1e-4), "compared": 1.0}
    assert (outcome.passed, outcome.severity) == (passed, severity)
    assert len(outcome.offenders) == (0 if passed else 1)
    assert "1.5-fold" in outcome.expected
    assert "3.0-fold" in outcome.expected
    assert f"worst {fold:.3f}-fold over 1 series" in outcome.got


@pytest.mark.parametrize(("of_a", "of_b"), [(None, 100.0), (100.0, None)])
def test_a_world_total_is_not_compared_with_a_sum_of_named_countries(
    of_a: float | None, of_b: float | None
) -> None:
    outcome = keeps_magnitude(_world(of_a, of_b), JUDGE)
    assert outcome.passed
    assert outcome.numbers == {"worst_fold": 1.0, "compared": 0.0}


def test_a_stock_is_compared_by_each_editions_newest_year() -> None:
    frame = _production(
        ("A", "tin", "world", 2022, 9_000.0), ("A", "tin", "world", 2023, 100.0),
        ("B", "tin", "world", 2024, 140.0), ("C", "tin", "world", 2025, 560.0),
    )  # fmt: skip
    outcome = keeps_magnitude(frame, JUDGE)
    assert (outcome.passed, outcome.severity) == (False, "stop")
    assert outcome.numbers == {"worst_fold": pytest.approx(4.0), "compared": 2.0}
    [offender] = outcome.offenders
    assert (offender["edition"], offender["previous_edition"]) == ("C", "B")
    assert (offender["reference_year"], offender["previous_year"]) == (2025, 2024)


def test_a_series_with_a_year_in_both_editions_is_compared_within_it_and_nowhere_else() -> None:
    """Zinc has no year in both: its newest years are compared, tin's are not."""
    outcome = keeps_magnitude(
        _production(
            ("A", "tin", "world", 2023, 100.0), ("B", "tin", "world", 2023, 110.0),
            ("B", "tin", "world", 2024, 900.0),
            ("A", "zinc", "world", 2023, 100.0), ("B", "zinc", "world", 2024, 900.0),
        ),
        JUDGE,
    )  # fmt: skip
    assert outcome.numbers == {"worst_fold": pytest.approx(9.0), "compared": 2.0}
    assert [row["mineral_id"] for row in outcome.offenders] == ["zinc"]


@pytest.mark.parametrize(
    ("newest", "fold", "passed", "severity"),
    [
        (150.0, 1.5, True, "warn"),
        (151.0, 1.51, False, "warn"),
        (300.0, 3.0, False, "warn"),
        (301.0, 3.01, False, "stop"),
        (60.0, 1.6667, False, "warn"),
        (0.1, 1000.0, False, "stop"),
    ],
)
def test_the_newest_year_of_an_edition_is_judged_by_its_own_year_before(
    newest: float, fold: float, passed: bool, severity: str
) -> None:
    frame = _production(
        ("A", "tin", "world", 2023, 100.0), ("A", "tin", "world", 2024, 100.0),
        ("B", "tin", "world", 2024, 100.0), ("B", "tin", "world", 2025, newest),
    )  # fmt: skip
    # The edition before can't see it: it does not know the year.
    assert keeps_magnitude(frame, JUDGE).numbers["worst_fold"] == 1.0
    outcome = newest_year_keeps_magnitude(frame, JUDGE)
    assert outcome.numbers == {"worst_fold": pytest.approx(fold, abs=1e-4), "compared": 2.0}
    assert (outcome.passed, outcome.severity) == (passed, severity)
    assert "the year before in the same edition" in outcome.expected
    for offender in outcome.offenders:
        assert (offender["edition"], offender["reference_year"]) == ("B", 2025)
        assert (offender["previous_year"], offender["previous_world"]) == (2024, 100.0)


def test_the_newest_year_without_the_year_before_or_a_figure_is_not_judged() -> None:
    outcome = newest_year_keeps_magnitude(
        _production(
            ("A", "tin", "world", 2022, 1.0), ("A", "tin", "world", 2024, 100.0),
            ("A", "zinc", "country", 2023, None), ("A", "zinc", "country", 2024, None),
            # Neither year has a world total: the named countries.
            ("A", "lithium", "country", 2023, 10.0), ("A", "lithium", "country", 2024, 12.0),
        ),
        JUDGE,
    )  # fmt: skip
    assert outcome.numbers == {"worst_fold": pytest.approx(1.2), "compared": 1.0}


@pytest.fixture
def accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ledger of accepted changes in a folder that the source now points to."""
    (tmp_path / "usgs_mcs").mkdir()
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    return tmp_path / "usgs_mcs" / "accepted_changes.csv"


CHANGES = "check,edition,mineral_id,stage,form,basis,accepted_on,reason\n"


@pytest.mark.parametrize(
    ("check", "ask"),
    [
        ("keeps_magnitude", keeps_magnitude),
        ("newest_year_keeps_magnitude", newest_year_keeps_magnitude),
    ],
)
def test_an_accepted_change_no_longer_stops_and_accepts_nothing_else(
    accepted: Path, check: str, ask
) -> None:
    frame = _production(
        *(("A", mineral, "world", 2024, 100.0) for mineral in ("tin", "zinc")),
        *(("B", mineral, "world", 2024, 900.0) for mineral in ("tin", "zinc")),
        *(("B", mineral, "world", 2025, 9.0) for mineral in ("tin", "zinc")),
    )
    accepted.write_text(CHANGES, encoding="utf-8")
    assert [row["mineral_id"] for row in ask(frame, JUDGE).offenders] == ["tin", "zinc"]
    row = f"{check},B,tin,mine,ore,contained,2026-11-24,why"
    accepted.write_text(f"{CHANGES}{row}\n", encoding="utf-8")
    outcome = ask(frame, JUDGE)
    assert [row["mineral_id"] for row in outcome.offenders] == ["zinc"]
    assert (outcome.severity, outcome.numbers["compared"]) == ("stop", 2.0)
    # Of another edition, or for another question: it accepts nothing.
    for other in (row.replace(",B,", ",A,"), row.replace(check, "keeps_coverage")):
        accepted.write_text(f"{CHANGES}{other}\n", encoding="utf-8")
        assert len(ask(frame, JUDGE).offenders) == 2


def test_an_accepted_loss_of_a_series_is_no_loss(accepted: Path) -> None:
    frame = _production(
        ("A", "tin", "world", 2023, 1.0), ("A", "zinc", "world", 2023, 1.0),
        ("B", "tin", "world", 2024, 1.0),
    )  # fmt: skip
    accepted.write_text(CHANGES, encoding="utf-8")
    assert keeps_coverage(frame, JUDGE).severity == "stop"
    accepted.write_text(
        f"{CHANGES}keeps_coverage,B,zinc,mine,ore,contained,2026-11-24,why\n", "utf-8"
    )
    assert keeps_coverage(frame, JUDGE).passed


def test_magnitude_names_the_worst_series_first() -> None:
    outcome = keeps_magnitude(
        _production(
            *(("A", mineral, "world", 2024, 100.0) for mineral in ("tin", "zinc", "lithium")),
            ("B", "tin", "world", 2024, 160.0),
            ("B", "zinc", "world", 2024, 20.0),
            ("B", "lithium", "world", 2024, 110.0),
        ),
        JUDGE,
    )
    assert [row["mineral_id"] for row in outcome.offenders] == ["zinc", "tin"]
    assert outcome.offenders[0]["fold"] == pytest.approx(5.0)
    assert (outcome.offenders[0]["edition"], outcome.offenders[0]["previous_edition"]) == ("B", "A")
    assert outcome.severity == "stop"
    assert outcome.numbers["compared"] == 3


def test_magnitude_compares_consecutive_editions_of_one_year_only() -> None:
    outcome = keeps_magnitude(
        _production(
            # 1.4-fold from A to B and from B to C: 1.96-fold from A to C is nobody's neighbour.
            ("A", "tin", "world", 2023, 100.0),
            ("B", "tin", "world", 2023, 140.0),
            ("C", "tin", "world", 2023, 196.0),
            # Another year is another figure.
            ("C", "tin", "world", 2024, 9_000.0),
        ),
        JUDGE,
    )
    assert outcome.passed
    assert outcome.numbers == {"worst_fold": pytest.approx(1.4), "compared": 2.0}


def test_magnitude_of_a_single_edition_has_nothing_to_compare() -> None:
    outcome = keeps_magnitude(_production(("A", "tin", "world", 2024, 100.0)), JUDGE)
    assert outcome.passed
    assert outcome.numbers == {"worst_fold": 1.0, "compared": 0.0}


def test_magnitude_of_withheld_figures_is_not_judged() -> None:
    frame = _production(("A", "tin", "country", 2024, None), ("B", "tin", "country", 2024, 5.0))
    outcome = keeps_magnitude(frame, JUDGE)
    assert outcome.passed
    assert outcome.numbers["compared"] == 0


def _editions(before: int, after: int) -> pl.DataFrame:
    """Edition A with `before` series and B with the first `after` of them."""
    return _production(
        *(("A", f"m{number:03d}", "world", 2023, 1.0) for number in range(before)),
        *(("B", f"m{number:03d}", "world", 2024, 1.0) for number in range(after)),
    )


@pytest.mark.parametrize(
    ("after", "share", "passed", "severity"),
    [
        (100, 0.0, True, "warn"),
        (98, 0.02, True, "warn"),
        (97, 0.03, False, "warn"),
        (90, 0.10, False, "warn"),
        (89, 0.11, False, "stop"),
    ],
)
def test_coverage_against_the_edition_before(
    after: int, share: float, passed: bool, severity: str
) -> None:
    outcome = keeps_coverage(_editions(100, after), JUDGE)
    assert outcome.numbers == {
        "worst_loss_share": pytest.approx(share),
        "series_lost": 100.0 - after,
    }
    assert (outcome.passed, outcome.severity) == (passed, severity)
    assert f"{100 - after} series lost" in outcome.got
    assert "2%" in outcome.expected
    assert "10%" in outcome.expected


def test_coverage_names_what_was_lost_and_where() -> None:
    outcome = keeps_coverage(
        _production(
            ("A", "tin", "world", 2023, 1.0), ("A", "zinc", "world", 2023, 1.0),
            # A series whose figures are all withheld now is lost.
            ("B", "tin", "world", 2024, 1.0), ("B", "zinc", "world", 2024, None),
            # A series that is new is no loss.
            ("C", "tin", "world", 2025, 1.0), ("C", "lithium", "world", 2025, 1.0),
        ),
        JUDGE,
    )  # fmt: skip
    assert outcome.numbers == {"worst_loss_share": 0.5, "series_lost": 1.0}
    [lost] = outcome.offenders
    assert (lost["lacking_in"], lost["mineral_id"]) == ("B", "zinc")
    assert outcome.severity == "stop"


def test_coverage_shows_no_more_offenders_than_a_table_can_hold() -> None:
    outcome = keeps_coverage(_editions(100, 50), JUDGE)
    assert len(outcome.offenders) == MAX_OFFENDERS == 20
    assert outcome.numbers["series_lost"] == 50


def test_coverage_of_a_single_edition_has_nothing_to_compare() -> None:
    outcome = keeps_coverage(_production(("A", "tin", "world", 2024, 100.0)), JUDGE)
    assert outcome.passed
    assert outcome.numbers == {"worst_loss_share": 0.0, "series_lost": 0.0}


@pytest.mark.parametrize("last", [(), (("C", "tin", "world", 2025, 1.0),)], ids=["last", "between"])
def test_coverage_of_an_edition_without_any_figure_stops(last: tuple[Figure, ...]) -> None:
    frame = _production(("A", "tin", "world", 2023, 1.0), ("B", "tin", "world", 2024, None), *last)
    outcome = keeps_coverage(frame, JUDGE)
    assert (outcome.passed, outcome.severity) == (False, "stop")
    assert outcome.numbers == {"worst_loss_share": 1.0, "series_lost": 1.0}
    assert [row["lacking_in"] for row in outcome.offenders] == ["B"]


@pytest.mark.parametrize(
    ("year", "lead_days", "passed", "told"),
    [
        (-1, 0, True, "days before"),
        # An edition too old, and a year that nobody can have counted when the book came out.
        (-2, 0, False, "days before"),
        (0, 0, False, "days after it came out"),
        # A year to date may be under way, and none may lie beyond it.
        (0, 366, True, "days after it came out"),
        (1, 366, False, "days after it came out"),
    ],
)
def test_the_newest_period_is_neither_old_nor_of_the_future(
    year: int, lead_days: int, passed: bool, told: str
) -> None:
    asked = NewestPeriod(
        table="production", column="reference_year", lag_days=60, lead_days=lead_days
    )
    source = SOURCE.model_copy(update={"newest_period": asked})
    edition = source.newest
    frame = pl.DataFrame(
        {
            "edition": [edition.edition] * 3,
            # The year after has cells and no figure, and does not count.
            "reference_year": [2000, *(edition.released_on.year + year + n for n in (0, 1))],
            "quantity_tonnes": [1.0, 1.0, None],
        }
    )
    outcome = newest_period_is_recent(frame, source)
    assert outcome.passed is passed
    assert told in outcome.got
