"""The data sets are what their README says, cannot be changed by a reader, and need no network."""

import dataclasses
import hashlib
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bnlib import datasets
from bnlib.datasets import files

NAMES = ["breast_cancer", "digits", "mnist_5k", "seattle_temperature"]
CLASSIFIED = NAMES[:3]
FOLDER = Path(datasets.__file__).parent
CHECKSUMS = json.loads((FOLDER / "checksums.json").read_text())


def load(name):
    return getattr(datasets, name)()


def arrays(data):
    return {k: v for k, v in vars(data).items() if isinstance(v, np.ndarray)}


@pytest.mark.parametrize(
    ("name", "train", "test", "features", "dtype", "image_shape"),
    [
        ("breast_cancer", 427, 142, 30, np.float64, None),
        ("digits", 1347, 450, 64, np.float32, (8, 8)),
        ("mnist_5k", 4000, 1000, 784, np.float32, (28, 28)),
    ],
)
def test_shapes_and_dtypes(name, train, test, features, dtype, image_shape):
    data = load(name)
    assert data.x_train.shape == (train, features)
    assert data.x_test.shape == (test, features)
    assert data.y_train.shape == data.rows_train.shape == (train,)
    assert data.y_test.shape == data.rows_test.shape == (test,)
    assert data.x_train.dtype == data.x_test.dtype == dtype
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert len(data.feature_names) == len(data.units) == len(set(data.feature_names)) == features
    assert data.image_shape == image_shape
    assert data.x_train.flags.c_contiguous
    assert set(data.y_train) == set(data.y_test) == set(range(len(data.class_names)))


@pytest.mark.parametrize(
    ("name", "counts_train", "counts_test"),
    [
        ("breast_cancer", [268, 159], [89, 53]),
        (
            "digits",
            [134, 136, 133, 137, 136, 136, 136, 134, 130, 135],
            [44, 46, 44, 46, 45, 46, 45, 45, 44, 45],
        ),
        ("mnist_5k", [400] * 10, [100] * 10),
    ],
)
def test_every_class_has_its_share_in_both_parts(name, counts_train, counts_test):
    data = load(name)
    train, test = np.bincount(data.y_train), np.bincount(data.y_test)
    assert train.tolist() == counts_train
    assert test.tolist() == counts_test
    np.testing.assert_allclose(
        test / (train + test), len(data.y_test) / (len(data.y_test) + len(data.y_train)), atol=0.005
    )


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        ("breast_cancer", "dadd0f18d6a94972", "7acb915ccb4ef367"),
        ("digits", "d0251658c6a85009", "6a07a63fcf155d2b"),
        ("mnist_5k", "dbe15e6852c37e1c", "e87b0cd9aea7b5c2"),
    ],
)
def test_split_is_complete_disjoint_and_never_changes(name, train, test):
    data = load(name)
    both = np.concatenate([data.rows_train, data.rows_test])
    np.testing.assert_array_equal(np.sort(both), np.arange(len(both)))
    assert hashlib.sha256(data.rows_train.astype("<i8").tobytes()).hexdigest()[:16] == train
    assert hashlib.sha256(data.rows_test.astype("<i8").tobytes()).hexdigest()[:16] == test


@pytest.mark.parametrize("name", CLASSIFIED)
def test_split_and_order_are_those_of_the_documented_keys(name):
    data = load(name)

    def key(purpose, row):
        return hashlib.sha256(f"{name} {purpose} {row}".encode()).digest()

    for rows in (data.rows_train, data.rows_test):
        keys = [key("order", row) for row in rows]
        assert keys == sorted(keys)
    for label in range(len(data.class_names)):
        test = [key("split", row) for row in data.rows_test[data.y_test == label]]
        train = [key("split", row) for row in data.rows_train[data.y_train == label]]
        assert max(test) < min(train)


@pytest.mark.parametrize("name", CLASSIFIED)
def test_the_first_rows_are_a_fair_sample(name):
    data = load(name)
    share = np.bincount(data.y_train[:200], minlength=len(data.class_names)) / 200
    overall = np.bincount(data.y_train) / len(data.y_train)
    error = np.sqrt(overall * (1 - overall) / 200)
    assert (np.abs(share - overall) < 4 * error).all()


@pytest.mark.parametrize("name", CLASSIFIED)
def test_no_example_occurs_twice(name):
    data = load(name)
    rows = [row.tobytes() for row in data.x_train] + [row.tobytes() for row in data.x_test]
    assert len(set(rows)) == len(rows)


def test_breast_cancer_against_the_published_summary():
    data = datasets.breast_cancer()
    x = np.concatenate([data.x_train, data.x_test])
    published = {  # least and greatest value, in the description of the data by scikit-learn
        "mean radius": (6.981, 28.11),
        "mean texture": (9.71, 39.28),
        "mean perimeter": (43.79, 188.5),
        "mean area": (143.5, 2501.0),
        "perimeter error": (0.757, 21.98),
        "area error": (6.802, 542.2),
        "worst radius": (7.93, 36.04),
        "worst area": (185.2, 4254.0),
    }
    for name, (low, high) in published.items():
        column = x[:, data.feature_names.index(name)]
        assert (column.min(), column.max()) == (low, high)
    assert data.feature_names[::10] == ("mean radius", "radius error", "worst radius")


def test_breast_cancer_first_row_of_the_source_is_malignant():
    data = datasets.breast_cancer()
    y = np.concatenate([data.y_train, data.y_test])
    x = np.concatenate([data.x_train, data.x_test])
    first = np.concatenate([data.rows_train, data.rows_test]).tolist().index(0)
    assert data.class_names[y[first]] == "malignant"
    assert x[first, :10].tolist() == [
        17.99, 10.38, 122.8, 1001, 0.1184, 0.2776, 0.3001, 0.1471, 0.2419, 0.07871,
    ]  # fmt: skip
    # Malignant nuclei are the larger ones.
    assert x[y == 1, 0].mean() > 17 > 13 > x[y == 0, 0].mean()


def test_breast_cancer_units():
    data = datasets.breast_cancer()
    units = dict(zip(data.feature_names, data.units, strict=True))
    assert units["mean radius"] == units["perimeter error"] == "pixel"
    assert units["worst area"] == "pixel²"
    assert units["mean texture"] == "grey level"
    assert sum(unit is None for unit in data.units) == 18
    area = data.x_train[:, data.feature_names.index("mean area")]
    radius = data.x_train[:, data.feature_names.index("mean radius")]
    np.testing.assert_allclose(area, np.pi * radius**2, rtol=0.1)  # one unit of length


def test_digits_are_whole_numbers_of_dots_and_the_first_is_a_zero():
    data = datasets.digits()
    x = np.concatenate([data.x_train, data.x_test])
    y = np.concatenate([data.y_train, data.y_test])
    rows = np.concatenate([data.rows_train, data.rows_test])
    assert set(np.unique(x)) == set(range(17))
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    first = rows.tolist().index(0)
    assert y[first] == 0
    assert x[first].reshape(data.image_shape)[1].tolist() == [0, 0, 13, 15, 10, 15, 5, 0]
    constant = [data.feature_names[i] for i in np.flatnonzero(x.std(axis=0) == 0)]
    assert constant == ["pixel_0_0", "pixel_4_0", "pixel_4_7"]


def test_mnist_is_mnist():
    data = datasets.mnist_5k()
    x = np.concatenate([data.x_train, data.x_test])
    y = np.concatenate([data.y_train, data.y_test])
    rows = np.concatenate([data.rows_train, data.rows_test])
    assert (x.min(), x.max()) == (0, 255)
    assert (x == np.rint(x)).all()
    # Known for all 60 000 training images: mean 0.1307 and standard deviation 0.3081 of 255.
    assert x.mean(dtype=np.float64) / 255 == pytest.approx(0.1307, rel=0.01)
    assert x.std(dtype=np.float64) / 255 == pytest.approx(0.3081, rel=0.01)
    np.testing.assert_array_equal(y, rows // 500)  # the source is sorted by digit
    first = x[rows.tolist().index(0)].reshape(data.image_shape)  # MNIST's second training image
    assert first[4, 15:20].tolist() == [51, 159, 253, 159, 50]
    assert not first[:4].any()


@pytest.mark.parametrize(
    ("name", "constant_in_training", "but_not_in_test"),
    [("breast_cancer", 0, 0), ("digits", 4, 1), ("mnist_5k", 128, 7)],
)
def test_features_that_are_constant_in_training(name, constant_in_training, but_not_in_test):
    data = load(name)
    constant = (data.x_train == data.x_train[0]).all(axis=0)
    surprise = constant & (data.x_test != data.x_train[0]).any(axis=0)
    assert constant.sum() == constant_in_training
    assert surprise.sum() == but_not_in_test


def test_seattle_temperature():
    data = datasets.seattle_temperature()
    assert data.dates.dtype == np.dtype("datetime64[D]")
    assert data.celsius.dtype == np.float64
    assert data.dates.shape == data.celsius.shape == (1461,)
    assert (str(data.dates[0]), str(data.dates[-1])) == ("2012-01-01", "2015-12-31")
    assert (np.diff(data.dates) == np.timedelta64(1, "D")).all()
    assert data.celsius[:5].tolist() == [12.8, 10.6, 11.7, 12.2, 8.9]
    assert str(data.dates[data.celsius.argmax()]) == "2014-08-11"
    assert str(data.dates[data.celsius.argmin()]) == "2014-02-06"
    assert (data.celsius.min(), data.celsius.max()) == (-1.6, 35.6)
    assert data.celsius.mean() == pytest.approx(16.439, abs=5e-4)
    fahrenheit = data.celsius * 9 / 5 + 32
    assert np.abs(fahrenheit - np.rint(fahrenheit)).max() < 0.13  # 0.1 °C of rounding is 0.18 °F


@pytest.mark.parametrize("name", NAMES)
def test_shared_arrays_cannot_be_changed(name):
    data = load(name)
    assert load(name) is data
    for array in arrays(data).values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "mine"
    array = next(iter(arrays(data).values()))
    mine = array.copy()
    mine[0] = mine[1]
    assert not np.shares_memory(mine, array)


@pytest.mark.parametrize("name", NAMES)
def test_provenance_and_repr(name):
    data = load(name)
    assert data.name == name
    assert "http" in data.source
    assert "http" in data.citation
    assert "http" in data.licence
    assert name in repr(data)
    assert len(repr(data)) < 120
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"\n## {name}\n" in readme
    assert data.licence.split(" (")[0] in readme


def test_repr_tells_the_sizes():
    assert repr(datasets.digits()) == (
        "Dataset(digits: 1347 training + 450 test examples, 64 features, 10 classes)"
    )
    assert repr(datasets.seattle_temperature()) == (
        "DailyTemperature(seattle_temperature: 1461 days, 2012-01-01 to 2015-12-31,"
        " -1.6 to 35.6 °C)"
    )


@pytest.mark.parametrize("file", CHECKSUMS)
def test_checksums_are_recorded_in_the_readme_too(file):
    assert hashlib.sha256((FOLDER / file).read_bytes()).hexdigest() == CHECKSUMS[file]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert CHECKSUMS[file] in readme
    assert f"{(FOLDER / file).stat().st_size:,}".replace(",", " ") in readme
    assert f"`{file}`" in readme


def test_every_data_file_has_a_checksum():
    data_files = {f.name for f in FOLDER.iterdir() if f.suffix in {".npz", ".csv"}}
    assert data_files == set(CHECKSUMS)


@pytest.mark.parametrize(("name", "file"), list(zip(NAMES, sorted(CHECKSUMS), strict=True)))
def test_a_damaged_or_missing_file_is_reported(name, file, tmp_path, monkeypatch):
    for each in ("checksums.json", file):
        shutil.copy(FOLDER / each, tmp_path)
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    uncached = getattr(datasets, name).__wrapped__
    assert repr(uncached()) == repr(load(name))

    intact = (tmp_path / file).read_bytes()
    middle = len(intact) // 2
    flipped = bytes([intact[middle] ^ 1])
    for damaged in (
        intact[:middle] + flipped + intact[middle + 1 :],
        intact[:-1],
        intact.replace(b"\n", b"\r\n"),
        b"",
    ):
        (tmp_path / file).write_bytes(damaged)
        with pytest.raises(ValueError, match=rf"{file} is damaged.*Install bnlib again"):
            uncached()
    (tmp_path / file).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{file} is missing.*Install bnlib again"):
        uncached()


@pytest.mark.parametrize("name", NAMES)
def test_no_network(name, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set asked for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    getattr(datasets, name).__wrapped__()


def test_standardized_digits_are_the_digits_standardized_by_the_training_part():
    data, raw = datasets.standardized_digits(), datasets.digits()
    assert datasets.standardized_digits() is data
    mean, std = raw.x_train.mean(axis=0, dtype=float), raw.x_train.std(axis=0, dtype=float)
    std[std == 0] = 1
    for ours, theirs in ((data.x_train, raw.x_train), (data.x_test, raw.x_test)):
        assert ours.dtype == np.float32
        assert not ours.flags.writeable
        np.testing.assert_allclose(ours, (theirs - mean) / std, rtol=1e-5, atol=1e-6)
    assert data.y_train is raw.y_train
    assert repr(data).startswith("Dataset(standardized_digits: 1347 training + 450 test")


def test_the_parts_of_few_digits_do_not_overlap():
    data = datasets.few_digits(128, 3)
    lengths = {name: len(y) for name, (x, y) in data.items()}
    assert lengths == {"train": 128, "tune": 300, "test": 1797 - 428}
    x = data["train"][0]
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-5)
    together = np.concatenate([x for x, _ in data.values()])
    assert len(np.unique(together.round(4), axis=0)) == 1797
    assert not np.array_equal(datasets.few_digits(128, 4)["train"][1], data["train"][1])
    x, y = data["test"]
    assert not x.flags.writeable
    assert not y.flags.writeable
    assert x.dtype == np.float32


@pytest.mark.parametrize("size", [0, 1497, 2.5])
def test_few_digits_leave_some_to_test_with(size):
    with pytest.raises((ValueError, TypeError), match="size must be"):
        datasets.few_digits(size, 0)


def test_import_reads_no_data_file():
    code = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None)\n"
        "import bnlib.datasets\n"
        "def data(): return [f for f in opened if f.endswith(('.npz', '.csv', 'checksums.json'))]\n"
        "assert not data(), data()\n"
        "bnlib.datasets.digits()\n"
        "assert len(data()) == 2, data()\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
