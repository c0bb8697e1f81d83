"""The notebooks' demos: ``bn.demos.deep_network()`` shows one, ``REGISTRY`` holds all by name.

A folder a notebook (``tour`` for ``00_tour.ipynb``), a file a demo, named after it; ``common`` is
what several notebooks share. A demo registers itself with :func:`demo`.
"""

from importlib import import_module
from pkgutil import walk_packages

from .registry import REGISTRY, demo

for _, _name, _ in walk_packages(__path__, f"{__name__}."):
    import_module(_name)

globals().update(REGISTRY)
__all__ = ["REGISTRY", "demo", *REGISTRY]
