"""How five frameworks (and bnlib) keep their running averages, in their words and in one."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

STEPS = 200
UNITS = {"wide, 4 ± 2": (4.0, 2.0), "narrow, −1 ± 0.03": (-1.0, 0.03)}  # mean and spread
BY_HAND, OURS = "tf.nn", "bnlib"
DIVISORS = ("m", "m − 1")


@dataclass(frozen=True)
class Convention:
    """What a layer does with what it is given: the fraction kept, ε, and how it averages."""

    decay: float
    eps: float
    unbiased: bool = False
    corrected: bool = False


@dataclass(frozen=True)
class Framework:
    """The words of one framework: its call, its defaults, and what its number means."""

    call: str
    number: float
    eps: float
    takes_new: bool = False  # its number is the share of the new value
    unbiased: bool = False

    def decay(self, number):
        """The fraction that is kept where it is given this number; its own inverse."""
        return round(1 - number, 9) if self.takes_new else number


FRAMEWORKS = {
    "Keras": Framework("BatchNormalization(momentum={number:g}, epsilon={eps:g})", 0.99, 1e-3),
    "PyTorch": Framework(
        "BatchNorm1d(1, momentum={number:g}, eps={eps:g})", 0.1, 1e-5, takes_new=True, unbiased=True
    ),
    BY_HAND: Framework(
        "v.assign({number:g} * v + {new:g} * var{factor})  # variance_epsilon={eps:g}",
        0.9, 1e-3,
    ),
    "Flax": Framework("BatchNorm(momentum={number:g}, epsilon={eps:g})", 0.99, 1e-5),
    "ONNX": Framework("BatchNormalization, momentum={number:g}, epsilon={eps:g}", 0.9, 1e-5),
    OURS: Framework(
        "BatchNorm(1, decay={number:g}, eps={eps:g}, bias_correction={corrected})", 0.9, 1e-5
    ),
}  # fmt: skip


def code(name, convention) -> str:
    """The line that gives this convention in a framework."""
    framework = FRAMEWORKS[name]
    return framework.call.format(
        number=framework.decay(convention.decay), new=round(1 - convention.decay, 9),
        eps=convention.eps, corrected=convention.corrected,
        factor=" * m / (m - 1)" if convention.unbiased else "",
    )  # fmt: skip


def first_of(name, number, eps, divisor, corrected) -> Convention:
    """What a framework does with its own number."""
    framework = FRAMEWORKS[name]
    unbiased = divisor == DIVISORS[1] if name == BY_HAND else framework.unbiased
    return Convention(framework.decay(number), eps, unbiased, corrected and name == OURS)


def second_of(name, how, first, number, divisor, corrected) -> Convention:
    """What another one does with the same number (copied), with its own or with a translated one.

    Translated is whatever can be: the share kept and ε, the divisor by hand, bnlib's correction.
    """
    framework = FRAMEWORKS[name]
    if how == "translated":
        unbiased = first.unbiased if name == BY_HAND else framework.unbiased
        return replace(first, unbiased=unbiased, corrected=first.corrected and name == OURS)
    if how == "its defaults" and name != BY_HAND:
        return first_of(name, framework.number, framework.eps, divisor, name == OURS)
    return first_of(name, number, first.eps, divisor, corrected)


def reasons(one, other, name, m):
    """What the framework ``name`` would need to do as ``one`` does, where it does as ``other``."""
    if one.decay != other.decay:
        word = "decay" if name in (OURS, BY_HAND) else "momentum"
        yield f"{word} {FRAMEWORKS[name].decay(one.decay):g}"
    if one.eps != other.eps:
        yield f"ε {one.eps:g}"
    if one.unbiased != other.unbiased:
        by = f"{m}/{m - 1}".removesuffix("/1") if one.unbiased else f"{m - 1}/{m}"
        how = "can be written by hand" if name == BY_HAND else "no argument gives"
        yield f"each batch's variance times {by}, which {how}"
    if one.corrected != other.corrected:
        gone = "" if name == OURS else ", which it does not have: the start must fade"
        yield f"bias correction {'on' if one.corrected else 'off'}{gone}"


@cache
def draws(unit):
    """200 batches of 64 examples of a unit, always the same, and eight examples apart."""
    mean, spread = UNITS[unit]
    rng = np.random.default_rng(5)
    batches, apart = rng.standard_normal((STEPS, 64)), rng.standard_normal(8)
    return mean + spread * batches, mean + spread * np.sort(apart)


@cache
def statistics(unit, m):
    """Mean and biased variance (steps, 2) of each batch of m."""
    z = draws(unit)[0][:, :m]
    return np.stack([z.mean(axis=1), z.var(axis=1)], axis=1)


def running(of_batches, convention, m):
    """Running mean and variance (steps + 1, 2) over batches of m; they start at 0 and 1.

    ``of_batches`` (steps, 2): mean and biased variance of each.
    """
    decay, factor = convention.decay, m / (m - 1) if convention.unbiased else 1.0
    new = (1 - decay) * of_batches * (1.0, factor)
    averages = np.empty((len(new) + 1, 2))
    averages[0] = start = 0.0, 1.0
    for t, value in enumerate(new, start=1):
        averages[t] = decay * averages[t - 1] + value
    if convention.corrected:
        left = decay ** np.arange(1, len(new) + 1)[:, None]
        averages[1:] = (averages[1:] - left * start) / (1 - left)
    return averages


def predicted(z, average, eps):
    """z_norm in inference mode with a running mean and variance."""
    mean, var = average
    return (z - mean) / np.sqrt(var + eps)
