"""The package: what the built wheel declares and brings along, and what `python -m bnlib` does."""

import ast
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from email import message_from_bytes
from importlib.metadata import packages_distributions
from pathlib import Path

import mistune
import pytest
from package_readme import for_index
from packaging.requirements import Requirement

import bnlib
from bnlib.__main__ import add_missing, report

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
UV = (sys.executable, "-m", "uv")
NOTEBOOKS = ROOT / "notebooks"
FILES = {
    path.relative_to(NOTEBOOKS).as_posix(): path.read_bytes()
    for pattern in ("*.ipynb", "glossary.md", "solutions/*.py")
    for path in NOTEBOOKS.glob(pattern)
}


def run(*command, cwd=ROOT, env=None):
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def content(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with a source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    options = ("--no-build-isolation", "--offline", "--python", sys.executable)
    run(*UV, "build", *options, "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel):
    name = next(name for name in wheel if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel[name])


# ---------------------------------------------------------------- what is in it


@pytest.mark.slow
def test_the_wheel_has_the_package_the_notebooks_and_the_settings(wheel):
    wanted = {}
    for folder in ("bnlib", "notebooks", "lab"):
        place = "" if folder == "bnlib" else "bnlib/"
        for name, data in content(ROOT / folder).items():
            if "__pycache__" not in name and ".ipynb_checkpoints" not in name:
                wanted[f"{place}{folder}/{name}"] = data
    assert {name: data for name, data in wheel.items() if ".dist-info/" not in name} == wanted


@pytest.mark.slow
def test_the_wheel_is_for_every_python_and_every_machine(built, wheel):
    (name,) = (path.name for path in built.glob("*.whl"))
    assert name == f"bnlib-{bnlib.__version__}-py3-none-any.whl"
    (text,) = (data for path, data in wheel.items() if path.endswith(".dist-info/WHEEL"))
    told = message_from_bytes(text)
    assert told.get_all("Tag") == ["py3-none-any"]
    assert told["Root-Is-Purelib"] == "true"
    compiled = (".so", ".pyd", ".dll", ".dylib", ".pyc", ".o", ".a", ".c", ".pyx", ".wasm")
    assert not [path for path in wheel if path.endswith(compiled)]


@pytest.mark.slow
def test_the_checkout_builds_the_wheel_that_its_source_archive_builds(wheel, tmp_path):
    options = ("--no-build-isolation", "--no-deps", "--quiet", "--wheel-dir", tmp_path)
    run(sys.executable, "-m", "pip", "wheel", *options, ROOT)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == wheel


@pytest.mark.slow
def test_the_source_archive_has_no_litter(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames()]
    assert {"LICENSE", "Makefile", "tests/repository/test_package.py"} <= set(names)
    assert not [name for name in names if name.startswith((".venv", "dist", "bnlib-notebooks"))]


# ---------------------------------------------------------------- what it declares


@pytest.mark.slow
def test_the_version_is_written_once(metadata):
    assert metadata["Version"] == bnlib.__version__
    assert "version" not in PROJECT["project"]
    text = (ROOT / "bnlib/__init__.py").read_text(encoding="utf-8")
    assert text.count(bnlib.__version__) == 1


@pytest.mark.slow
def test_the_metadata_is_complete(metadata):
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["Author"] == "the authors of bnlib"
    assert "(c) 2026 the authors of bnlib" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert metadata["Summary"]
    assert len(metadata["Keywords"].split(",")) >= 5
    assert "Framework :: Jupyter :: JupyterLab" in metadata.get_all("Classifier")
    assert metadata["License-File"] == "LICENSE"
    assert metadata.get_all("Provides-Extra") == ["lab"]
    urls = PROJECT["project"]["urls"]
    assert metadata.get_all("Project-URL", []) == [f"{name}, {url}" for name, url in urls.items()]


def imported(path):
    """Third-party modules that a file of bnlib imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def test_what_bnlib_imports_is_what_it_declares():
    modules = {name for path in (ROOT / "bnlib").rglob("*.py") for name in imported(path)}
    modules -= {*sys.stdlib_module_names, "bnlib"}
    known = packages_distributions()
    needed = {distribution.lower() for module in modules for distribution in known[module]}
    project = PROJECT["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    assert needed == {Requirement(text).name for text in declared}


@pytest.mark.slow
def test_the_lowest_versions_that_are_declared_are_the_ones_that_are_tested():
    """Otherwise `make test-lowest` would silently test newer ones than pyproject.toml allows."""
    command = ("pip", "compile", "--resolution", "lowest-direct", "--python-version", "3.11")
    options = ("--quiet", "--no-header", "--no-annotate", "pyproject.toml")
    result = subprocess.run([*UV, *command, *options], cwd=ROOT, capture_output=True, text=True)
    if "error sending request" in result.stderr.lower() and not os.environ.get("CI"):
        pytest.skip("needs a network, there is none")
    assert result.returncode == 0, result.stderr
    resolved = dict(line.split("==") for line in result.stdout.split())
    for requirement in map(Requirement, PROJECT["project"]["dependencies"]):
        (bound,) = requirement.specifier
        assert bound.operator == ">="
        lowest = resolved[requirement.name]
        assert lowest == bound.version or lowest.removesuffix(".0") == bound.version, requirement


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line[0].isalnum()]


def test_the_pins_agree_and_fit_what_is_declared():
    learner = {(pin.name, str(pin.specifier)) for pin in pins("requirements.txt")}
    names = {name for name, _ in learner}
    tools = {(pin.name, str(pin.specifier)) for pin in pins("requirements-test.txt")}
    assert not [pin for pin in tools - learner if pin[0] in names]
    project = PROJECT["project"]
    for text in (*project["dependencies"], *project["optional-dependencies"]["lab"]):
        wanted = Requirement(text)
        found = [pin for pin in pins("requirements.txt") if pin.name == wanted.name]
        assert found, text
        for pin in found:
            (exact,) = pin.specifier
            assert wanted.specifier.contains(exact.version), pin
    for name, group in PROJECT["dependency-groups"].items():
        file = f"requirements-{name}.txt" if name in ("site", "proof") else "requirements-test.txt"
        found = {pin.name for pin in pins(file)}
        assert {Requirement(tool).name for tool in group if isinstance(tool, str)} <= found


# ---------------------------------------------------------------- README on a package index


def targets(markdown):
    """Addresses of the links and of the pictures in a Markdown text."""
    links, pictures = [], []

    def walk(tokens):
        for token in tokens:
            if token["type"] in ("link", "image"):
                place = links if token["type"] == "link" else pictures
                place.append(token["attrs"]["url"])
            walk(token.get("children", []))

    walk(mistune.create_markdown(renderer="ast")(markdown.replace("|", "\n\n")))  # tables, too
    return links, pictures


SOURCE = "https://github.com/tree/notes/tree/draft/1"


def test_links_and_picture_are_complete_once_the_address_is_known():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links, pictures = targets(for_index(readme, SOURCE))
    assert "https://github.com/tree/notes/raw/draft/1/docs/tour.gif" in pictures
    assert "https://github.com/tree/notes/blob/draft/1/CONTRIBUTING.md" in links
    assert all(url.startswith("https://") for url in links + pictures)
    ours = [
        url.split("/draft/1/")[1].partition("#")[0]
        for url in links + pictures
        if "/draft/1/" in url
    ]
    assert len(ours) > len(list(NOTEBOOKS.glob("*.ipynb")))
    assert [path for path in ours if not (ROOT / path).is_file()] == []


def test_without_an_address_nothing_leads_nowhere():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links, pictures = targets(for_index(readme, None))
    assert all(url.startswith("https://") for url in links + pictures)
    text = "![a picture](docs/a.gif) [here](b.md), [there](https://mybinder.org), [above](#top)"
    assert for_index(text, None) == " here, [there](https://mybinder.org), [above](#top)"


@pytest.mark.slow
def test_the_wheel_describes_itself_in_that_way(metadata):
    assert metadata["Description-Content-Type"] == "text/markdown"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    source = PROJECT["project"]["urls"].get("Source")
    told = metadata.get_payload(decode=True).decode("utf-8")
    assert told.strip() == for_index(readme, source).strip()


# ---------------------------------------------------------------- python -m bnlib


def test_a_copy_is_made_once_and_then_kept(tmp_path):
    folder = tmp_path / "a" / "course"
    assert report(folder, *add_missing(folder)).endswith(
        f"a new copy of the notebooks, {len(FILES)} files"
    )
    assert content(folder) == FILES
    assert report(folder, *add_missing(folder)).endswith(f"all {len(FILES)} files kept as they are")

    mine, lost = folder / "00_tour.ipynb", folder / "solutions/00_1_saturated_share.py"
    mine.write_text("my answers", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    lost.unlink()
    told = report(folder, *add_missing(folder))
    assert told.endswith(f"{len(FILES) - 1} files kept as they are, missing ones added: 1")
    changed = {"00_tour.ipynb": b"my answers", "notes.txt": b"mine"}
    assert content(folder) == FILES | changed


@pytest.fixture(scope="module")
def python(built, tmp_path_factory):
    """Python of a fresh environment: the wheel, and what this environment has besides bnlib."""
    env = tmp_path_factory.mktemp("installed") / "env"
    program = env / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(*UV, "venv", "--python", sys.executable, env)
    options = ("--offline", "--no-deps", "--python", program)
    run(*UV, "pip", "install", *options, next(built.glob("*.whl")))
    site = run(program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A line of a .pth file is searched after the environment's own packages.
    rest = sysconfig.get_path("purelib")
    (Path(site) / "rest.pth").write_text(rest, encoding="utf-8")
    return program


@pytest.fixture
def environment(tmp_path):
    """Nothing of this user's or this checkout's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    kept.pop("PYTHONPATH", None)
    places = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    lab = Path(sys.prefix) / "share/jupyter/lab"  # the pages of JupyterLab are not in the wheel
    return kept | places | {"JUPYTERLAB_DIR": str(lab), "PYTHONUNBUFFERED": "1"}


@pytest.mark.slow
def test_help_and_a_missing_jupyterlab(python, environment, tmp_path):
    where = run(python, "-c", "import bnlib; print(bnlib.__file__)", cwd=tmp_path, env=environment)
    assert Path(where.strip()).is_relative_to(python.parents[1])
    told = run(python, "-m", "bnlib", "--help", cwd=tmp_path, env=environment)
    assert "--no-browser" in told
    assert "bnlib-notebooks" in told

    absent = "import runpy, sys; sys.modules['jupyterlab'] = None; "
    absent += "runpy.run_module('bnlib', run_name='__main__')"
    result = subprocess.run(
        [python, "-c", absent], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.startswith("JupyterLab is missing")
    assert f"{python} -m pip install jupyterlab\n" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_solutions_come_with_it(python, environment, tmp_path):
    code = "import sys, bnlib; print(bnlib.__file__, *map(bnlib.solution, sys.argv[1:]), sep='\\n')"
    solutions = {Path(name).stem: data for name, data in FILES.items() if "solutions/" in name}
    told = run(python, "-c", code, *solutions, cwd=tmp_path, env=environment)
    where, code = told.split("\n", maxsplit=1)
    assert Path(where).is_relative_to(python.parents[1])
    assert code == "".join(data.decode("utf-8") for data in solutions.values())


IN_A_BROWSER = """
import asyncio, sys
import numpy as np
import bnlib as bn
print(bn.__file__)

def is_refused(start, error):
    try:
        start()
    except error:
        return True

def process():
    import multiprocessing

assert is_refused(threading.Thread(target=print).start, RuntimeError)
assert is_refused(process, ImportError)
assert is_refused(lambda: subprocess.run([sys.executable, "-c", ""]), OSError)

data, network = bn.datasets.standardized_digits(), bn.mlp([64, 20, 10], batch_norm=True)
bn.fit(network, data, bn.SGD(0.3), steps=60, batch_size=30)
assert bn.evaluate(network, data.x_test, data.y_test).accuracy > 0.8

bn.live.kernel.kernel = object  # there is a kernel, and what calls is a slider

async def drag(explorer, name, values):
    before = explorer.png()
    bn.live.kernel.from_browser = lambda: True
    for value in values:
        explorer.controls[name].value = value
        await asyncio.sleep(0.02)
    await asyncio.wait_for(explorer.settled(), 60)
    bn.live.kernel.from_browser = lambda: False
    assert explorer.at_rest and not explorer.busy
    assert explorer.png().startswith(b"\\x89PNG") and explorer.png() != before
    np.testing.assert_equal(explorer.result, explorer.result_at(**explorer.values))

bn.live.kernel.from_browser = lambda: False
asyncio.run(drag(bn.demos.drag_one_example(), "value", [7.0, 6.0, 5.0]))
asyncio.run(drag(bn.demos.chasing_statistics(), "learning_rate", [0.1, 0.3, 1.0]))

for name, number in (("saturated_share", "00_1"), ("working_rate", "00_2")):
    cell = {"np": np, "bn": bn}
    exec(bn.solution(number), cell)
    verdict = getattr(bn.checks, name)(cell[name])
    assert verdict, verdict
    assert not getattr(bn.checks, name)(...)
"""


@pytest.mark.slow
def test_it_works_where_no_thread_and_no_process_can_be_started(python, environment, tmp_path):
    first = (ROOT / "tests/unit/as_in_a_browser.py").read_text(encoding="utf-8")
    told = run(python, "-c", first + IN_A_BROWSER, cwd=tmp_path, env=environment)
    assert Path(told.strip()).is_relative_to(python.parents[1])


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_told(python, environment, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    result = subprocess.run(
        [python, "-m", "bnlib", "taken"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("cannot copy the notebooks to taken: ")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "a file"


@pytest.mark.slow
def test_jupyterlab_opens_on_the_copy(python, environment, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    command = [python, "-m", "bnlib", "--no-browser", "--", "--port=0", "--allow-root"]
    log = tmp_path / "log.txt"
    with log.open("w", encoding="utf-8") as out:
        server = subprocess.Popen(
            command, cwd=home, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        url = address(server, log)
        assert url.startswith("http://localhost:")
        assert "?token=" in url
        base, token = url.split("lab/tree/00_tour.ipynb?token=")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(f"{base}api/contents")
        listed = fetch(f"{base}api/contents?token={token}")["content"]
        names = {name.partition("/")[0] for name in FILES}
        assert {entry["name"] for entry in listed} == names
        # The settings that the wheel brings are in effect.
        plugin = "@jupyterlab/apputils-extension:notification"
        schema = fetch(f"{base}lab/api/settings/{plugin}?token={token}")["schema"]
        assert schema["properties"]["fetchNews"]["default"] == "false"
        assert "sliders may lag" not in log.read_text(encoding="utf-8")
    finally:
        server.terminate()
        server.wait(timeout=60)
    assert content(home) == {f"bnlib-notebooks/{name}": data for name, data in FILES.items()}


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return json.loads(answer.read())


def address(server, log, patience=60):
    """The first URL with a token that the server prints, once it is running."""
    for _ in range(int(patience / 0.1)):
        text = log.read_text(encoding="utf-8")
        assert server.poll() is None, text
        if "Use Control-C" in text:
            return next(word for word in text.split() if "?token=" in word)
        time.sleep(0.1)
    raise TimeoutError(log.read_text(encoding="utf-8"))
