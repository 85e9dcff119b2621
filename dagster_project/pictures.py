"""Small pictures for the UI, as SVG data URIs in Markdown (Dagster strips raw SVG)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import dagster as dg

WIDTH, ROW, LABEL, SCALE = 760, 26, 210, 470
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
    height = ROW * (len(rows) + 2) + 10
    ticks = "".join(
        f'<line x1="{_x(tick / 4):.1f}" x2="{_x(tick / 4):.1f}" y1="{ROW}" y2="{height - 24}" '
        f'stroke="#c9d1d9" stroke-width="1"/><text x="{_x(tick / 4):.1f}" y="{height - 8}" '
        f'text-anchor="middle">{tick * 25}%</text>'
        for tick in range(5)
    )
    body = "".join(_row(row, ROW * (index + 1.5)) for index, row in enumerate(rows))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="12" fill="#1f2933">'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
        f'<text x="8" y="17" font-weight="bold">{escape(title)}</text>{ticks}{body}</svg>'
    )
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    return dg.MetadataValue.md(f"![{escape(title)}](data:image/svg+xml;base64,{data})")
