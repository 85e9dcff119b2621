"""Output of minerals: its tables. The registry finds `READER`; nothing else knows the source's name."""

from sources._template.layouts import LAYOUTS
from sources._template.schema import Output, PublishedOutput
from sources._template.tidy import tidy
from sources.reading.lake_schemas import FileRows, NotUsed
from sources.reading.reader import Reader

READER = Reader(
    source_id="_template",
    published={"output": PublishedOutput, "file_rows": FileRows},
    lake={"output": Output, "not_used": NotUsed, "file_rows": FileRows},
    tidy=tidy,
    layouts=LAYOUTS,
)
