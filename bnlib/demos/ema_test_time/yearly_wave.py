"""How far behind the seasons an exponentially weighted average is, measured and in theory."""

from functools import cache

import numpy as np

from ...datasets import seattle_temperature

YEAR = 365.25  # days


@cache
def yearly_wave():
    """The yearly wave of the temperatures, and the matrix that fits one to the last three years."""
    celsius = seattle_temperature().celsius
    angle = 2 * np.pi * np.arange(len(celsius)) / YEAR
    columns = np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], axis=1)
    fit = np.linalg.pinv(columns[365:])  # the first year is left to the average to settle
    return columns @ (fit @ celsius[365:]), fit


@cache
def lag_and_height(decay):
    """How many days the average is behind the yearly wave, and the share of its height left.

    Returns
    -------
    measured : (days, share)
        A wave fitted to the average of 1461 days, beside one fitted to the temperatures.
    theory : (days, share)
        The average turns the wave e^{iωt} into H e^{iωt}, H = (1 − d) / (1 − d e^{−iω}).
    """
    celsius = seattle_temperature().celsius
    _, fit = yearly_wave()
    weights = (1 - decay) * decay ** np.arange(len(celsius))
    average = np.convolve(celsius, weights)[365 : len(celsius)]
    waves = [complex(*(fit @ series)[1:]) for series in (celsius[365:], average)]
    omega = 2 * np.pi / YEAR
    expected = (1 - decay) / (1 - decay * np.exp(-1j * omega))
    measured = waves[1] / waves[0]  # cos and sin as one complex number: a delay turns it forwards
    return (
        (abs(float(np.angle(measured))) / omega, float(abs(measured))),
        (abs(float(np.angle(expected))) / omega, float(abs(expected))),
    )
