"""Cleaning of publishers' text that changes no meaning: spaces and apostrophes, nothing else."""

import polars as pl

NO_BREAK_SPACE = "\u00a0"


def cleaned(column: str) -> pl.Expr:
    """Text with no-break spaces folded, runs of white space collapsed, curly apostrophes straightened."""
    return (
        pl.col(column)
        .str.replace_all(NO_BREAK_SPACE, " ")
        .str.replace_all("\u2019", "'")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
