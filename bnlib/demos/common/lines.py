"""What the lines of several demos have in common."""

import numpy as np

DOTS = {"linestyle": "none", "marker": "o"}
OPEN = DOTS | {"markerfacecolor": "white", "markeredgewidth": 1.4}  # dots with white inside
SMALL_LEGEND = {"fontsize": 8, "frameon": False}  # of chosen lines


def joined(x, y):
    """Lines x and y (points, lines) end to end, with a gap after each: two arrays for one line."""
    x, y = np.broadcast_arrays(x, y)
    gap = np.full((1, y.shape[1]), np.nan)
    return np.r_[x, gap].T.ravel(), np.r_[y, gap].T.ravel()
