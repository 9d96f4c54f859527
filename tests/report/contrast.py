"""How well text stands out from its ground: the contrast of WCAG 2.2, of colours and of figures.

Its level AA asks for 4.5: https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

ENOUGH = 4.5


def light(color) -> np.ndarray:
    """Red, green and blue of a colour as shares of light."""
    encoded = np.asarray(to_rgb(color))
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(one, other) -> float:
    """From 1, the same lightness, to 21, black on white."""
    dark, bright = sorted(light(color) @ (0.2126, 0.7152, 0.0722) for color in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def faint(figure) -> list[str]:
    """The texts of a figure that are hard to read, with their colours and contrast.

    The ground of a text is what the figure shows there without texts; one with an outline stands on that.
    """
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    # black text beside the data, as most of it is, needs no drawing
    texts = [text for text in texts if text.axes and text in text.axes.texts or any(to_rgb(text.get_color()))]
    if not texts:
        return []
    colors = [text.get_color() for text in texts]
    figure.canvas.draw()
    for text in texts:
        text.set_color((0, 0, 0, 0))  # its box stays
    figure.canvas.draw()
    pixels, found = np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3] / 255, []
    for text, color in zip(texts, colors):
        text.set_color(color)
        outlines = [effect for effect in text.get_path_effects() if isinstance(effect, withStroke)]
        box = text.get_window_extent()
        inside = pixels[max(int(box.y0), 0) : int(box.y1) + 1, max(int(box.x0), 0) : int(box.x1) + 1]
        if outlines:
            ground = outlines[0]._gc["foreground"]
        elif inside.size:
            ground = tuple(np.median(inside.reshape(-1, 3), axis=0))
        else:
            continue  # outside the picture
        alpha = 1 if text.get_alpha() is None else text.get_alpha()
        shown = tuple(alpha * np.asarray(to_rgb(color)) + (1 - alpha) * np.asarray(to_rgb(ground)))
        if (measured := contrast(shown, ground)) < ENOUGH:
            found.append(f"{text.get_text()!r}: {to_hex(shown)} on {to_hex(ground)}, {measured:.2f}")
    return found
