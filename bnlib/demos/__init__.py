"""The notebooks' demos, one module a notebook; ``REGISTRY`` holds them all by name."""

from .input_normalization import feature_histograms, loss_contours
from .range_map import workable_range
from .tour import deep_network

REGISTRY = {
    demo.__name__: demo
    for demo in (
        deep_network,
        workable_range,
        loss_contours,
        feature_histograms,
    )
}

__all__ = ["REGISTRY", *REGISTRY]
