"""The notebooks' demos, one module a notebook; ``REGISTRY`` holds them all by name."""

from .daily_temperatures import temperatures
from .depth import through_the_depth
from .ema_test_time import chasing_statistics
from .gamma_beta import gamma_beta_nonlinearity
from .gamma_beta_learning import gamma_beta_training
from .input_normalization import feature_histograms, loss_contours
from .minibatch_noise import cloud_of_one_example
from .noise_against_fit import noise_against_fit
from .optimizer_paths import four_optimizers
from .range_map import workable_range
from .three_ways import three_ways_to_predict
from .tour import deep_network
from .z_normalization import drag_one_example

REGISTRY = {
    demo.__name__: demo
    for demo in (
        deep_network,
        workable_range,
        loss_contours,
        feature_histograms,
        drag_one_example,
        through_the_depth,
        gamma_beta_nonlinearity,
        four_optimizers,
        gamma_beta_training,
        cloud_of_one_example,
        noise_against_fit,
        temperatures,
        chasing_statistics,
        three_ways_to_predict,
    )
}

__all__ = ["REGISTRY", *REGISTRY]
