"""What an exercise's answer must satisfy: one function an exercise, one module a notebook.

    bn.checks.standardize(my_function)

Each returns a :class:`Verdict` that says "Right." or "Not yet." and why, and is true or false
accordingly. Nothing that an answer does makes a check raise.
"""

from .gamma_beta import fold_bias, gamma_beta_gradients, undo
from .input_normalization import fold, largest_step, standardize
from .tour import saturated_share, training_losses, working_rate
from .verdict import Verdict
from .z_normalization import farthest, merge, normalize_layer

__all__ = [
    "Verdict",
    "farthest",
    "fold",
    "fold_bias",
    "gamma_beta_gradients",
    "largest_step",
    "merge",
    "normalize_layer",
    "saturated_share",
    "standardize",
    "training_losses",
    "undo",
    "working_rate",
]
