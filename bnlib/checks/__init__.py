"""What an exercise's answer must satisfy: one function an exercise, one module a notebook.

    bn.checks.standardize(my_function)

Each returns a :class:`Verdict` that says "Right." or "Not yet." and why, and is true or false
accordingly. Nothing that an answer does makes a check raise.
"""

from .ema_test_time import fold_into_linear, steps_to_forget, track
from .gamma_beta import fold_bias, gamma_beta_gradients, undo
from .input_normalization import fold, largest_step, standardize
from .minibatch_noise import ghost_normalize, mean_noise, smallest_batch
from .tour import saturated_share, training_losses, working_rate
from .verdict import Verdict
from .z_normalization import farthest, merge, normalize_layer

__all__ = [
    "Verdict",
    "farthest",
    "fold",
    "fold_bias",
    "fold_into_linear",
    "gamma_beta_gradients",
    "ghost_normalize",
    "largest_step",
    "mean_noise",
    "merge",
    "normalize_layer",
    "saturated_share",
    "smallest_batch",
    "standardize",
    "steps_to_forget",
    "track",
    "training_losses",
    "undo",
    "working_rate",
]
