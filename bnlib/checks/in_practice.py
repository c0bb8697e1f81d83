"""The exercises of notebook 08."""

import numpy as np

from .table import Part, Several, When, exercise

VARIANCE = np.array([4.2, 0.31, 1.0])
RNG = np.random.default_rng(8)
IMAGES, GAMMA, BETA = RNG.normal(1, 2, (4, 3, 5, 3)), np.array([2.0, 0.5, 1.5]), RNG.normal(size=3)
OTHERS = RNG.normal(-1, 3, (6, 5, 2, 4)), RNG.normal(1, 0.5, 5), RNG.normal(size=5)


@exercise(
    cases=[(0.99, 1e-3, VARIANCE, 4), (0.9, 1e-4, VARIANCE[:2], 32)],
    also={"Right in two cases. What if batches have two examples?": (0.95, 1e-3, VARIANCE, 2)},
    praise="momentum = 0.01, and a running variance that is larger by m/(m − 1). Everything else "
    "of the layer is the same.",
    changed="The moving_variance that you were given has changed: compute a new array.",
)
def to_pytorch(momentum, epsilon, moving_variance, m):
    """``to_pytorch(momentum, epsilon, moving_variance, m)``: momentum, eps and running_var."""
    new, unbiased = 1 - momentum, moving_variance * m / (m - 1)
    return Several(
        "momentum, eps and running_var",
        (
            Part("momentum", new)
            | {
                "That is Keras's number, the share of the old average that is kept. PyTorch asks "
                "for the share of the new value.": momentum,
                "That is PyTorch's default, whatever the Keras layer has. With another decay the "
                "average forgets at another pace.": 0.1,
                "That is the number of steps that the average looks back. PyTorch asks for its "
                "inverse.": 1 / new,
                "momentum is {got:.4g}. With the given number Keras replaces {wanted:.4g} of the "
                "average at each step.": ...,
            },
            Part("eps", epsilon)
            | {
                "That is PyTorch's default, not the Keras layer's ε. It is seen in units with a "
                "small variance.": 1e-5,
                "That is Keras's default, not the ε of this layer.": 1e-3,
                "That is the root. Both put ε under the root, beside the variance.": epsilon**0.5,
                "eps is {got:.4g}. Both add ε to the variance under the root: it stays as it "
                "is.": ...,
            },
            Part("running_var", unbiased)
            | {
                "That is what Keras has. It averages the biased variance, divided by m. "
                "PyTorch?": moving_variance,
                "The wrong way round: the unbiased variance, divided by m − 1, is the larger "
                "one.": moving_variance * (m - 1) / m,
                "The root of the factor is what becomes of the output. The variance gets the "
                "factor itself.": moving_variance * (m / (m - 1)) ** 0.5,
                "m and m − 1 are the two divisors, not m + 1.": moving_variance * (m + 1) / m,
                "running_var is off by up to {off:.2g}. It is Keras's variance, turned from the "
                "biased into the unbiased one.": ...,
            },
        ),
    )


@exercise(
    cases=[(IMAGES, GAMMA, BETA, 0.1), (*OTHERS, 0.0)],
    also={"Right, but not for a batch of one image: its pixels are numbers enough.": (
        IMAGES[:1], GAMMA, BETA, 0.01
    )},
    praise=lambda got, z, gamma, beta, eps: (
        f"One μ and one σ a channel, each of {z.size // len(gamma)} numbers, and one γ and one β."
    ),
)  # fmt: skip
def channel_batch_norm(z, gamma, beta, eps):
    """``channel_batch_norm(z, gamma, beta, eps)``: BN of images (N, C, H, W); gamma, beta (C,)."""
    scale, shift = gamma[:, None, None], beta[:, None, None]

    def over(axes, ddof=0, scale=scale, shift=shift, z=z):
        count = np.prod([z.shape[axis] for axis in axes])
        mean, var = z.mean(axes, keepdims=True), z.var(axes, ddof=ddof * (count > 1), keepdims=True)
        with np.errstate(all="ignore"):
            return scale * (z - mean) / np.sqrt(var + eps) + shift

    right = over((0, 2, 3))
    mean, var = z.mean((0, 2, 3), keepdims=True), z.var((0, 2, 3), keepdims=True)
    centred = z - mean
    along_width = gamma.size == z.shape[3]
    return Part("y", right) | {
        "You average over the images alone, axis 0: each pixel of a channel gets a μ of its own. A "
        "filter is the same in all places, and so are its μ and σ.": over((0,)),
        "You average over the pixels of each image: that is instance normalization. In BN all "
        "images of the batch share μ and σ.": over((2, 3)),
        "You average over the channels too, image by image: that is layer normalization.": (
            over((1, 2, 3))
        ),
        "One μ for the whole batch: each channel has its own.": over((0, 1, 2, 3)),
        "Those are the axes for channels last, (N, H, W, C). Here channels are axis 1.": (
            over((0, 1, 2))
        ),
        "You average over images and channels, pixel by pixel: keep the channels apart, not the "
        "pixels.": over((0, 1)),
        "You divide the variance by N·H·W − 1. BN takes the biased one.": over((0, 2, 3), ddof=1),
        "μ and σ are right. γ and β go along the last axis, the width, since it happens to be as "
        "long as C: shape them (C, 1, 1).": (
            over((0, 2, 3), scale=gamma, shift=beta) if along_width else np.full_like(right, np.nan)
        ),
        "γ and β are missing.": over((0, 2, 3), scale=1, shift=0),
        "β is missing.": over((0, 2, 3), shift=0),
        "γ is missing.": over((0, 2, 3), scale=1),
        "You divide by the variance: take the root.": scale * centred / (var + eps) + shift,
        "ε belongs under the root, to the variance.": (
            scale * centred / (np.sqrt(var) + eps) + shift
        ),
        "ε is missing.": scale * centred / np.sqrt(var) + shift,
        "y differs by up to {off:.2g}. Which numbers share μ and σ?": ...,
    }


def _line(script, faulty, others, otherwise):
    """The number of a script's faulty line, with words for each of the other lines."""
    rows = {f"{script}, line {line}: {words}": float(line) for line, words in others.items()}
    return Part(f"the line of the {script[0].lower()}{script[1:]}", faulty, tolerance=0) | {
        **rows,
        f"{script}: line {{got:g}} is not the one. {otherwise}": ...,
    }


@exercise(
    cases=[()],
    praise="The mode, the buffers, the accumulation. Mend the lines and run the scripts again.",
)
def faulty_lines():
    """``faulty_lines``: the number of the faulty line of each of the three scripts."""
    first = _line(
        "First script", 4,
        {
            2: "training is as it should be: fit is in training mode by itself. And afterwards?",
            5: "the largest logit is the answer. But whose mean was subtracted on the way to it?",
            3: "one image at a time is how they will come. What does BN need to predict one?",
        },
        "Which μ and σ² does BN use for a single image here?",
    )  # fmt: skip
    second = _line(
        "Second script", 3,
        {
            4: "another seed does no harm: all weights are overwritten. What is not?",
            6: "the loading puts back all that was saved. What was not saved?",
            5: "the loading puts back all that was saved. What was not saved?",
            7: "evaluate is in inference mode, as it should be. Which averages does it use?",
        },
        "Is everything that inference needs among the parameters?",
    )  # fmt: skip
    third = _line(
        "Third script", 3,
        {
            6: "the mean of 16 gradients is right: / 16. Gradients of what?",
            2: "the sum starts from 0 in every step, as it should.",
            4: "training mode is right here. How many examples are in the part?",
            7: "the accumulated gradient is handed over as it should be.",
        },
        "How many examples do μ and σ² come from?",
    )  # fmt: skip
    return Several("the three line numbers", (first, second, third)) | {
        "Right numbers, but in the order of the scripts, please.": When(
            (3.0, 4.0, 3.0), lambda got: sorted(got) == [3, 3, 4] and got[0] != 4
        ),
    }
