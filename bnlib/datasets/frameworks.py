"""What the batch normalization of five frameworks gave: numbers that were stored, no framework."""

import json
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from .files import FOLDER

SOURCE = "tests/reference/make.py in the repository of bnlib, run with the frameworks themselves"


@dataclass(frozen=True, eq=False)
class LayerRun:
    """A layer in a framework, trained on all batches and then put into inference mode.

    Attributes
    ----------
    arguments : dict
        What the layer was given, in the framework's own words.
    training : array (m, n), read-only
        What it made of the first batch in training mode.
    running_mean, running_var : array (steps, n), read-only
        Its averages after each batch; they start at 0 and 1.
    inference : array (m, n), read-only
        What it makes of the first batch in inference mode, after the last step.
    """

    arguments: MappingProxyType
    training: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray
    inference: np.ndarray


@dataclass(frozen=True, repr=False, eq=False)
class FrameworkResults:
    """One batch normalization in PyTorch, Keras, TensorFlow, Flax and ONNX: what went in and out.

    Attributes
    ----------
    batches : array (steps, m, n), read-only
        The training batches: ten of four examples of two units.
    gamma, beta : array (n,), read-only
    decay, eps : float
        Those of ``same``.
    default : dict of str to LayerRun
        Each framework that has a layer, with the arguments that it takes by itself.
    same : dict of str to LayerRun
        Each framework with this decay and ε in its own words; "PyTorch, functional" too.
    cumulative : LayerRun
        PyTorch with ``momentum=None``.
    one_example : dict of str to array (1, n) or str
        What training mode makes of a batch of one example, or the error.
    versions : dict of str to str
    source : str
    """

    batches: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    decay: float
    eps: float
    default: MappingProxyType
    same: MappingProxyType
    cumulative: LayerRun
    one_example: MappingProxyType
    versions: MappingProxyType
    source: str = SOURCE

    def __repr__(self):
        return f"FrameworkResults({', '.join(f'{k} {v}' for k, v in self.versions.items())})"


def _array(values):
    array = np.array(values, np.float64)
    array.setflags(write=False)
    return array


def _run(case):
    arrays = {name: _array(values) for name, values in case.items() if name != "arguments"}
    return LayerRun(MappingProxyType(case["arguments"]), **arrays)


@cache
def framework_results() -> FrameworkResults:
    """What PyTorch, Keras, TensorFlow, Flax and ONNX made of the same ten batches, in float64.

    A layer of two units with γ and β, trained on ten batches of four examples: with each
    framework's own default arguments (``default``), and with decay 0.9 and ε = 0.001 in all of them
    (``same``). The first unit is far from 0 and wide, the second narrow: its variance is only ten
    times that ε.

        frameworks = bn.datasets.framework_results()
        frameworks.same["Keras"].running_var[-1]      # of its two units, after ten batches

    The numbers were stored once, with the versions in ``versions``; no framework is needed to read
    them. ``source`` says how they are made again.
    """
    stored = json.loads((FOLDER / "frameworks.json").read_text(encoding="utf-8"))
    cases = stored["cases"]
    given = cases["given"]

    def runs(kind):
        return MappingProxyType({name: _run(case) for name, case in cases[kind].items()})

    def outcome(case):
        return case["error"] if "error" in case else _array(case["y"])

    alone = {name: outcome(case) for name, case in cases["one example"].items()}
    return FrameworkResults(
        batches=_array(given["batches"]), gamma=_array(given["gamma"]), beta=_array(given["beta"]),
        decay=given["decay"], eps=given["eps"], default=runs("default"), same=runs("same"),
        cumulative=_run(cases["cumulative"]["PyTorch"]), one_example=MappingProxyType(alone),
        versions=MappingProxyType(stored["versions"]),
    )  # fmt: skip
