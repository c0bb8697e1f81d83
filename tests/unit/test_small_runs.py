"""The small experiment: its networks, a step without noise, and a run trained by hand."""

import numpy as np
import pytest

import bnlib as bn
from bnlib.datasets import few_digits
from bnlib.small_runs import KINDS, evaluate_all


def test_without_noise_is_the_gradient_of_the_batch_loss_with_everybodys_statistics():
    """Against finite differences of that loss, written out."""
    x, y = (part[:24] for part in few_digits(128, 0)["train"])
    x = x[:, x.std(axis=0) > 0][:, :6].astype(np.float64)
    y = y % 3
    layers = [bn.Linear(6, 4, dtype="float64"), bn.BatchNorm(4, dtype="float64"), bn.Tanh(),
              bn.Linear(4, 3, dtype="float64")]  # fmt: skip
    network = bn.Network(layers)
    batch = np.random.default_rng(5).permutation(24)[:7]  # the first that seed 5 gives
    start = network.flat_params.copy()

    def loss(params):
        network.flat_params[...] = params
        return bn.softmax_cross_entropy(network.forward(x, training=True)[batch], y[batch])[0]

    gradient = np.array(
        [(loss(start + h) - loss(start - h)) / 2e-6 for h in 1e-6 * np.eye(start.size)]
    )
    network.flat_params[...] = start
    options = {"steps": 1, "batch_size": 7, "seed": 5, "step": bn.step_without_noise}
    snapshot = bn.fit(network, (x, y), bn.SGD(0.1), **options)
    moved = network.flat_params.copy()
    np.testing.assert_allclose(snapshot.loss, loss(start))
    np.testing.assert_allclose((start - moved) / 0.1, gradient, atol=1e-7)


@pytest.mark.parametrize("kind", ["neither", "BN"])
def test_one_batch_of_everybody_is_ordinary_training(kind):
    data = few_digits(128, 1)["train"]
    told = []
    for step in (None, bn.step_without_noise):
        network = bn.small_network(kind, 1, dtype="float64")
        options = {"steps": 6, "batch_size": 128, "seed": 1, "every": 2, "step": step}
        run = bn.train(network, data, bn.SGD(0.3), **options)
        told.append([(s.step, s.loss) for s in run])
    np.testing.assert_allclose(told[0], told[1], rtol=1e-9)


def test_without_noise_ends_where_it_diverges():
    network, data = bn.small_network("neither", 0), few_digits(128, 0)
    options = {"steps": 200, "batch_size": 16, "step": bn.step_without_noise}
    last = bn.fit(network, data["train"], bn.SGD(1e4), **options)
    assert last.diverged
    assert last.step < 200
    assert evaluate_all(network, data)["test"].accuracy < 0.3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["neither", "BN"])
@pytest.mark.parametrize("factor", [1e15, 1e25, 1e38, np.inf])
def test_a_network_near_its_end_is_evaluated_without_a_word(kind, factor):
    network, data = bn.small_network(kind, 0), few_digits(128, 0)
    with np.errstate(all="ignore"):
        network.flat_params[...] *= factor
    for told in evaluate_all(network, data).values():
        assert 0 <= told.accuracy < 0.5


def test_kinds_have_the_layers_that_they_are_called_after():
    for kind in KINDS:
        layers = [type(layer).__name__ for layer in bn.small_network(kind, 0).layers]
        assert ("BatchNorm" in layers) == (kind in ("BN", "both"))
        assert ("Dropout" in layers) == (kind in ("dropout", "both"))
    assert "size=8" in repr(bn.small_network("BN", 0, parts_of=8))


def test_runs_are_what_training_by_hand_gives():
    data, network = few_digits(256, 2), bn.small_network("BN", 2, dtype="float64")
    sgd = bn.SGD(0.3)
    for snapshot in bn.train(network, data["train"], sgd, steps=300, batch_size=32, seed=2):
        network.flat_params[...] = np.round(network.flat_params * 2**16) / 2**16
        if snapshot.step % 10 == 0:
            sgd.lr = 0.3 * (300 - snapshot.step) / 300
    bn.recompute_statistics(network, data["train"][0])
    wanted = {name: bn.evaluate(network, *part).accuracy for name, part in data.items()}
    assert bn.small_run(("BN", "batch", 32, 0.3, 2)) == wanted
    assert bn.small_run(("BN", 32, 32, 0.3, 2)) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("noise", [1e-13, -1e-13])
def test_runs_forget_what_processors_differ_by(monkeypatch, noise):
    """Batches of 4, in which BN makes the smallest difference grow."""
    job = ("BN", "batch", 4, 0.3, 5)
    plain = bn.small_run(job)
    step = bn.SGD._step
    monkeypatch.setattr(bn.SGD, "_step", lambda self, p, g: step(self, p, g * (1 + noise)))
    assert bn.small_run(job) == plain


def test_only_so_many_examples_are_looked_at():
    network, data = bn.small_network("BN", 0), few_digits(128, 0)
    few = evaluate_all(network, data, 50)
    np.testing.assert_allclose(
        network.layers[1].running_mean,
        (data["train"][0] @ network.layers[0].params["W"]).mean(axis=0),
        atol=1e-5,
    )
    for name, (x, y) in data.items():
        assert few[name] == bn.evaluate(network, x[:50], y[:50])


def test_a_kind_that_there_is_not_is_said():
    with pytest.raises(ValueError, match="kind must be"):
        bn.small_network("batch norm", 0)
