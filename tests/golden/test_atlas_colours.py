"""Colours of the atlas can be told apart by every kind of colour vision."""

import re
from typing import Any

import pytest

from dagster_project.publishing.atlas.build import PAGE

# What each kind of colour blindness makes of linear red, green and blue (Machado and others 2009, severity 1).
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Oklab (Ottosson 2020), from linear red, green and blue.
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def _times(matrix: Any, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _lab(code: str, eye: Any) -> list[float]:
    parts = [int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    seen = [min(max(x, 0.0), 1.0) for x in _times(eye, linear)]
    return _times(TO_LAB, [x ** (1 / 3) for x in _times(TO_CONES, seen)])


@pytest.mark.parametrize("eye", SEEN)
def test_lines_differ_for_every_kind_of_colour_vision(eye: str) -> None:
    """China and the six countries of the first chart, light and dark: 9 of 100 apart, where 2 can just be seen."""
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    palettes = re.findall(
        r"--china: (#\w{6});" + "".join(rf".*?--c{number}: (#\w{{6}});" for number in range(1, 7)),
        style,
    )
    assert len(palettes) >= 2
    for palette in palettes:
        labs = [_lab(code, SEEN[eye]) for code in palette]
        near = min(
            100 * sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
            for place, one in enumerate(labs)
            for other in labs[:place]
        )
        assert near >= 9, (eye, palette, near)
