"""who_shares_a_mean: the colours, the groups and the networks against what normalization does."""

import re
from pathlib import Path

import numpy as np
import pytest

import bnlib as bn
from bnlib.demos.in_practice.sharing import _by_turns, shares
from bnlib.demos.in_practice.small_images import (
    CHANNELS,
    DEPTHS,
    KINDS,
    SIZES,
    images_network,
    normalization,
    numbers_of_a_mean,
    pixels,
)
from bnlib.demos.in_practice.train_kinds import Falling, smooth, together
from bnlib.demos.in_practice.tuned_rates import RATES, tuned_rate

SHORT = {"steps": 50, "depth": 2}


@pytest.fixture(scope="module")
def demo():
    explorer = bn.demos.who_shares_a_mean()
    yield explorer
    explorer.close()


def affected(kind, groups, images, height, width, at):
    """Which outputs of the layer change when the input ``at`` (n, c, p) does, by moving it."""
    shape = CHANNELS, height, width
    (layer,) = normalization(kind, shape, groups)
    z = np.random.default_rng(0).normal(size=(images, CHANNELS * height * width))
    moved = z.reshape(images, CHANNELS, -1).copy()
    moved[at] += 3
    y, after = (layer.forward(each.reshape(z.shape), training=True) for each in (z, moved))
    return (np.abs(y - after) > 1e-9).reshape(moved.shape)


@pytest.mark.parametrize("at", [(0, 2, 0), (2, 7, 5), (1, 0, 3)])
@pytest.mark.parametrize(
    ("kind", "groups"),
    [(kind, 4) for kind in KINDS if kind != "none"] + [("group", g) for g in (1, 2, 8)],
)
def test_dark_is_what_a_number_moves_through_its_mean_and_spread(kind, groups, at):
    sets = shares(kind, 3, CHANNELS, 6, groups)
    np.testing.assert_array_equal(sets == sets[at], affected(kind, groups, 3, 2, 3, at))


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_share_as_is_said(kind):
    for groups in (1, 2, 4, 8):
        for depth in DEPTHS:
            sets = shares(kind, 5, CHANNELS, pixels(depth), groups)
            count = np.unique(sets, return_counts=True)[1]
            assert set(count) == {numbers_of_a_mean(kind, 5, depth, groups) or 1}


@pytest.mark.parametrize("kind", ["batch", "layer", "instance", "group"])
def test_neighbouring_sets_have_different_shades(kind):
    sets = shares(kind, 4, CHANNELS, 4, 4)
    parity = _by_turns(sets) % 2
    for axis in (1, 2) if kind == "batch" else (0, 1, 2):
        neighbours = np.diff(sets, axis=axis) != 0
        if axis or kind != "group":
            np.testing.assert_array_equal(np.diff(parity, axis=axis) != 0, neighbours)


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_last_normalization_gets_so_many_pixels(depth):
    for kind in KINDS:
        network = images_network(kind, 0, depth)
        last = network.layers[-1]
        assert last.n_in == CHANNELS * pixels(depth)


def test_all_kinds_start_from_equal_weights():
    networks = [images_network(kind, 3, 3) for kind in KINDS]
    weights = [[a.params["W"] for a in n.layers if "W" in a.params] for n in networks]
    for others in zip(*weights, strict=True):
        for other in others[1:]:
            np.testing.assert_array_equal(other, others[0])


def test_rates_are_there_for_every_setting():
    for kind in KINDS:
        for depth in DEPTHS:
            for groups in (1, 2, 4, 8):
                assert all(0 < tuned_rate(kind, size, depth, groups) <= 4 for size in SIZES)
    assert tuned_rate("group", 4, 3, 1) == tuned_rate("layer", 4, 3)
    assert {len(rates) for rates in RATES.values()} == {len(SIZES)}


def test_the_notebook_has_the_same_rates():
    """Its cells name them: two convolutions, batches of 1 and 2; four, batches of 2 to 64."""
    notebook = Path(__file__).resolve().parents[2] / "notebooks" / "08_in_practice.ipynb"
    written = notebook.read_text(encoding="utf-8")
    for kind in ("none", "batch", "layer", "group", "RMS"):
        name = "group 2" if kind == "group" else kind
        deep = RATES[name, 4]
        for rates in (RATES[name, 2][:2], (*deep[1:5], deep[6])):
            told = ", ".join(f"{rate:g}" for rate in rates)
            assert re.search(rf'\\"{kind}\\": \({re.escape(told)}\)', written), (kind, told)


def test_the_rate_falls_to_nothing():
    network, optimizer = images_network("none", 0, 2), Falling(0.4, 10)
    data = bn.datasets.standardized_digits()
    bn.fit(network, data, optimizer, steps=5, batch_size=4)
    assert optimizer.lr == pytest.approx(0.2)
    bn.fit(network, data, optimizer, steps=5, batch_size=4)
    assert optimizer.lr == 0


def test_smooth_is_a_mean_over_the_last_points():
    curve = np.random.default_rng(0).normal(size=(3, 20))
    for k in range(20):
        wanted = curve[:, max(k - 7, 0) : k + 1].mean(axis=1)
        np.testing.assert_allclose(smooth(curve)[:, k], wanted, rtol=1e-12)
    assert smooth(np.empty((1, 0))).shape == (1, 0)


def test_together_tells_of_the_one_that_is_least_far():
    parts = [
        {"step": step, "others": others, "seeds": seeds, "loss": {kind: k}, "accuracy": {kind: k},
         "diverged_runs": {kind: lost}, "diverged": bool(lost), "loss_steps": [*range(step)]}
        for k, (kind, step, others, seeds, lost) in enumerate(
            [("a", 9, 9, 5, 0), ("b", 4, 0, 1, 1)])
    ]  # fmt: skip
    told = together(parts)
    assert (told["step"], told["others"], told["seeds"], told["diverged"]) == (4, 0, 5, True)
    assert told["loss"] == {"a": 0, "b": 1}
    assert len(told["loss_steps"]) == 9


def test_results_have_a_number_for_every_kind_and_seed(demo):
    result = demo.result_at(**SHORT)
    assert result["sets"].shape == (2, CHANNELS, 16)
    assert set(result["accuracy"]) == set(result["loss"]) == set(KINDS)
    for kind in KINDS:
        assert result["accuracy"][kind].shape == (3, 5)  # after 20, 25 and 50 steps
        assert len(result["loss"][kind][0]) == len(result["loss_steps"]) == 10
    assert result["numbers"]["batch"] == 32


def test_one_group_is_layer_and_eight_are_instance_normalization(demo):
    for groups, kind in ((1, "layer"), (8, "instance")):
        result = demo.result_at(**SHORT, groups=groups)
        np.testing.assert_array_equal(result["accuracy"]["group"], result["accuracy"][kind])
        np.testing.assert_array_equal(result["loss"]["group"], result["loss"][kind])


def test_only_what_changes_is_trained_anew(demo, monkeypatch):
    made = []

    def make(kind, *arguments):
        made.append(kind)
        return images_network(kind, *arguments)

    monkeypatch.setattr("bnlib.demos.in_practice.train_kinds.images_network", make)
    demo.set(**SHORT | {"steps": 100})
    assert len(made) == 5 * len(KINDS)
    made.clear()
    demo.set(groups=2)
    assert made == ["group"] * 5
    made.clear()
    demo.set(kind="layer")
    assert made == []
    fresh = demo.result_at(**demo.values)["accuracy"]
    for kind in KINDS:
        np.testing.assert_array_equal(fresh[kind], demo.result["accuracy"][kind])
    demo.reset()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("batch", "one becomes +1"),
        ("instance", "comes β"),
        ("layer", "8 numbers share"),
        ("none", "nothing is normalized"),
    ],
)
def test_the_words_tell_what_becomes_of_one_and_of_two_numbers(demo, kind, words):
    demo.set(kind=kind, steps=50)
    assert words in demo.alternative_text


def test_divergence_is_told(demo):
    demo.reset()
    demo.set(factor=10.0, batch_size=4, depth=3)
    lost = demo.result["diverged_runs"]
    assert demo.result["diverged"]
    assert any(lost.values())
