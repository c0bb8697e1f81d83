"""Six tools execute notebooks and give the saved text, on odd and poor machines too.

Three tools execute all nine; the others, and all machines, those in ``THREE``.
"""

import contextlib
import os
import shutil
import subprocess
import sys

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import NOTEBOOKS, THREE

CELL = 900  # seconds for a cell, where a tool asks
OFFLINE = '''
"""Read by every Python that starts here: it reaches this machine, and nothing else."""
import socket
usual = socket.socket.connect
def connect(self, address):
    if self.family == getattr(socket, "AF_UNIX", None) or address[0] in ("127.0.0.1", "::1"):
        return usual(self, address)
    raise OSError(101, "Network is unreachable")
def nowhere(host, *rest, **more):
    if host in (None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"):
        return asked(host, *rest, **more)
    raise socket.gaierror(-3, "Temporary failure in name resolution")
asked, socket.getaddrinfo, socket.socket.connect = socket.getaddrinfo, nowhere, connect
'''


def nbconvert(path, out):
    options = ("--execute", "--output-dir", out, f"--ExecutePreprocessor.timeout={CELL}")
    return ("nbconvert", "--to", "notebook", *options, path), out / path.name


def jupyter_execute(path, out):
    """It is called `jupyter execute`; this is the same command without a search for it."""
    target = out / path.name
    call = "import sys; from nbclient.cli import main; sys.exit(main())"
    return ("-c", call, f"--timeout={CELL}", f"--output={target}", path), target


def nbval_strict(path, out):
    """It compares by itself: with the saved text, exactly."""
    options = ("--nbval", "--nbval-current-env", f"--nbval-cell-timeout={CELL}")
    return ("pytest", "-p", "no:cacheprovider", *options, path), None


def nbval_lax(path, out):
    options = ("--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL}")
    return ("pytest", "-p", "no:cacheprovider", *options, path), None


def nbmake(path, out):
    """It writes over the notebook that it executes."""
    target = shutil.copy(path, out / path.name)
    options = ("--nbmake", "--overwrite", f"--nbmake-timeout={CELL}")
    return ("pytest", "-p", "no:cacheprovider", *options, target), target


def papermill(path, out):
    """The kernel works where papermill was called, not where the notebook is."""
    target = out / path.name
    return ("papermill", "--no-progress-bar", "--kernel", "python3", path, target), target


ALL = [(tool, name) for name in NOTEBOOKS for tool in (nbconvert, jupyter_execute, nbval_strict)]
SOME = [(tool, name) for name in THREE for tool in (nbval_lax, nbmake, papermill)]


def execute(tool, name, checkout, tmp_path, *, before=(), **changes):
    """Execute a notebook from another working directory; what went wrong, in lines, or nothing."""
    elsewhere_dir, out = tmp_path / "elsewhere", tmp_path / "out"
    for folder in (elsewhere_dir, out):
        folder.mkdir()
        folder.chmod(0o777)
    arguments, target = tool(checkout / "notebooks" / f"{name}.ipynb", out)
    call = arguments if arguments[0] == "-c" else ("-m", *arguments)
    env = elsewhere.surroundings(checkout, **changes)
    command = (*before, elsewhere.proof_python(), *call)
    done = elsewhere.run(command, cwd=elsewhere_dir, env=env)
    if done.returncode:
        return [f"{tool.__name__} ends with {done.returncode}", done.stdout[-6000:]]
    if target is None:  # the tool has compared
        cells = [cell for cell in elsewhere.saved(name, checkout).cells if cell.cell_type == "code"]
        return [] if f"{len(cells)} passed" in done.stdout else [done.stdout[-6000:]]
    return elsewhere.problems(target, checkout)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("tool", "name"), ALL + SOME, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_tool(tool, name, tmp_path, tried):
    checkout = elsewhere.copy_of(name, folder=tmp_path / "checkout")
    assert execute(tool, name, checkout, tmp_path) == []
    tried("executions by a tool")


def test_a_tool_that_finds_another_text_is_heard(tmp_path):
    """What the other tests rest on: a changed text is a difference."""
    notebook = elsewhere.saved("01_input_normalization")
    cell = next(cell for cell in notebook.cells if cell.get("outputs"))
    cell.outputs[0].update(output_type="stream", name="stdout", text="another text")
    path = tmp_path / "01_input_normalization.ipynb"
    elsewhere.nbformat.write(notebook, path)
    assert "another text" in str(elsewhere.problems(path, elsewhere.ROOT))


def turkish(tmp_path):
    """In Turkish a small I has no dot, and İ in lower case is two characters."""
    folder = tmp_path / "locales"
    folder.mkdir()
    command = ("localedef", "-i", "tr_TR", "-f", "UTF-8", folder / "tr_TR.UTF-8")
    if shutil.which("localedef") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs localedef and the Turkish locale (the package locales)")
    language = {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "LOCPATH": str(folder)}
    script = "import locale; print(locale.setlocale(locale.LC_ALL, ''), locale.str(0.5))"
    env = elsewhere.surroundings(tmp_path, **language)
    done = elsewhere.run([sys.executable, "-c", script], cwd=tmp_path, env=env)
    assert done.stdout == "tr_TR.UTF-8 0,5\n"
    return language


def no_language(tmp_path):
    """ASCII in file names, in what is read and in what is printed, unless told otherwise."""
    poor = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    env = elsewhere.surroundings(tmp_path, **poor)
    script = "import locale; print(locale.getpreferredencoding(False))"
    done = elsewhere.run([sys.executable, "-c", script], cwd=tmp_path, env=env)
    assert done.stdout.strip() in ("ANSI_X3.4-1968", "US-ASCII"), done.stdout
    return poor


def utf8_anyway(tmp_path):
    return {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1"}


def no_network(tmp_path):
    folder = tmp_path / "offline"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(OFFLINE)
    changes = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "checkout"), str(folder)])}
    env = elsewhere.surroundings(tmp_path, **changes)
    for call, wanted in {
        "create_connection(('example.org', 80))": "name resolution",
        "socket().connect(('0.0.0.0', 80))": "Network is unreachable",
    }.items():
        command = (elsewhere.proof_python(), "-c", f"import socket; socket.{call}")
        assert wanted in elsewhere.run(command, cwd=tmp_path, env=env).stdout
    return changes


@pytest.mark.proof
@pytest.mark.parametrize("name", THREE)
@pytest.mark.parametrize(
    "machine", [turkish, no_language, utf8_anyway, no_network], ids=lambda f: f.__name__
)
def test_an_odd_machine(machine, name, tmp_path, tried):
    checkout = elsewhere.copy_of(name, folder=tmp_path / "checkout")
    assert execute(nbconvert, name, checkout, tmp_path, **machine(tmp_path)) == []
    tried("executions on an odd machine")


@contextlib.contextmanager
def read_only(folder):
    """Nobody can write into it, not even root, who may do all elsewhere: a read-only mount."""
    if hasattr(os, "geteuid") and os.geteuid():
        paths = [folder, *folder.rglob("*")]
        for path in paths:
            path.chmod(path.stat().st_mode & ~0o222)
        try:
            yield
        finally:
            for path in paths:
                path.chmod(path.stat().st_mode | 0o200)
        return
    for step in (("--bind", folder, folder), ("-o", "remount,bind,ro", folder)):
        if shutil.which("mount") is None or subprocess.run(["mount", *step]).returncode:
            pytest.skip("as root it needs the right to mount a folder read-only")
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", folder), check=True)


@pytest.mark.proof
@pytest.mark.parametrize("name", THREE)
def test_a_checkout_that_cannot_be_written(name, tmp_path, tried):
    checkout = elsewhere.copy_of(name, folder=tmp_path / "checkout")
    with read_only(checkout):
        with pytest.raises(OSError, match=r"Read-only|Permission"):
            (checkout / "notebooks" / "new").touch()
        assert execute(nbconvert, name, checkout, tmp_path) == []
    tried("executions on a read-only checkout")


@pytest.mark.proof
@pytest.mark.parametrize("name", THREE)
def test_no_space_for_temporary_files(name, tmp_path, tried):
    """TMPDIR is full: Python then takes /tmp."""
    full = tmp_path / "full"
    full.mkdir()
    size = ("-t", "tmpfs", "-o", "size=64k")
    if shutil.which("mount") is None or subprocess.run(("mount", *size, "tmpfs", full)).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        with contextlib.suppress(OSError), (full / "big").open("wb", buffering=0) as big:
            while True:
                big.write(bytes(512))
        checkout = elsewhere.copy_of(name, folder=tmp_path / "checkout")
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(full))
        assert execute(nbconvert, name, checkout, tmp_path, **temporary) == []
    finally:
        subprocess.run(("umount", "--lazy", full), check=True)
    tried("executions without space for temporary files")
