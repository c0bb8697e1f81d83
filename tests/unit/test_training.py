import threading
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from numerics import batch

import bnlib as bn
from bnlib import threads, training


def problem(m=50, n=4, k=3, dtype="float32"):
    """Examples of k classes that a small network learns."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, k, m)
    centres = 2 * rng.standard_normal((k, n))
    return (centres[y] + rng.standard_normal((m, n))).astype(dtype), y


def run(net=None, data=None, optimizer=None, **options):
    net = net or bn.mlp([4, 8, 3], "tanh", batch_norm=True, dtype="float64")
    options = dict(steps=10, batch_size=10) | options
    return net, list(bn.train(net, data or problem(), optimizer or bn.SGD(0.1), **options))


def test_training_learns():
    x, y = problem()
    net = bn.mlp([4, 8, 3], "sigmoid", batch_norm=True)
    before = bn.evaluate(net, x, y)
    _, snapshots = run(net, (x, y), bn.Momentum(0.1), steps=200)
    after = bn.evaluate(net, x, y)
    assert after.loss < 0.5 * before.loss
    assert after.accuracy > 0.75
    assert snapshots[-1].loss < snapshots[0].loss


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(5, 1, [1, 2, 3, 4, 5]), (7, 3, [3, 6, 7]), (4, 10, [4]), (6, 3, [3, 6]), (0, 1, [])],
)
def test_snapshots_come_every_so_many_steps_and_at_the_end(steps, every, expected):
    _, snapshots = run(steps=steps, every=every)
    assert [s.step for s in snapshots] == expected
    assert not any(s.diverged for s in snapshots)
    assert all(isinstance(s.loss, float) for s in snapshots)


def test_every_changes_what_is_seen_and_not_what_is_done():
    one, all_of_one = run(every=1)
    other, some = run(every=4)
    np.testing.assert_array_equal(one.flat_params, other.flat_params)
    assert all_of_one[3] == some[0]


def test_it_trains_only_while_it_is_asked_and_lr_may_change():
    net = bn.mlp([4, 3])
    optimizer, start = bn.SGD(0.1), net.flat_params.copy()
    snapshots = bn.train(net, problem(), optimizer, steps=10, batch_size=10)
    np.testing.assert_array_equal(net.flat_params, start)
    next(snapshots)
    moved = net.flat_params.copy()
    assert not np.array_equal(moved, start)
    optimizer.lr = 0.0
    next(snapshots)
    np.testing.assert_array_equal(net.flat_params, moved)


def test_the_loss_is_that_of_the_mini_batch_before_the_step():
    x, y = problem(dtype="float64")
    net = bn.mlp([4, 3], dtype="float64")
    expected, _ = bn.softmax_cross_entropy(net.forward(x), y)
    _, (snapshot,) = run(net, (x, y), steps=1, batch_size=50)
    assert snapshot.loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "uint32", "uint64", ">i4"])
def test_labels_are_the_same_whatever_integers_they_are(dtype):
    """NumPy's own integers have 32 bits where the processor has, as in the browser's Python."""
    x, y = problem()
    seen = []
    for labels in (y.astype("int64"), y.astype(dtype)):
        net, snapshots = run(data=(x, labels))
        evaluation = bn.evaluate(net, x, labels)
        loss, dlogits = bn.softmax_cross_entropy(net.forward(x), labels)
        seen.append([snapshots, evaluation, loss, dlogits.tolist(), net.flat_params.tolist()])
    assert seen[0] == seen[1]


def test_a_dataset_and_a_tuple_are_the_same():
    x, y = problem()
    one, _ = run(data=(x, y))
    other, _ = run(data=SimpleNamespace(x_train=x, y_train=y))
    np.testing.assert_array_equal(one.flat_params, other.flat_params)


def test_the_seed_decides_the_batches():
    same, other = run(seed=5)[0], run(seed=6)[0]
    np.testing.assert_array_equal(run(seed=5)[0].flat_params, same.flat_params)
    assert not np.array_equal(same.flat_params, other.flat_params)


# a step, and a run to its end


def test_train_step_is_one_step_of_train():
    (x, y), one = problem(), bn.mlp([4, 8, 3], batch_norm=True)
    other = bn.mlp([4, 8, 3], batch_norm=True)
    (snapshot,) = bn.train(one, (x, y), bn.SGD(0.1), steps=1, batch_size=10)
    rows = next(training._batches(np.random.default_rng(0), 50, 10))
    loss = bn.train_step(other, x[rows], y[rows], bn.SGD(0.1))
    assert (loss, one.flat_params.tolist()) == (snapshot.loss, other.flat_params.tolist())
    with pytest.raises(ValueError, match="y must lie between 0 and 2"):
        bn.train_step(other, x, y + 1, bn.SGD(0.1))


def test_another_step_may_take_its_place():
    seen = []

    def step(network, x, y, rows, optimizer):
        seen.append(len(rows))
        return bn.train_step(network, x[rows], y[rows], optimizer)

    mine, told = run(step=step, steps=7)
    plain, wanted = run(steps=7)
    np.testing.assert_array_equal(mine.flat_params, plain.flat_params)
    assert told == wanted
    assert seen == [10] * 7
    losses = iter([1.0, 2.0, np.nan, 3.0])
    _, told = run(step=lambda *_: next(losses))
    assert [s.diverged for s in told] == [False, False, True]


def test_fit_trains_to_the_end():
    other, snapshots = run(steps=7, seed=3)
    net = bn.mlp([4, 8, 3], "tanh", batch_norm=True, dtype="float64")
    last = bn.fit(net, problem(), bn.SGD(0.1), steps=7, batch_size=10, seed=3)
    assert last == snapshots[-1]
    np.testing.assert_array_equal(net.flat_params, other.flat_params)
    hopeless = bn.mlp([4, 8, 3], init_scale=1e30)
    assert bn.fit(hopeless, problem(), bn.SGD(0.1), steps=9, batch_size=10).step == 1
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        bn.fit(net, problem(), bn.SGD(0.1), steps=0, batch_size=10)


# mini-batches


@pytest.mark.parametrize(("examples", "size"), [(10, 10), (10, 3), (11, 5), (7, 1), (61, 60)])
def test_every_batch_is_full_and_no_example_comes_twice_in_an_epoch(examples, size):
    batches = training._batches(np.random.default_rng(0), examples, size)
    seen, per_epoch = set(), examples // size
    for _ in range(40):
        epoch = np.concatenate([next(batches) for _ in range(per_epoch)])
        assert len(epoch) == len(set(epoch)) == per_epoch * size
        seen |= set(epoch.tolist())
    assert seen == set(range(examples))  # the remainder is another one each epoch


def test_a_remainder_of_one_example_never_reaches_batch_norm():
    sizes = []

    class Spy(bn.BatchNorm):
        def forward(self, z, training=False):
            if training:
                sizes.append(len(z))
            return super().forward(z, training)

    net = bn.Network([bn.Linear(4, 3), Spy(3)])
    run(net, problem(21), steps=9)
    assert sizes == [10] * 9


def test_batches_of_one_train_the_shift_alone():
    net = bn.mlp([4, 8, 3], "tanh", batch_norm=True)
    W = net.layers[0].params["W"].copy()
    _, snapshots = run(net, batch_size=1)
    assert not snapshots[-1].diverged
    np.testing.assert_array_equal(net.layers[0].params["W"], W)
    assert (net.layers[1].params["gamma"] == 1).all()
    assert (net.layers[1].params["beta"] != 0).all()


# divergence


@pytest.mark.parametrize("make", [bn.SGD, bn.Momentum, bn.Nesterov, bn.Adam])
@pytest.mark.parametrize("batch_norm", [False, True, "a"])
def test_divergence_is_reported_and_nothing_else_happens(make, batch_norm):
    net = bn.mlp([4, 8, 8, 3], "relu", batch_norm=batch_norm, init_scale=1e18)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, snapshots = run(net, optimizer=make(1e30), steps=200, every=7)
        result = bn.evaluate(net, *problem())
        net.forward(problem()[0])
    assert snapshots[-1].diverged
    assert not np.isfinite(snapshots[-1].loss)
    assert not any(s.diverged for s in snapshots[:-1])
    assert 0 <= result.accuracy <= 1


def test_a_diverged_step_is_not_taken():
    net = bn.mlp([4, 8, 3], init_scale=1e30)
    before = net.flat_params.copy()
    _, snapshots = run(net)
    assert [(s.step, s.diverged) for s in snapshots] == [(1, True)]
    np.testing.assert_array_equal(net.flat_params, before)


def test_eps_0_with_a_constant_unit_counts_as_divergence():
    net = bn.Network([bn.BatchNorm(4, eps=0), bn.Linear(4, 3)])
    x, y = problem()
    x[:, 2] = 1
    assert [s.diverged for s in run(net, (x, y))[1]] == [True]


def test_infinite_parameters_have_diverged_whatever_the_loss_was():
    for every in (1, 3):
        net = bn.mlp([4, 8, 3], "sigmoid")
        _, snapshots = run(net, optimizer=bn.SGD(1e39), steps=1, every=every)
        assert [s.diverged for s in snapshots] == [True]
        assert np.isfinite(snapshots[-1].loss)
        assert not net.finite
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.isnan(bn.evaluate(net, *problem()).loss)


@pytest.mark.parametrize("place", ["z", "a"])
@pytest.mark.parametrize("every", [1, 4])
def test_a_variance_beyond_float32_has_diverged_at_that_step(place, every):
    net = bn.mlp([4, 8, 8, 3], "relu" if place == "a" else "sigmoid", batch_norm=place)
    before = net.flat_params.copy()
    x, y = problem()
    _, snapshots = run(net, (1e20 * x, y), every=every)
    assert [(s.step, s.diverged) for s in snapshots] == [(1, True)]
    np.testing.assert_array_equal(net.flat_params, before)
    assert not net.finite
    result = bn.evaluate(net, x, y)
    assert np.isnan(result.loss)
    assert result.accuracy == 0


def test_an_average_that_is_not_finite_has_diverged():
    net = bn.mlp([4, 8, 3], batch_norm=True)
    assert net.finite
    x, y = problem()

    def step(network, *_):
        network.layers[1].forward(np.full((5, 8), 1e25, np.float32), training=True)
        network.layers[1].forward(np.eye(5, 8, dtype=np.float32) * 1e25, training=True)
        return 1.0

    _, snapshots = run(net, (x, y), step=step)
    assert [s.diverged for s in snapshots] == [True]
    assert not net.finite
    assert np.isnan(bn.evaluate(net, x, y).loss)


def test_large_and_finite_is_finite():
    net = bn.mlp([4, 3])
    net.flat_params[...] = 3e38
    assert net.finite
    net.flat_params[3] = -np.inf
    assert not net.finite


def test_one_infinite_logit_counts_as_wrong_and_the_loss_as_nan():
    net = bn.Network([bn.BatchNorm(3), bn.Tanh(), bn.Linear(3, 3)])
    net.layers[2].params["b"][2] = -np.inf
    y = np.zeros(4, int)
    assert bn.evaluate(net, np.ones((4, 3)), y) == (pytest.approx(np.nan, nan_ok=True), 0.0)


# evaluate


def test_evaluate_is_loss_and_share_correct_in_inference_mode():
    x, y = problem()
    net, _ = run()
    logits = net.forward(x)
    loss, accuracy = bn.evaluate(net, x, y)
    assert loss == pytest.approx(bn.softmax_cross_entropy(logits, y)[0], rel=1e-6)
    assert accuracy == np.mean(logits.argmax(axis=1) == y)
    mean = net.layers[1].running_mean
    bn.evaluate(net, x[:3], y[:3])
    np.testing.assert_array_equal(net.layers[1].running_mean, mean)


def test_examples_without_finite_logits_count_as_wrong():
    net = bn.mlp([4, 3])
    net.layers[0].params["W"][...] = np.nan
    assert bn.evaluate(net, *problem()).accuracy == 0
    assert np.isnan(bn.evaluate(net, *problem()).loss)


X, Y = problem()
NET = bn.mlp([4, 8, 3])
WRONG = [
    (lambda: run(NET, (X[:, :3], Y)), ValueError, r"x must have the network's 4 inputs.*\(50, 3\)"),
    (lambda: run(NET, (X * np.nan, Y)), ValueError, "x must be finite"),
    (lambda: run(NET, (X, Y[:9])), ValueError, r"y must have .*\(50,\); got \(9,\)"),
    (lambda: run(NET, (X, Y + 1)), ValueError, r"y must lie between 0 and 2.*from 1 to 3"),
    (lambda: run(NET, (X, Y / 2)), TypeError, "y must hold class numbers"),
    (lambda: run(NET, batch_size=51), ValueError, "batch_size must be between 1 and 50, got 51"),
    (lambda: run(NET, batch_size=0), ValueError, "batch_size must be between 1 and 50, got 0"),
    (lambda: run(NET, steps=-1), ValueError, "steps must be at least 0, got -1"),
    (lambda: run(NET, every=0), ValueError, "every must be at least 1, got 0"),
    (lambda: run(NET, seed=-1), ValueError, "seed must be at least 0"),
    (lambda: run(NET, data=7), TypeError, r"data must be .*x_train.*int"),
    (lambda: run(NET, data=(X, Y, Y)), TypeError, r"data must be .*tuple of 3"),
    (lambda: bn.evaluate(NET, X[0], Y), ValueError, r"x must be 2-D"),
    (
        lambda: bn.train(NET, (X, Y), None, steps=1, batch_size=9),
        TypeError,
        r"optimizer must be an optimizer, such as bn.SGD\(0.1\), got NoneType",
    ),
    (
        lambda: bn.train(NET, (X, Y), bn.SGD, steps=1, batch_size=9),
        TypeError,
        "optimizer must be .*got the class SGD itself: call it first",
    ),
    (lambda: bn.train_step(NET, X, Y, bn.Adam), TypeError, "the class Adam itself"),
    (
        lambda: bn.train(None, (X, Y), bn.SGD(0.1), steps=1, batch_size=9),
        TypeError,
        r"network must be a Network, such as bn.mlp\(\[64, 100, 10\]\), got NoneType: None",
    ),
    (lambda: bn.evaluate(None, X, Y), TypeError, "network must be a Network"),
    (lambda: bn.SGD(0.1).step(None), TypeError, "network must be a Network"),
    (lambda: bn.fold_batch_norm(None), TypeError, "network must be a Network"),
    (lambda: bn.recompute_statistics(None, X), TypeError, "network must be a Network"),
    (lambda: run(NET, step=3), TypeError, "step must be a function .*got int"),
]


@pytest.mark.parametrize(("call", "error", "words"), WRONG)
def test_what_is_wrong_is_said(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_it_is_said_at_once_and_not_at_the_first_snapshot():
    with pytest.raises(ValueError, match="batch_size"):
        bn.train(NET, (X, Y), bn.SGD(0.1), steps=1, batch_size=99)


# BLAS threads


class FakeBlas:
    def __init__(self, threads):
        self.threads, self.seen = threads, []

    def get_num_threads(self):
        return self.threads

    def set_num_threads(self, threads):
        self.threads = threads
        self.seen.append(threads)


@pytest.fixture
def blas(monkeypatch):
    library = FakeBlas(32)
    monkeypatch.setattr(threads, "_blas", lambda: [library])
    return library


def test_blas_has_one_thread_in_a_step_and_its_own_between_snapshots(blas):
    inside = []

    class Spy(bn.Tanh):
        def forward(self, z, training=False):
            if len(z) > 1:
                inside.append(blas.threads)
            return super().forward(z, training)

    net = bn.Network([bn.Linear(4, 3), Spy()])
    for _ in bn.train(net, (X, Y), bn.SGD(0.1), steps=4, batch_size=10, every=2):
        assert blas.threads == 32
    bn.evaluate(net, X, Y)
    assert blas.threads == 32
    assert inside == [1] * 5


def test_blas_has_its_own_threads_again_after_an_error_and_in_nested_blocks(blas):
    def nested():
        with threads.one_blas_thread():
            with threads.one_blas_thread():
                assert blas.threads == 1
            assert blas.threads == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nested()
    assert blas.threads == 32


def test_blas_has_its_own_threads_again_after_overlapping_python_threads(blas):
    first_in, second_in, first_out = (threading.Event() for _ in range(3))

    def first():
        with threads.one_blas_thread():
            first_in.set()
            second_in.wait(5)
        first_out.set()

    thread = threading.Thread(target=first)
    thread.start()
    first_in.wait(5)
    with threads.one_blas_thread():
        second_in.set()
        first_out.wait(5)
        assert blas.threads == 1
    thread.join()
    assert blas.threads == 32


def test_no_blas_library_found_is_no_error(monkeypatch):
    monkeypatch.setattr(threads, "_blas", lambda: [])
    assert len(run(steps=2)[1]) == 2


def test_the_real_libraries_are_left_as_they_were():
    before = [library.get_num_threads() for library in threads._blas()]
    run(net=bn.mlp([4, 3]), data=(batch(20, 4), np.arange(20) % 3))
    assert [library.get_num_threads() for library in threads._blas()] == before
