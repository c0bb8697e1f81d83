"""Copy the settings in lab/ into the Python environment that runs JupyterLab."""

import argparse
import shutil
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent / "lab"
SETTINGS = ("jupyter_server_config.py", "labconfig/default_setting_overrides.json")


def install(prefix: Path) -> list[Path]:
    """Copy every file to its folder under `prefix`, over what is there, and return the copies."""
    copies = []
    for name in SETTINGS:
        copy = prefix / "etc/jupyter" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(LAB / name, copy)
        copies.append(copy)
    return copies


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--prefix", type=Path, default=Path(sys.prefix), help="environment, default: this one"
    )
    for copy in install(parser.parse_args(arguments).prefix):
        print(f"installed {copy}")


if __name__ == "__main__":
    main()
