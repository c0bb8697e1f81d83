"""One step of setting up the environment, for the Makefile: one `make` at a time, and to its end.

python scripts/set_up.py STAMP NEEDED... -- COMMAND... -- COMMAND...

runs the commands and then makes the stamp, a file in the environment that says that the step is
done. Where another `make` has done it in the meantime, nothing runs. What an interrupted call left
half made is made again.
"""

import contextlib
import csv
import itertools
import shutil
import subprocess
import sys
import time
from pathlib import Path

SPACE = 1000  # megabytes that all steps need, roughly


@contextlib.contextmanager
def alone(environment: Path):
    """Wait until no other process works on the environment; gives what subprocesses need for it."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{environment}.lock", "a+b") as file:
        with contextlib.suppress(OSError):  # a disk without locks: go on
            if not taken(file):
                print(f"Another make is setting up {environment}. Waiting for it.", flush=True)
                while not taken(file):
                    time.sleep(0.5)
        # They hold the lock, too: where only this script was killed, pip goes on.
        yield {} if sys.platform == "win32" else {"pass_fds": [file.fileno()]}


def taken(file) -> bool:
    """Take the lock, which ends with the process however it ends; False: somebody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def without_python(environment: Path) -> None:
    """Where its Python is gone, with an update of the system perhaps, every step is to be done."""
    stamps, pythons = list(environment.glob("*.stamp")), ("bin/python", "Scripts/python.exe")
    if stamps and not any((environment / name).exists() for name in pythons):
        print(f"The Python of {environment} is gone: it is set up again.", flush=True)
        links = (path for place in places(environment) for path in place.glob("bin/python*"))
        for path in (*stamps, *(path for path in links if path.is_symlink())):
            path.unlink()


def mend(environment: Path) -> None:
    """Forget packages that are half there, so that pip installs them."""
    for place, folder in itertools.product(places(environment), ("lib/python*", "Lib")):
        for path in filter(half, place.glob(f"{folder}/site-packages/*.dist-info")):
            print(f"{path.stem} was left half installed: once more.", flush=True)
            shutil.rmtree(path)


def places(environment: Path) -> list[Path]:
    """The environment, and those in it that have packages of their own."""
    return [environment, *environment.glob("*/")]


def half(package: Path) -> bool:
    """Whether its list of files, which pip writes last, is missing or names one that is missing."""
    record = package / "RECORD"
    if not record.exists():
        return True
    with record.open(encoding="utf-8", newline="") as lines:
        files = [row[0] for row in csv.reader(lines)]
    return any(not f.endswith(".pyc") and not (package.parent / f).exists() for f in files)


def done(stamp: Path, needed: list[Path]) -> bool:
    made = stamp.exists() and stamp.stat().st_mtime
    return bool(made) and all(path.exists() and path.stat().st_mtime <= made for path in needed)


def step(stamp: Path, needed: list[Path], commands: list[list[str]]) -> int:
    """Run the commands; the exit code of the first that fails, else 0."""
    environment = stamp.parent
    begun = environment / "set-up.begun"  # there as long as a step is under way, or was interrupted
    with alone(environment) as lock:
        without_python(environment)
        if done(stamp, needed):
            return 0
        if begun.exists():
            mend(environment)
        environment.mkdir(parents=True, exist_ok=True)
        begun.touch()
        for command in commands:
            code = subprocess.run([program(command[0]), *command[1:]], **lock).returncode
            if code:
                print(why(environment), file=sys.stderr)
                return code
        stamp.touch()
        begun.unlink()
    return 0


def program(name: str) -> str:
    """What Windows, which does not add .exe to a path, can start."""
    windows = sys.platform == "win32"
    return (windows and (shutil.which(f"{name}.exe") or shutil.which(name))) or name


def why(environment: Path) -> str:
    free = shutil.disk_usage(environment if environment.exists() else ".").free >> 20
    full = (
        f"Only {free} MB are free on its disk, and it needs about {SPACE}. " if free < 200 else ""
    )
    return f"{environment} is not ready. {full}Once the reason is gone, the same command goes on."


def main(arguments: list[str]) -> int:
    parts = itertools.groupby(arguments, key=lambda word: word != "--")
    (stamp, *needed), *commands = (list(words) for is_part, words in parts if is_part)
    try:
        return step(Path(stamp), [Path(path) for path in needed], commands)
    except OSError as error:
        print(f"{error}\n{why(Path(stamp).parent)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(why(Path(stamp).parent), file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
