"""bnlib: the NumPy module behind the notebooks on batch normalization.

    import bnlib as bn

The mathematics (normalization, averaging, layers, network, optimizers, training) knows nothing of
widgets or plots; ``live`` (sliders and pictures) knows nothing of batch normalization; ``demos``
puts the two together, one module a notebook.
"""

from . import checks, datasets, demos, live
from .activations import ReLU, Sigmoid, Tanh
from .averaging import ExponentialMovingAverage
from .batch_statistics import moments
from .ghost_batches import GhostBatchNorm
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
from .normalization import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    normalize,
)
from .optimizers import SGD, Adam, Momentum, Nesterov
from .standardizer import Standardizer
from .training import evaluate, train

__all__ = [
    "SGD",
    "Adam",
    "BatchNorm",
    "Dropout",
    "ExponentialMovingAverage",
    "GhostBatchNorm",
    "Linear",
    "Momentum",
    "Nesterov",
    "Network",
    "ReLU",
    "Sigmoid",
    "Standardizer",
    "Tanh",
    "batch_norm",
    "batch_norm_backward",
    "batch_norm_inference",
    "checks",
    "condition_number",
    "datasets",
    "demos",
    "evaluate",
    "fold_batch_norm",
    "gradient_descent",
    "live",
    "logistic_gradient",
    "logistic_hessian",
    "logistic_loss",
    "logistic_optimum",
    "mlp",
    "moments",
    "normalize",
    "recompute_statistics",
    "softmax_cross_entropy",
    "train",
]
__version__ = "0.1.0"
