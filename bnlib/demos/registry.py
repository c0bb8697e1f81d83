"""Which demos there are: each says so itself."""

REGISTRY: dict = {}  # name -> function without arguments that builds the demo


def demo(build):
    """Register a function without arguments that returns an explorer; its name is the demo's.

        @demo
        def my_demo() -> live.Explorer:
            ...

    The file is named after it and lies in its notebook's folder: ``demos/<notebook>/my_demo.py``.
    Then ``bn.demos.my_demo()`` shows it, and the tests drive it.

    Raises
    ------
    ValueError
        Where another demo has the name, or the file has another one.
    """
    name, module = build.__name__, build.__module__
    if name in REGISTRY:
        raise ValueError(f"two demos are called {name!r}: {REGISTRY[name].__module__} and {module}")
    if module.rpartition(".")[2] != name:
        raise ValueError(f"the demo {name!r} belongs into {name}.py; it stands in {module}")
    REGISTRY[name] = build
    return build
