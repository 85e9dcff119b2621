"""Small pictures for the UI, as SVG data URIs in Markdown (Dagster strips raw SVG)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import dagster as dg

WIDTH, ROW, LABEL, SCALE = 800, 26, 250, 430
# From this share on a cell is so dark that its text is white.
DARK = 0.75
COLOURS = {"expected": "#2e7d32", "outside_expected": "#ef6c00", "outside_plausible": "#c62828"}


@dataclass(frozen=True)
class BandRow:
    """One figure in its band; everything is a share, 0–1."""

    label: str
    value: float | None
    expected: tuple[float, float]
    plausible: tuple[float, float]
    verdict: str


def _x(share: float) -> float:
    return LABEL + SCALE * min(max(share, 0.0), 1.0)


def _row(row: BandRow, y: float) -> str:
    low, high = row.plausible
    narrow_low, narrow_high = row.expected
    parts = [
        f'<text x="{LABEL - 8}" y="{y + 4}" text-anchor="end">{escape(row.label)}</text>',
        f'<rect x="{_x(low):.1f}" y="{y - 6}" width="{_x(high) - _x(low):.1f}" height="12" fill="#e3e8ee"/>',
        f'<rect x="{_x(narrow_low):.1f}" y="{y - 6}" width="{_x(narrow_high) - _x(narrow_low):.1f}" '
        'height="12" fill="#9fb8d1"/>',
    ]
    if row.value is None:
        parts.append(f'<text x="{LABEL + SCALE + 8}" y="{y + 4}">no figure</text>')
    else:
        colour = COLOURS.get(row.verdict, "#c62828")
        parts += [
            f'<circle cx="{_x(row.value):.1f}" cy="{y}" r="5" fill="{colour}"/>',
            f'<text x="{LABEL + SCALE + 8}" y="{y + 4}">{row.value:.1%}</text>',
        ]
    return "".join(parts)


def band_picture(rows: Sequence[BandRow], title: str) -> dg.MarkdownMetadataValue:
    """Figures as dots in their expected (dark) and plausible (light) bands, 0–100%."""
    body = "".join(_row(row, ROW * (index + 1.5)) for index, row in enumerate(rows))
    return _on_scale(body, len(rows), title)


@dataclass(frozen=True)
class Move:
    """One share before and after, 0–1."""

    label: str
    before: float
    after: float


def moves_chart(moves: Sequence[Move], title: str) -> dg.MarkdownMetadataValue:
    """Shares as arrows from what was printed (hollow) to what is printed now (full), 0–100%."""
    parts = []
    for index, move in enumerate(moves):
        y = ROW * (index + 1.5)
        left, right = _x(move.before), _x(move.after)
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + 4}" text-anchor="end">{escape(move.label)}</text>'
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="#52606d" stroke-width="2"/>'
            f'<circle cx="{left:.1f}" cy="{y}" r="4.5" fill="white" stroke="#52606d" stroke-width="1.5"/>'
            f'<circle cx="{right:.1f}" cy="{y}" r="5" fill="#0f5e73"/>'
            f'<text x="{LABEL + SCALE + 8}" y="{y + 4}">{move.before:.1%} → {move.after:.1%}</text>'
        )
    return _on_scale("".join(parts), len(moves), title)


def grid_picture(
    cells: Mapping[tuple[str, str], float | None],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
) -> dg.MarkdownMetadataValue:
    """Shares as a grid of rows and columns: darker is more; grey a null, empty what is not there."""
    left, wide, tall = 300, 78, 18
    parts = [
        f'<text x="{left + wide * (index + 0.5):.1f}" y="40" text-anchor="middle">{escape(column)}</text>'
        for index, column in enumerate(columns)
    ]
    for down, row in enumerate(rows):
        y = 48 + tall * down
        parts.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(row)}</text>')
        for across, column in enumerate(columns):
            if (row, column) in cells:
                parts.append(_cell(cells[row, column], left + wide * across, y, wide, tall))
    return _drawn("".join(parts), 60 + tall * len(rows), title)


def _cell(share: float | None, x: float, y: float, wide: float, tall: float) -> str:
    place = f'x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{tall - 2}"'
    centre = f'x="{x + wide / 2}" y="{y + 13}" text-anchor="middle"'
    if share is None:
        return f'<rect {place} fill="#e3e8ee"/><text {centre} fill="#7b8794">null</text>'
    depth = min(max(share, 0.0), 1.0)
    ink = "white" if depth > DARK else "#1f2933"
    return (
        f'<rect {place} fill="#0f5e73" fill-opacity="{0.08 + 0.92 * depth**3:.3f}"/>'
        f'<text {centre} fill="{ink}">{share:.0%}</text>'
    )


def _on_scale(body: str, count: int, title: str) -> dg.MarkdownMetadataValue:
    """Rows above a scale from 0 to 100%."""
    height = ROW * (count + 2) + 10
    ticks = "".join(
        f'<line x1="{_x(tick / 4):.1f}" x2="{_x(tick / 4):.1f}" y1="{ROW}" y2="{height - 24}" '
        f'stroke="#c9d1d9" stroke-width="1"/><text x="{_x(tick / 4):.1f}" y="{height - 8}" '
        f'text-anchor="middle">{tick * 25}%</text>'
        for tick in range(5)
    )
    return _drawn(ticks + body, height, title)


def _drawn(body: str, height: float, title: str) -> dg.MarkdownMetadataValue:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#1f2933">'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
        f'<text x="8" y="17" font-weight="bold">{escape(title)}</text>{body}</svg>'
    )
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return dg.MetadataValue.md(f"![{escape(title)}](data:image/svg+xml;base64,{data})")
