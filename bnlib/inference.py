"""A trained network made ready for use: better statistics, or no batch normalization at all."""

import copy

import numpy as np

from .batch_statistics import moments
from .convolution import Conv2d
from .layers import BatchNorm, Dropout, Linear
from .network import Network
from .residual import Residual
from .validation import as_array, as_network, quietly


@quietly
def recompute_statistics(network, x):
    """Give every BatchNorm the mean and the biased variance of its inputs over all of x.

    x (N, n) is the training set, as the network was trained on it. Layer by layer from the first:
    each is set and then used, so that the next one sees what it will see in inference. The
    parameters stay; so does everything else.

    Source: Wu and Johnson, "Rethinking 'Batch' in BatchNorm" (2021), section 3, who call it precise
    BatchNorm and average over batches; here x fits in one.
    """
    x = as_array(x, "x").astype(as_network(network).dtype, copy=False)
    trial = copy.deepcopy(network)  # where x is refused, network is as it was
    _recompute(trial.layers, x)
    for layer, better in zip(_batch_norms(network), _batch_norms(trial), strict=True):
        layer.set_statistics(better.running_mean, better.running_var)


def _batch_norms(network):
    for layer in network.layers:
        if isinstance(layer, Residual):
            yield from _batch_norms(layer.branch)
        if isinstance(layer, BatchNorm):
            yield layer


def _recompute(layers, x):
    for layer in layers:
        if isinstance(layer, BatchNorm):
            if not np.isfinite(x).all():
                raise ValueError(f"x is too large: what comes to {layer!r} is not finite")
            layer.set_statistics(*moments(layer.rows(x)))
        if isinstance(layer, Residual):
            _recompute(layer.branch.layers, x)
        x = layer.forward(x)


def fold_batch_norm(network):
    """A Network without BatchNorm whose output is that of ``network`` in inference mode.

    In inference y = scale · z + shift with scale = γ / √(σ² + ε) and shift = β − scale · μ, unit by
    unit; a Linear beside it takes both in:

    - after z = aW + b:       W ← W · scale,  b ← b · scale + shift      (columns of W)
    - before z = yW + b:      W ← scale · W,  b ← b + shift W            (rows of W)
    - after a convolution:     as after a Linear, channel by channel

    The branch of a Residual is folded by itself. ``network`` stays as it is. Raises ValueError
    where a BatchNorm has no Linear and no Conv2d right before it, and no Linear after it (but for
    Dropout, which does nothing in inference). A Conv2d after it will not do: at the border its
    zeros are zeros of y.
    """
    layers = copy.deepcopy(as_network(network).layers)
    k = 0
    while k < len(layers):
        if isinstance(block := layers[k], Residual):
            alpha = block.params["alpha"][0] if "alpha" in block.params else None
            layers[k] = Residual(fold_batch_norm(block.branch).layers, alpha)
        if not isinstance(layers[k], BatchNorm):
            k += 1
            continue
        scale, shift = _scale_and_shift(layers[k])
        after = next((a for a in layers[k + 1 :] if not isinstance(a, Dropout)), None)
        if k and isinstance(folded := layers[k - 1], Conv2d):
            W, b = _weights(folded)
            folded.params |= {"W": W * scale[:, None, None, None], "b": b * scale + shift}
        elif k and isinstance(folded := layers[k - 1], Linear):
            W, b = _weights(folded)
            scale, shift = (np.repeat(each, W.shape[1] // len(each)) for each in (scale, shift))
            folded.params |= {"W": W * scale, "b": b * scale + shift}
        elif isinstance(folded := after, Linear):
            W, b = _weights(folded)
            scale, shift = (np.repeat(each, W.shape[0] // len(each)) for each in (scale, shift))
            folded.params |= {"W": scale[:, None] * W, "b": b + shift @ W}
        else:
            raise ValueError(f"layers[{k}] {layers[k]!r} has nothing beside it to be folded into")
        folded.grads = {name: np.zeros_like(value) for name, value in folded.params.items()}
        del layers[k]
    return Network(layers)


def _scale_and_shift(layer):
    gamma, beta = layer.params["gamma"], layer.params["beta"]
    scale = gamma / np.sqrt(layer.running_var + gamma.dtype.type(layer.eps))
    return scale, beta - scale * layer.running_mean


def _weights(layer):
    W = layer.params["W"]
    channels = W.shape[0 if isinstance(layer, Conv2d) else 1]
    return W, layer.params.get("b", np.zeros(channels, W.dtype))
