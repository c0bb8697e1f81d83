"""What is different where Python itself runs in the browser: one core, no BLAS, no processes."""

import sys

from .validation import as_count

IN_BROWSER = sys.platform == "emscripten"


def seeds(count, *, in_browser, first=0):
    """The seeds of a comparison: ``count`` of them, or the first ``in_browser`` of these where
    Python runs in the browser.

    There a network takes five to ten times as long to train. Fewer runs say less, so print how many
    there were, ``len(seeds)``, and the error that belongs to them.

    Parameters
    ----------
    count, in_browser : int
        At least 1, and ``in_browser`` at most ``count``.
    first : int ≥ 0

    Returns range(first, first + how many).

    Raises ValueError or TypeError where a number is not of this kind.
    """
    count, first = as_count(count, "count"), as_count(first, "first", low=0)
    fewer = as_count(in_browser, "in_browser", high=count)
    return range(first, first + (fewer if IN_BROWSER else count))
