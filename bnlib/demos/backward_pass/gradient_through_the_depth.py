"""Second demo of notebook 06: forward σ and backward gradient of deep random networks."""

import numpy as np

from ... import datasets, live
from ...layers import BatchNorm, Linear
from ...live.style import BLUE, GREEN, ORANGE
from ...losses import softmax_cross_entropy
from ...network import INIT_SCALES, Network
from ...threads import one_blas_thread
from .. import demo
from ..common.lines import OPEN, SMALL_LEGEND
from .gradient_laws import FUNCTIONS, expected

COLORS = {"nothing": ORANGE, "a": GREEN, "z": BLUE}
KINDS = tuple(COLORS)
WIDTH, DEEPEST, SEEDS = 100, 50, 5
FORWARD, BACKWARD = (1e-8, 1e4), (1e-8, 1e8)


def network_of(normalized, seed, *, depth, activation, weight_scale, gamma):
    """A random network; all kinds start from the same W."""
    rng, layers = np.random.default_rng(seed), []
    for n in [64, *[WIDTH] * (depth - 1)]:
        norm = BatchNorm(WIDTH, dtype="float64")
        norm.params["gamma"][:] = gamma
        g = FUNCTIONS[activation]()
        after = {"nothing": [g], "z": [norm, g], "a": [g, norm]}[normalized]
        layers += [Linear(n, WIDTH, False, weight_scale, "float64", rng), *after]
    return Network([*layers, Linear(WIDTH, 10, False, 1.0, "float64", rng)])


def forth_and_back(network, x, y):
    """Of every hidden layer σ of what it passes on, and the root mean square of dz: two arrays."""
    with one_blas_thread(), np.errstate(all="ignore"):
        outputs = network.activations(x, training=True)
        dy, passed, gradient = softmax_cross_entropy(outputs[-1], y)[1], [], []
        for k in reversed(range(len(network.layers))):
            if isinstance(network.layers[k], Linear):  # what comes back to it is dz
                gradient.append(np.sqrt(np.mean(dy * dy)))
                passed.append(np.sqrt(outputs[k - 1].var(axis=0).mean()))
            dy = network.layers[k].backward(dy)
    return np.array(passed[-2::-1]), np.array(gradient[:0:-1])


def look_at_seeds(activation, initial_scale, gamma, depth, batch_size):
    """Network after network; yields what all of them so far pass on, and get back."""
    data = datasets.standardized_digits()
    scale = initial_scale * INIT_SCALES.get(activation, 1.0)
    sizes = {"depth": depth, "activation": activation, "gamma": gamma, "weight_scale": scale}
    probe = data.x_train[:200]
    inputs = float((probe.mean(axis=0) ** 2).mean()), float(probe.var(axis=0).mean())
    theory = {
        kind: expected(kind, m=batch_size, p=inputs[0], delta=inputs[1], **sizes) for kind in KINDS
    }
    found = {kind: [] for kind in KINDS}
    for seed in range(SEEDS):
        rows = np.random.default_rng(seed).permutation(len(data.x_train))[:batch_size]
        x, y = data.x_train[rows].astype(float), data.y_train[rows]
        for kind in KINDS:
            try:
                found[kind].append(forth_and_back(network_of(kind, seed, **sizes), x, y))
            except ValueError:  # the logits are not finite
                found[kind].append(np.full((2, depth), np.nan))
            yield lambda seed=seed: numbers(found, theory, seed + 1)


def numbers(found, theory, seeds):
    """Median, lowest and highest over the seeds, of each kind that is there."""
    with np.errstate(all="ignore"):
        runs = {kind: np.array(each) for kind, each in found.items() if each}
        passed = {kind: each[:, 0] for kind, each in runs.items()}
        gradient = {kind: each[:, 1] / each[:, 1, -1:] for kind, each in runs.items()}
    lost = {kind: not np.isfinite(gradient[kind]).all() for kind in runs}
    return {
        "seeds": seeds, "passed": passed, "gradient": gradient, "theory": theory,
        "diverged": any(lost.values()), "lost": lost,
    }  # fmt: skip


def per_layer(gradient):
    """By what the squared gradient is multiplied per layer, from the last one back to layer 2."""
    return (gradient[1] / gradient[-1]) ** (2 / (len(gradient) - 2))


def over_seeds(runs):
    """Median, lowest and highest (depth,) of the runs (seeds, depth) that can be computed."""
    with np.errstate(all="ignore"):
        return np.median(runs, axis=0), runs.min(axis=0), runs.max(axis=0)


def tell(result, setting):
    """The state in words: a line a kind."""
    seeds = result["seeds"]
    lines = [f"Gradient by z per layer, squared, on its way back ({seeds} of {SEEDS} seeds):"]
    for kind, runs in result["gradient"].items():
        name = "nothing" if kind == "nothing" else f"{kind} normalized"
        middle, theory = np.median(runs, axis=0), result["theory"][kind][1]
        if result["lost"][kind] or not middle[1] > 0:
            lines.append(f"{name}: more, or less, than can be computed.")
            continue
        law = per_layer(theory)
        told = f"theory {law:.3f}" if np.isfinite(law) else "theory: no bound"
        lines.append(
            f"{name}: × {per_layer(middle):.3f} ({told}); in layer 1 the gradient is "
            f"{middle[0]:.2g} times that of layer {setting.depth}."
        )
    return "\n".join(lines)


@demo
def gradient_through_the_depth() -> live.Explorer:
    """What deep random networks pass on, and what comes back: nothing, z or a normalized.

    ``result`` holds seeds, how many there are so far; by kind passed and gradient (seeds, depth):
    σ of what a layer passes on, and the root mean square of the gradient by z, that of the last
    hidden layer being 1; theory (kind → the same two of a wide network); lost (kind → whether
    something could not be computed) and diverged (any).
    """
    canvas = live.Canvas(9.6, 4.4)
    left, right = canvas.axes(1, 2)
    x = {"xlabel": "layer", "xlim": (0, DEEPEST + 1), "yscale": "log", "colors": COLORS.values()}
    forward = live.Curves(
        canvas, left, KINDS, title="Forward: σ of what is passed on", ylim=FORWARD, legend=None,
        grows=True, **x,
    )  # fmt: skip
    backward = live.Curves(
        canvas, right, KINDS, title="Back: the gradient by z (last layer: 1)", ylim=BACKWARD,
        legend=None, grows=True, **x,
    )  # fmt: skip
    small = OPEN | {"ghost": False, "markersize": 5, "markeredgewidth": 1.2, "zorder": 2.5}
    panels, marks = (forward, backward), []
    for panel in panels:
        marks.append({kind: panel.line(color=color, **small) for kind, color in COLORS.items()})
        panel.axes.axhline(1, color="black", linewidth=0.6, zorder=1)
    lines = [*forward.lines.values(), marks[0]["nothing"]]
    names = ["nothing", "a normalized", "z normalized", "theory, wide layers"]
    canvas.figure.legend(lines, names, loc="outside upper right", ncols=4, **SMALL_LEGEND)

    def show(result, setting):
        layer = 1 + np.arange(setting.depth)
        some = np.unique(np.r_[layer[:1], layer[1::4], layer[-1:]]) - 1
        for k, (panel, of) in enumerate(zip(panels, ("passed", "gradient"), strict=True)):
            for kind in KINDS:
                runs = result[of].get(kind)
                panel.update(kind, *((layer, *over_seeds(runs)) if runs is not None else ([], [])))
                theory = result["theory"][kind][k][some]
                low, high = panel.axes.get_ylim()
                theory = np.where((theory > low) & (theory < high), theory, np.nan)
                marks[k][kind].set_data(layer[some], theory)

    return live.Explorer(
        "gradient_through_the_depth",
        title="The spread that each layer of a deep random network passes on, and the gradient "
        "that comes back to it, with nothing, a or z normalized",
        controls={
            "activation": live.choice("activation", "relu", ("relu", "tanh", "sigmoid", "none")),
            "depth": live.int_slider("hidden layers", DEEPEST, 4, DEEPEST),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "gamma": live.log_slider("γ", 1.0, -1, 1, per_decade=10),
            "batch_size": live.steps_slider("batch size", 60, (4, 5, 6, 8, 10, 20, 60, 120, 300)),
        },
        canvas=canvas, compute=look_at_seeds, show=show, describe=tell,
        presets={
            "Sigmoid: no slope above 1/4": {"activation": "sigmoid"},
            "Weights × 2": {"initial_scale": 2.0},
            "A smaller γ: nearly straight": {"activation": "tanh", "gamma": 0.2},
            "No g, batches of 5": {"activation": "none", "batch_size": 5},
            "Eight layers": {"depth": 8},
        },
    )  # fmt: skip
