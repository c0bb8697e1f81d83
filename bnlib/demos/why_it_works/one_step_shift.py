"""What one step of gradient descent does to the layers above: two measures of the shift."""

import copy

import numpy as np

from ...activations import Activation
from ...layers import Linear
from ...losses import softmax_cross_entropy
from ...threads import one_blas_thread

BEYOND = 1e9  # σ


def into_each_g(network, x):
    """What goes into each activation for x, with μ and σ² of x itself: arrays (m, n), in order."""
    outputs = network.batch_activations(x)
    places = [k for k, layer in enumerate(network.layers) if isinstance(layer, Activation)]
    return [outputs[k - 1] for k in places]


def distribution_shift(before, after):
    """How far each unit's distribution over a batch moves, in its own standard deviations: (n,).

    √((μ' − μ)² + (σ' − σ)²) / σ for ``before`` and ``after``, both (m, n). For normal
    distributions it is the Wasserstein distance of order 2, over σ.
    """
    mean, std = before.mean(axis=0), before.std(axis=0)
    moved = np.hypot(after.mean(axis=0) - mean, after.std(axis=0) - std)
    return moved / np.maximum(std, np.finfo(std.dtype).tiny)


def weight_gradients(network, x, y):
    """Forward and backward in training mode: a copy of every Linear's dW, flat; NaN where the
    network has diverged."""
    logits = network.forward(x, training=True)
    if np.isfinite(logits).all():
        network.backward(softmax_cross_entropy(logits, y)[1], input_gradient=False)
    else:
        network.flat_grads[...] = np.nan
    return [a.grads["W"].ravel().copy() for a in network.layers if isinstance(a, Linear)]


def cosine(one, other):
    """Of the angle between two vectors."""
    return one @ other / (np.linalg.norm(one) * np.linalg.norm(other))


def one_step_shift(network, x, y, lr, probe):
    """What a step of rate ``lr`` on the mini-batch x (m, n), y (m,) would move; nothing changes.

    Returns a dict of

    - distribution (layers,): for each hidden layer the median over its units of
      :func:`distribution_shift` of what goes into g, for the examples ``probe`` (k, n);
    - gradient (layers,): for each Linear but the first, the cosine of the angle between its
      gradient dW before the step and after *only the layers below it* have taken the step. 1:
      these did not disturb it. Santurkar and others (2018, definition 2.1) call the length of
      the difference of the two the internal covariate shift.
    - unit: what goes into g of the first unit of the last hidden layer, before and after: (2, k).

    Noise that is new in every step is drawn anew for each of these. Where the step leads beyond all
    floats the shift is ``BEYOND`` and the cosine 0.
    """
    scratch = copy.deepcopy(network)
    with one_blas_thread(), np.errstate(all="ignore"):
        before, gradients = into_each_g(scratch, probe), weight_gradients(scratch, x, y)
        params, step = scratch.flat_params.copy(), lr * scratch.flat_grads
        cosines, below = [], 0  # below: how many parameters are in the layers below this one
        for layer in scratch.layers:
            if below and isinstance(layer, Linear):
                scratch.flat_params[...] = params
                scratch.flat_params[:below] -= step[:below]
                number = len(cosines) + 1
                moved = weight_gradients(scratch, x, y)[number]
                cosines.append(cosine(gradients[number], moved))
            below += sum(value.size for value in layer.params.values())
        scratch.flat_params[...] = params - step
        after = into_each_g(scratch, probe)
        shift = [np.median(distribution_shift(*pair)) for pair in zip(before, after, strict=True)]
    unit = np.array([before[-1][:, 0], after[-1][:, 0]])
    return {
        "distribution": np.nan_to_num(shift, nan=BEYOND, posinf=BEYOND),
        "gradient": np.nan_to_num(cosines),
        "unit": np.nan_to_num(unit),
    }
