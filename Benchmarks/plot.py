"""A plot of several panels over one x axis, as SVG that a browser and GitHub show, in light and in dark."""
import math
from html import escape

WIDTH, HEIGHT, COLUMNS = 280, 180, 3
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 30, 26

STYLE = """
text { font: 11px system-ui, sans-serif; fill: #444 } .title { font-size: 12px; font-weight: 600; fill: #111 }
.ground { fill: #fff } .grid { stroke: #e4e4e4 } .line { fill: none; stroke: #1769aa; stroke-width: 2 } .dot { fill: #1769aa }
@media (prefers-color-scheme: dark) { text { fill: #bbb } .title { fill: #eee } .ground { fill: #0d1117 }
.grid { stroke: #30363d } .line { stroke: #58a6ff } .dot { fill: #58a6ff } }
"""


def ceiling(value):
    """The next round number: 1, 2, 2.5 or 5 with zeros."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * 0.999)


def number(value):
    return "%d" % round(value) if value >= 100 else "%.3g" % value


def panel(x, y, title, xs, ys):
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    most_x, most_y = ceiling(max(xs)), ceiling(max(ys))
    points = [(x + LEFT + wide * a / most_x, y + TOP + high * (1 - b / most_y)) for a, b in zip(xs, ys)]
    out = ['<text class="title" x="%d" y="%d">%s</text>' % (x + LEFT, y + 18, escape(title))]
    for part in (0, 0.5, 1):
        at = y + TOP + high * (1 - part)
        out += ['<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>' % (x + LEFT, at, x + WIDTH - RIGHT, at),
                '<text x="%d" y="%.1f" text-anchor="end">%s</text>' % (x + LEFT - 6, at + 4, number(most_y * part)),
                '<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (
                    x + LEFT + wide * part, y + HEIGHT - BOTTOM + 16, number(most_x * part))]
    out.append('<polyline class="line" points="%s"/>' % " ".join("%.1f,%.1f" % point for point in points))
    out += ['<circle class="dot" cx="%.1f" cy="%.1f" r="3"><title>%s: %s</title></circle>' % (*point, number(a), number(b))
            for point, a, b in zip(points, xs, ys)]
    return out


def panels(title, across, xs, named):
    """`named`: (title, values at xs) of each panel. All axes begin at 0."""
    rows = math.ceil(len(named) / COLUMNS)
    wide, high = WIDTH * COLUMNS, HEIGHT * rows + 46
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">' % (wide, high, wide, high),
           "<title>%s</title>" % escape(title), "<style>%s</style>" % STYLE,
           '<rect class="ground" width="%d" height="%d"/>' % (wide, high),
           '<text class="title" x="%d" y="18" text-anchor="middle">%s</text>' % (wide / 2, escape(title))]
    for i, (words, ys) in enumerate(named):
        out += panel(i % COLUMNS * WIDTH, 22 + i // COLUMNS * HEIGHT, words, xs, ys)
    out.append('<text x="%d" y="%d" text-anchor="middle">%s</text>' % (wide / 2, high - 8, escape(across)))
    return "\n".join(out + ["</svg>", ""])
