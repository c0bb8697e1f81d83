"""The checks of notebook 03 name the mistakes one by one."""

import re
from pathlib import Path

import numpy as np
import pytest

import bnlib as bn

SOLUTIONS = Path(__file__).parent.parent.parent / "notebooks" / "solutions"


def solution(file, name):
    space = {"np": np, "bn": bn}
    exec((SOLUTIONS / file).read_text(), space)
    return space[name]


@pytest.mark.parametrize(
    ("check", "file", "name"),
    [
        ("undo", "03_1_undo.py", "undo"),
        ("gamma_beta_gradients", "03_2_gradients.py", "gradients"),
        ("fold_bias", "03_3_fold_bias.py", "fold_bias"),
    ],
)
def test_the_solution_is_right(check, file, name):
    verdict = getattr(bn.checks, check)(solution(file, name))
    assert verdict, verdict
    assert repr(verdict).startswith("Right.")


@pytest.mark.parametrize("check", ["undo", "gamma_beta_gradients", "fold_bias"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda *given: ...,
        lambda *given: None,
        lambda *given: (..., ...),
        lambda *given: "gamma",
        lambda *given: 1 / 0,
        lambda *given: (np.nan, np.nan),
        lambda *given: (np.zeros(3), np.zeros(3)),
        lambda *given: (np.full(3, np.nan), np.ones(3)),
        lambda *given: (np.ones((3, 3)), np.ones(2)),
        lambda *given: np.zeros(3),
        lambda: None,
    ],
)
def test_nothing_that_an_answer_does_raises(check, answer):
    verdict = getattr(bn.checks, check)(answer)
    assert not verdict
    assert repr(verdict).startswith("Not yet.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda z, eps: (z.mean(axis=0), np.sqrt(z.var(axis=0) + eps)), "swapped"),
        (lambda z, eps: (1 / np.sqrt(z.var(axis=0) + eps), z.mean(axis=0)), "undo a division"),
        (lambda z, eps: (z.var(axis=0) + eps, z.mean(axis=0)), "square root is missing"),
        (lambda z, eps: (z.std(axis=0), z.mean(axis=0)), "γ is σ. Here ε = 0.5"),
        (lambda z, eps: (z.std(axis=0) + eps, z.mean(axis=0)), "γ is σ \\+ ε"),
        (lambda z, eps: (np.sqrt(z.var(axis=0, ddof=1) + eps), z.mean(axis=0)), "m − 1"),
        (lambda z, eps: (np.sqrt(z.var(axis=0) + eps), -z.mean(axis=0)), "wrong sign"),
        (lambda z, eps: (np.sqrt(z.var(axis=0) + eps), 0 * z[0]), "β is not"),
        (lambda z, eps: (np.sqrt(z.var() + eps), z.mean()), "axis=0"),
        (lambda z, eps: (np.ones(3), z.mean(axis=0)), "γ is not right"),
    ],
)
def test_undo_names_the_mistake(answer, words):
    assert not bn.checks.undo(answer)
    assert re.search(words, bn.checks.undo(answer).message)


def parts(da, z, gamma, beta):
    z_norm = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)
    slope = 1 - np.tanh(gamma * z_norm + beta) ** 2
    return z_norm, da * slope, slope


def wrong_gradients(kind):
    def answer(da, z, gamma, beta):
        z_norm, dz, _ = parts(da, z, gamma, beta)
        right = (dz * z_norm).sum(axis=0), dz.sum(axis=0)
        return {
            "swapped": right[::-1],
            "mean": ((dz * z_norm).mean(axis=0), dz.mean(axis=0)),
            "no slope": ((da * z_norm).sum(axis=0), da.sum(axis=0)),
            "no slope in dγ": ((da * z_norm).sum(axis=0), right[1]),
            "z": ((dz * z).sum(axis=0), right[1]),
            "z̃": ((dz * (gamma * z_norm + beta)).sum(axis=0), right[1]),
            "elsewhere": (right[0] + 1, right[1]),
            "sign": (right[0], -right[1]),
        }[kind]

    return answer


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("swapped", "swapped"),
        ("mean", "average over the batch"),
        ("no slope", "dβ lacks the slope"),
        ("no slope in dγ", "dγ lacks the slope"),
        ("z", "z_norm, not z"),
        ("z̃", "before γ and β"),
        ("elsewhere", "dγ is .* finite differences"),
        ("sign", "dβ is .* finite differences"),
    ],
)
def test_gradients_names_the_mistake(kind, words):
    verdict = bn.checks.gamma_beta_gradients(wrong_gradients(kind))
    assert not verdict
    assert re.search(words, verdict.message)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda b, mean, var, gamma, beta, eps: beta, "the old β"),
        (lambda b, mean, var, gamma, beta, eps: beta + b, "divided and multiplied"),
        (lambda b, mean, var, gamma, beta, eps: beta + b / np.sqrt(var + eps), "then multiplied"),
        (lambda b, mean, var, gamma, beta, eps: beta + gamma * b, "before that divided"),
        (lambda b, mean, var, gamma, beta, eps: beta - gamma * b / np.sqrt(var + eps), "sign"),
        (lambda b, mean, var, gamma, beta, eps: beta + gamma * b / np.sqrt(var), "under the root"),
        (lambda b, mean, var, gamma, beta, eps: beta + gamma * b / (var + eps), "root of"),
        (
            lambda b, mean, var, gamma, beta, eps: beta + gamma * (b - mean) / np.sqrt(var + eps),
            "subtracted twice",
        ),
        (lambda b, mean, var, gamma, beta, eps: beta + 7, "outputs differ by up to"),
    ],
)
def test_fold_bias_names_the_mistake(answer, words):
    verdict = bn.checks.fold_bias(answer)
    assert not verdict
    assert words in verdict.message
