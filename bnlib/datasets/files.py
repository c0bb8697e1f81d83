"""Read a file of the package, and only if it is the file it should be."""

import hashlib
import json
from importlib.resources import files

FOLDER = files(__package__)


def read(name: str) -> bytes:
    """The bytes of a file in this folder, whose SHA-256 is the one in ``checksums.json``.

    Raises
    ------
    FileNotFoundError
        The file is missing.
    ValueError
        The file is damaged.
    Both say which file it is and how to get it back.
    """
    file = FOLDER / name
    mend = (
        "Install bnlib again (pip install --force-reinstall), or in a clone of the repository run "
        f"'git checkout -- bnlib/datasets/{name}' or 'python scripts/make_datasets.py'."
    )
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"the data file {file} is missing. {mend}") from None
    wanted = json.loads((FOLDER / "checksums.json").read_text(encoding="utf-8"))[name]
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise ValueError(
            f"the data file {file} is damaged: its SHA-256 is {found[:12]}… ({len(data)} bytes)"
            f" instead of {wanted[:12]}…. {mend}"
        )
    return data
