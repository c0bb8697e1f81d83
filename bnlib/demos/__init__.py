"""The notebooks' demos, one module a notebook; ``REGISTRY`` holds them all by name."""

from .input_normalization import feature_histograms, loss_contours

REGISTRY = {
    demo.__name__: demo
    for demo in (
        loss_contours,
        feature_histograms,
    )
}

__all__ = ["REGISTRY", *REGISTRY]
