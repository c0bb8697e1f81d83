"""What Conv2d computes with: ``convolution`` next door, with every patch gathered at once.

NumPy begins an operation in microseconds, and a window of 3 × 3 asks for nine of them. Here an
index says for all patches where their numbers stand; a zero behind the image is what lies outside.
Nothing is examined (tests/unit/test_convolution.py compares both).
"""

from functools import lru_cache

import numpy as np

from ._fast import product


@lru_cache(maxsize=64)
def _index(shape, out_shape, size, stride):
    """Where the numbers of the patches stand: of the images for z, of dz for ∂loss/∂x.

    (C · size², pixels of z) and (K · size², pixels of x).
    """
    (c, *sides), (k, *outs), padding = shape, out_shape, size // 2
    of_image, of_dz, inside, met = [], [], [], []
    for side, to, axes in zip(sides, outs, ((0, 2), (1, 3)), strict=True):
        window = np.expand_dims(np.arange(size), [d for d in range(4) if d != axes[0]])
        here = [np.expand_dims(np.arange(n), [d for d in range(4) if d != axes[1]])
                for n in (to, side)]  # fmt: skip
        at = stride * here[0] + window - padding
        of_image.append(at)
        inside.append((at >= 0) & (at < side))
        at, rest = np.divmod(here[1] + padding - window, stride)
        of_dz.append(at)
        met.append((at >= 0) & (at < to) & (rest == 0))
    return _flat(c, of_image, sides, inside), _flat(k, of_dz, outs, met)


def _flat(channels, at, sides, there):
    """Positions (channels · size², pixels) in flat images; where not there, the one behind them."""
    pixels = sides[0] * sides[1]
    each = np.expand_dims(np.arange(channels) * pixels, (1, 2, 3, 4))
    each = np.where(there[0] & there[1], each + at[0] * sides[1] + at[1], channels * pixels)
    return each.reshape(-1, each.shape[3] * each.shape[4])


def _gather(x, index):
    """(m, n) → (rows, columns of the index, m), with a zero behind each x.

    The batch comes last: so a number of all images is copied at once.
    """
    with_zero = np.zeros((x.shape[1] + 1, len(x)), x.dtype)
    with_zero[:-1] = x.T
    return with_zero.take(index, axis=0)


def _of_patches(W, patches):
    """Each filter (K, n) times all patches (n, pixels, m), as rows again: (m, K · pixels)."""
    of_filter = product(W, patches.reshape(len(patches), -1))
    return np.ascontiguousarray(of_filter.reshape(-1, patches.shape[2]).T)


def conv2d(x, W, b, shape, out_shape, stride):
    """z (m, K · pixels) of x (m, C · H · W), and the patches for ``gradients``."""
    patches = _gather(x, _index(shape, out_shape, W.shape[-1], stride)[0])
    z = _of_patches(W.reshape(len(W), -1), patches)
    if b is not None:
        z += np.repeat(b, patches.shape[1])
    return z, patches


def gradients(dz, patches):
    """∂loss/∂W (K, C · size²) and ∂loss/∂b (K,) from dz (m, K · pixels)."""
    n, pixels, m = patches.shape
    dz = dz.T.reshape(-1, pixels * m)
    return product(dz, patches.reshape(n, -1).T), dz.sum(axis=1)


def to_image(dz, W, shape, out_shape, stride):
    """∂loss/∂x (m, C · H · W): each number of x gathers from the patches that it was in."""
    gathered = _gather(dz, _index(shape, out_shape, W.shape[-1], stride)[1])
    return _of_patches(W.swapaxes(0, 1).reshape(shape[0], -1), gathered)
