"""Few inks and one look for every picture, and no message above the first one."""

import logging


def _not_the_fonts(record):
    """Where Matplotlib has no list of the fonts yet it makes one, and says so on stderr: in the
    browser at every start."""
    return not record.getMessage().startswith("Matplotlib is building the font cache")


logging.getLogger("matplotlib.font_manager").addFilter(_not_the_fonts)

# Okabe and Ito's palette, which readers with a colour vision deficiency can tell apart.
# Pictures never rely on it alone: every series has a line style, a marker or a label of its own.
INK = "#222222"
GREY = "#8a8a8a"
QUIET = "#6b6b6b"  # grey words: they need more contrast with white than grey lines
FAINT = "#d5d5d5"
BLUE = "#0072B2"
ORANGE = "#D55E00"
RUST = "#B85100"  # orange words
GREEN = "#009E73"
PINK = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#E69F00"
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, YELLOW)
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2)), (0, (3, 1.2)), (0, (8, 3)))

RC = {
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "white",
    "figure.facecolor": "white",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
}
