"""bnlib: the NumPy module behind the notebooks on batch normalization.

    import bnlib as bn

The mathematics (normalization, averaging, layers, network, optimizers, training) knows nothing of
widgets or plots; ``live`` (sliders and pictures) knows nothing of batch normalization; ``demos``
puts the two together, one module a notebook.
"""

from .normalization import Standardizer, moments, normalize

__all__ = ["Standardizer", "moments", "normalize"]
__version__ = "0.1.0"
