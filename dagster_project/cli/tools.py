"""Tools of the Model Context Protocol over a release, for assistants: `chokepoint mcp`."""

import json
from collections.abc import Callable
from typing import Any, cast

from mcp.server import MCPServer
from mcp.types import CallToolResult, TextContent

from dagster_project.publishing.questions import QuestionError, Release

INSTRUCTIONS = (
    "Figures on how dependent countries are on suppliers of critical minerals. Begin with `headline`. "
    "Quote a figure with its year, its basis, its caveats and the credit line of its source. A null is no zero."
)


def server(release: Release) -> MCPServer:
    """A server with a tool for each question."""
    made = MCPServer("chokepoint", instructions=INSTRUCTIONS, version=release.name)

    def answered(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return ask()
        except QuestionError as error:
            failure = {"release": release.name, "error": str(error)}
            text = TextContent(type="text", text=json.dumps(failure, ensure_ascii=False))
            # A result of the protocol's own goes out as it is, past the form of the answers.
            failed = CallToolResult(content=[text], structured_content=failure, is_error=True)
            return cast("dict[str, Any]", failed)

    @made.tool()
    def headline(importer: str, mineral: str, stage: str = "") -> dict[str, Any]:
        """Who supplies this importer with this mineral, newest answer: leader, share, evidence, caveat. Names or codes."""
        if stage:
            return compare(importer, mineral, stage)
        asked = {"importer_id": importer, "mineral_id": mineral}
        return answered(lambda: release.rows_of("mart_headline", asked))

    @made.tool()
    def dependency(
        importer: str, mineral: str, stage: str = "", year: int | None = None
    ) -> dict[str, Any]:
        """From whom an importer buys, at one stage or all, in a year (else the newest), or why that is not known."""
        return answered(
            lambda: release.macro("dependency", [importer, mineral, stage or None, year])
        )

    @made.tool()
    def look_through(
        importer: str, mineral: str, stage: str = "", year: int | None = None
    ) -> dict[str, Any]:
        """Who sold, refined and mined what an importer bought in a year (else the newest); which sellers pass on."""
        return answered(
            lambda: release.macro("look_through", [importer, mineral, stage or None, year])
        )

    @made.tool()
    def vulnerability(importer: str) -> dict[str, Any]:
        """What an importer is most exposed to: its minerals, ranked, with the components of the rank."""
        return answered(lambda: release.macro("vulnerability", [importer]))

    @made.tool()
    def compare(importers: list[str] | str, mineral: str, stage: str = "") -> dict[str, Any]:
        """Headlines of one importer or of several for a mineral, at one stage or all, side by side; where there is none, why."""
        return answered(lambda: release.macro("compare", [importers, mineral, stage or None]))

    @made.tool()
    def disruption(
        suppliers: list[str] | str, mineral: str, depth: float = 1.0, days: int = 365
    ) -> dict[str, Any]:
        """What importers lose of a mineral if this supplier, or these, cut this part of their deliveries for so many days."""
        return answered(lambda: release.macro("disruption", [suppliers, mineral, depth, days]))

    @made.tool()
    def control_exposure(importer: str, day: str) -> dict[str, Any]:
        """What part of an importer's purchases is under an export control on a day (2026-01-31)."""
        return answered(lambda: release.macro("control_exposure", [importer, day]))

    @made.tool()
    def controls_as_of(day: str) -> dict[str, Any]:
        """Export controls that were announced, in force or suspended on a day (2026-01-31)."""
        return answered(lambda: release.macro("controls_as_of", [day]))

    @made.tool()
    def explain_trade(source_row_id: str) -> dict[str, Any]:
        """Every step behind one trade flow of fct_trade."""
        return answered(lambda: release.explained("fct_trade", source_row_id))

    @made.tool()
    def explain_production(source_row_id: str) -> dict[str, Any]:
        """Every step behind one production figure of fct_production."""
        return answered(lambda: release.explained("fct_production", source_row_id))

    @made.tool()
    def passport(source_row_id: str) -> dict[str, Any]:
        """Where a figure is from: publisher's words, edition, citation. Any source_row_id of a fct_ table."""
        return answered(lambda: release.passport(source_row_id))

    @made.tool()
    def dictionary(table: str = "") -> dict[str, Any]:
        """All tables and what a row of each is; with a table, its columns with units."""
        return answered(lambda: release.dictionary(table))

    @made.tool()
    def sql(query: str) -> dict[str, Any]:
        """One SQL statement (DuckDB) that reads tables of schema marts. At most 500 rows and 10 seconds."""
        return answered(lambda: release.sql(query))

    return made
