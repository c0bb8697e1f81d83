"""bnlib: the NumPy module behind the notebooks on batch normalization.

    import bnlib as bn

The mathematics (normalization, averaging, layers, network, optimizers, training) knows nothing of
widgets or plots; ``live`` (sliders and pictures) knows nothing of batch normalization; ``demos``
puts the two together, a folder a notebook. ``live``, ``demos`` and ``checks`` are loaded when they
are first used: the mathematics alone needs no plots and no widgets.
"""
# ruff: noqa: F401 (what is imported here is public)

from importlib import import_module

from . import activations, datasets
from .activations import ReLU, Sigmoid, Tanh
from .averaging import ExponentialMovingAverage
from .batch_renormalization import BatchRenorm
from .batch_statistics import moments
from .browser import seeds
from .convolution import Conv2d, conv2d, conv2d_backward
from .ghost_batches import GhostBatchNorm
from .group_normalization import (
    group_norm,
    group_norm_backward,
    layer_norm,
    layer_norm_backward,
    rms_norm,
    rms_norm_backward,
)
from .inference import fold_batch_norm, recompute_statistics
from .layers import BatchNorm, Dropout, Linear
from .logistic import (
    condition_number,
    gradient_descent,
    logistic_gradient,
    logistic_hessian,
    logistic_loss,
    logistic_optimum,
)
from .losses import softmax_cross_entropy
from .network import Network, mlp
from .normalization import batch_norm, batch_norm_backward, batch_norm_inference, normalize
from .optimizers import SGD, Adam, Momentum, Nesterov
from .parallel import in_parallel
from .relatives import BatchNorm2d, GroupNorm, RMSNorm
from .residual import Residual
from .series import solution
from .shared_statistics import normalize_over, normalize_over_backward
from .small_runs import small_network, small_run, step_without_noise
from .standardizer import Standardizer
from .training import evaluate, fit, train, train_step

LATER = "checks", "demos", "live"
__all__ = [*LATER, "activations", "datasets"]  # and every class and function above
__all__ += sorted(n for n, v in globals().items() if f"{__name__}." in getattr(v, "__module__", ""))
__version__ = "0.1.0"
import_module(".threads", __name__).blas_within_quota()


def __getattr__(name):
    if name in LATER:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
