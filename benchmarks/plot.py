"""Lines in a picture of our own: both axes logarithmic, a decade a grid line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 40, 45
COLORS = ("#1b4f72", "#b9770e", "#922b21", "#7f8c8d", "#1e8449")


def lines(title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """An SVG: a line a name, of points (x, y)."""
    xs = [log10(x) for points in series.values() for x, _ in points]
    ys = [log10(y) for points in series.values() for _, y in points]
    left, right, low, high = min(xs), max(xs), floor(min(ys)), ceil(max(ys))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / ((right - left) or 1)
        up = (y - low) / ((high - low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
    ]
    for decade in range(low, high + 1):
        x, y = at(left, decade)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{10**decade:g} s</text>')
    for value in sorted({x for points in series.values() for x, _ in points}):
        x, y = at(log10(value), low)
        parts.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{value:,.0f}</text>')
    ends = sorted((at(log10(p[-1][0]), log10(p[-1][1]))[1], name) for name, p in series.items() if p)
    shown = _apart([y for y, _ in ends])
    for (_, name), label in zip(ends, shown, strict=True):
        color = COLORS[list(series).index(name) % len(COLORS)]
        points = [at(log10(x), log10(y)) for x, y in series[name]]
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="M{way}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points]
        parts.append(
            f'<text x="{WIDTH - RIGHT + 10}" y="{label + 4:.1f}" fill="{color}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def _apart(places: Sequence[float], gap: float = 16) -> list[float]:
    """The same order, none nearer to the one before than a line of text."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + gap) if found else place)
    return found
