"""Stopping the run for rows that can't be used: one error for all of a kind, each row shown."""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source


def refuse_rows(
    bad: pl.DataFrame,
    source: Source,
    problem: str,
    *,
    row: str,
    expected: str,
    got: str,
    next_step: str,
    where: str = "{files}",
    by: Sequence[str] = (),
    each_to_be_mapped: bool = False,
) -> None:
    """Stop the run where there are rows that can't be used.

    Args:
        row: how one is shown, its cells in braces: `row {file_row}: {published_value!r}`.
        got: what they are, their number in braces: `{rows} cells`.
        where: may name the rows' `{files}` and `{editions}`.
        by: one line for all rows that are alike in these columns, with their `{count}` and the `{first}` row of
            a file; `got` may then name `{labels}`, the number of lines.

    Raises:
        SourceError: there are such rows; all of them at once.
    """
    if bad.is_empty():
        return
    shown = bad
    if by:
        first = [pl.col("file_row").min().alias("first")] if "file_row" in bad.columns else []
        shown = (
            bad.group_by(by).agg(pl.len().alias("count"), *first).sort(*(first and ["first"]), *by)
        )
    places = {
        name: ", ".join(bad[column].unique().sort())[:300]
        for name, column in {"files": "source_file", "editions": "edition"}.items()
        if column in bad.columns
    }
    raise source.error(
        problem=problem,
        where=where.format(**places),
        expected=expected,
        got=got.format(rows=bad.height, labels=shown.height),
        next_step=next_step,
        offenders=[row.format(**cells) for cells in shown.iter_rows(named=True)],
        each_to_be_mapped=each_to_be_mapped,
    )
