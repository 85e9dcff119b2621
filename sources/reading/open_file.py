"""A file of an edition as a layout gets it: bytes, text, records, and how it is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv

Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class OpenFile:
    """One file of an edition and its bytes: what a layout reads."""

    source: Source
    edition: Edition
    pin: SourceFile
    content: bytes

    @property
    def name(self) -> str:
        """What figures are traced to: the zip's member, or the file itself."""
        return self.pin.source_file

    def error(self, **details: Any) -> SourceError:
        """What is refused, in the parts of `SourceError`; `where` is this file, if nothing is said."""
        return self.source.error(**{"where": self.name, **details})

    def refuse(self, faults: Sequence[str], **details: Any) -> None:
        """Stop where there are faults, all of them at once; the other parts as in `error`.

        Raises:
            SourceError: there are faults.
        """
        if faults:
            raise self.error(offenders=faults, **details)

    def text(self, encoding: str) -> str:
        """The file, decoded strictly.

        Raises:
            SourceError: the bytes are not in this encoding.
        """
        return decode(self.source, self.name, self.content, encoding)

    def records(self, header: Sequence[str], encoding: str) -> pl.DataFrame:
        """Records of a CSV as text, with where each stands (header = row 1); see `sources.reading.files.read_csv`.

        Raises:
            SourceError: another encoding or header, ragged rows, blank lines, or no rows.
        """
        return self.placed(
            read_csv(self.source, self.name, self.text(encoding), tuple(header)).rename(
                {"row": "file_row"}
            )
        )

    def placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with `edition` and `source_file` in front."""
        place = {"edition": pl.lit(self.edition.edition), "source_file": pl.lit(self.name)}
        return frame.with_columns(**place).select(*place, pl.all().exclude(*place))

    def file_rows(self, records: int) -> pl.DataFrame:
        """How many records the file holds. Shape: `FileRows`, one row."""
        return self.placed(pl.DataFrame({"file_rows": [records]}, schema={"file_rows": pl.UInt32}))

    def account(self, counts: Mapping[str, int]) -> pl.DataFrame:
        """Records in no published table, by reason. Shape: `RowAccount`, one row for each reason that has any."""
        return self.placed(
            pl.DataFrame(
                [(reason, records) for reason, records in sorted(counts.items()) if records],
                schema={"not_used_reason": pl.String, "file_rows": pl.UInt32},
                orient="row",
            )
        )


Layout = Callable[[OpenFile], Tables]
