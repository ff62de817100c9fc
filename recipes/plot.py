"""Lines in a picture, as SVG, with a name at the end of each: what `run` scripts and bench/attention-cost draw."""
import math
import xml.sax.saxutils

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 860, 520, 60, 20, 50, 190
COLOURS = ["#0b405e", "#357ba3", "#3fb8ad", "#b5651d", "#7a5195", "#c2410c", "#4d7c0f", "#64748b", "#be185d"]
NAME_HEIGHT = 14


def plot(lines, x_label, y_label, x_ticks, y_ticks, logarithmic=False):
    """lines: {name: [(x, y), ...]}, or (x, y, low, high) for a band around the line. Ticks are {place: text}; the first and the last are the
    ends of the axes. With more lines than colours the later ones are dashed."""
    scale = math.log10 if logarithmic else float
    right, below = WIDTH - RIGHT, HEIGHT - BOTTOM

    def along(ticks, begin, end):
        first, last = scale(min(ticks)), scale(max(ticks))
        return lambda value: begin + (end - begin) * (scale(value) - first) / (last - first)

    x_of, y_of = along(x_ticks, LEFT, right), along(y_ticks, below, TOP)
    path = lambda points: " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)  # noqa: E731
    text = xml.sax.saxutils.escape
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for value, name in y_ticks.items():
        y = y_of(value)
        out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text(name)}</text>')
    for value, name in x_ticks.items():
        x = x_of(value)
        out.append(f'<path d="M{x:.1f} {TOP}V{below}" stroke="#eee"/><text x="{x:.1f}" y="{below + 18}" text-anchor="middle">{text(name)}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{text(x_label)}</text>')
    out.append(f'<text transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{text(y_label)}</text>')
    styles = {name: (COLOURS[i % len(COLOURS)], "6 3" if i >= len(COLOURS) else "none") for i, name in enumerate(lines)}
    for name, points in lines.items():
        band = [point for point in points if len(point) == 4]
        if band:
            edge = [(x, low) for x, _, low, _ in band] + [(x, high) for x, _, _, high in reversed(band)]
            out.append(f'<polygon points="{path(edge)}" fill="{styles[name][0]}" opacity="0.15"/>')
    at = TOP - NAME_HEIGHT
    for y, name in sorted((y_of(points[-1][1]), name) for name, points in lines.items()):
        at = max(at + NAME_HEIGHT, y)  # names do not stand on each other
        colour, dash = styles[name]
        out.append(f'<polyline points="{path(point[:2] for point in lines[name])}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dash}"/>')
        out.append(f'<path d="M{right} {y:.1f}L{right + 18} {at:.1f}" stroke="{colour}" stroke-width="0.7"/>')
        out.append(f'<text x="{right + 22}" y="{at + 4:.1f}" fill="{colour}">{text(name)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
