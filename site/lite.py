"""The notebooks running in the browser: JupyterLite, and a Pyodide that knows bnlib.

Pyodide loads what a cell imports, if its lock file names it. So the lock file that is written here
names, besides the packages of the release, those that the kernel and the notebooks need: no
notebook has to install anything, and nothing is asked of a package index.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import nbformat
import pyodide

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KERNEL = "@jupyterlite/pyodide-kernel-extension"
APPS = ("lab", "notebooks", "tree")
# What the kernel would otherwise install at each start, one after the other.
AT_START = (
    "micropip", "piplite", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython", "ssl",
    "sqlite3",
)  # fmt: skip
# Asked for by name, but needed by nothing here, and OpenSSL comes with it: 2 MB.
LEFT_OUT = ("ssl",)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDS = {  # of the wheels that are not in Pyodide's own lock file
    "bnlib": [re.match(r"[\w-]+", each)[0] for each in PROJECT["dependencies"]],
    "comm": ["traitlets"],
    "ipykernel": [],
    "ipywidgets": ["comm", "ipython", "traitlets", "widgetsnbextension"],
    "piplite": ["micropip"],
    "pyodide-kernel": ["ipykernel", "ipython", "comm", "jedi"],
    "widgetsnbextension": [],
}


def build_lite(out: Path, folder: Path | None = None) -> None:
    """Write JupyterLite with the notebooks into ``out``, a folder that is not there yet.

    ``folder`` has Pyodide (pyodide.check() says whether), which is copied into the site; without it
    the site takes Pyodide from its public network.
    """
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        wheels = own_wheels(work / "wheels")
        run_jupyterlite(out, work, folder is None)
        here = out / "static" / "pyodide"
        here.mkdir(parents=True)
        for file in [*wheels.values(), HERE / "start.js"]:
            shutil.copy(file, here)
        if folder:
            for name in pyodide.files():
                shutil.copy(folder / name, here)
        lock = lock_file(wheels, "" if folder else pyodide.CDN)
        (here / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def run_jupyterlite(out: Path, work: Path, from_cdn: bool) -> None:
    """JupyterLite's own build, of the notebooks and the settings of `make lab`."""
    contents = work / "contents"
    contents.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        # Texts in one piece: JupyterLite would show the lines of a stored output with commas.
        notebook = json.dumps(nbformat.read(path, as_version=4), ensure_ascii=False)
        (contents / path.name).write_text(notebook, encoding="utf-8")
    settings = ROOT / "lab" / "labconfig" / "default_setting_overrides.json"
    shutil.copy(settings, work / "overrides.json")
    kernel = {
        "pyodideUrl": "./static/pyodide/start.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "indexURL": pyodide.CDN if from_cdn else "./static/pyodide/",
            "lockFileURL": "./static/pyodide/pyodide-lock.json",
            "packages": AT_START,
        },
    }
    config = {
        "appName": "Understand batch normalization",
        "exposeAppInBrowser": True,
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
    }
    lite = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
    (work / "jupyter-lite.json").write_text(json.dumps(lite), encoding="utf-8")
    command = [
        sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", work, "--output-dir", out,
        "--contents", contents, "--no-sourcemaps", *(f"--apps={app}" for app in APPS),
    ]  # fmt: skip
    # There, because it keeps a record of what is up to date in the folder where it runs.
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"JupyterLite was not built:\n{done.stdout}\n{done.stderr}")
    shutil.copy(HERE / "running.js", out)
    for app in APPS:
        page = out / app / "index.html"
        text = page.read_text(encoding="utf-8")
        script = '<script src="../running.js"></script>\n  </head>'
        page.write_text(text.replace("</head>", script, 1), encoding="utf-8")


def own_wheels(folder: Path) -> dict[str, Path]:
    """By name, the wheels that Pyodide's own lock file does not have."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("bnlib-*.whl")
    without_notebooks(wheel)
    pins = [f"{name}=={version(name)}" for name in ("ipywidgets", "comm")]  # as installed here
    options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *pins], check=True)
    share = Path(sysconfig.get_path("data"), "share", "jupyter", "labextensions", KERNEL)
    for brought in (share / "static" / "pypi").glob("*.whl"):
        shutil.copy(brought, folder)
    for left in LEFT_OUT:
        with zipfile.ZipFile(folder / f"{left}-0-py3-none-any.whl", "w") as empty:
            empty.writestr(f"{left}-0.dist-info/METADATA", f"Name: {left}\nVersion: 0\n")
    found = {plain(path.name.split("-")[0]): path for path in sorted(folder.glob("*.whl"))}
    return {name: found[name] for name in [*DEPENDS, *LEFT_OUT]}  # of two versions, the newer one


def without_notebooks(wheel: Path) -> None:
    """Drop the notebooks, which JupyterLite has itself: over half of the wheel."""
    whole = wheel.rename(wheel.with_suffix(".whole"))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            if not each.filename.endswith(".ipynb"):
                new.writestr(each, old.read(each), zipfile.ZIP_DEFLATED)


def plain(name: str) -> str:
    """The name of a package as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_file(wheels: dict[str, Path], base: str) -> dict:
    """What Pyodide can load: the release's packages at the address ``base``, and ``wheels``."""
    names = {plain(name) for name in [*pyodide.LOCK["packages"], *wheels]}
    packages = {}
    for key, each in pyodide.LOCK["packages"].items():
        depends = [name for name in each["depends"] if plain(name) in names]
        packages[key] = each | {"file_name": base + each["file_name"], "depends": depends}
    for name, wheel in wheels.items():
        packages[name] = {
            "name": name,
            "version": wheel.name.split("-")[1],
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "imports": [] if name in LEFT_OUT else [name.replace("-", "_")],
            "depends": DEPENDS.get(name, []),
            "install_dir": "site",
            "package_type": "package",
            "unvendored_tests": False,
        }
    return {"info": pyodide.LOCK["info"], "packages": packages}
