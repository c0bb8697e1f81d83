"""Measurements: cell nuclei under the microscope, and the highest temperature of every day."""

import csv
from functools import cache

import numpy as np

from .dataset import DailyTemperature, Dataset
from .files import read

# The units that follow from the definitions in the source; it states none for the other seven.
_UNITS = {"radius": "pixel", "perimeter": "pixel", "area": "pixel²", "texture": "grey level"}


@cache
def breast_cancer() -> Dataset:
    """Cell nuclei of 569 breast masses, 30 measurements each: malignant (1) or benign (0)?

    Ten measurements of every nucleus in the image of a fine needle aspirate; the columns are their
    mean over the image, their standard error, and the mean of the three largest values ("worst").
    The scales differ: the standard deviations of the columns span five powers of ten. 427 masses to
    train with (159 malignant), 142 to test with (53 malignant), 37 % in both.

    Returns
    -------
    Dataset
        x_train (427, 30) and x_test (142, 30): float64, in the units of the source; ``units`` holds
        those that are known. y_train (427,) and y_test (142,): 1 is malignant, the case to detect,
        0 is benign. (In scikit-learn's copy of these data it is the other way round.)

    Source: Wolberg, Mangasarian, Street & Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI
    Machine Learning Repository; the measurements are defined in Street, Wolberg & Mangasarian
    (1993), Nuclear feature extraction for breast tumor diagnosis. CC BY 4.0.
    """
    header, *lines = _table("breast_cancer.csv")
    names = tuple(header[3:])
    rows = np.array([int(line[0]) for line in lines])
    test = np.array([line[1] == "test" for line in lines])
    malignant = np.array([line[2] == "M" for line in lines]).astype(np.int64)
    x = np.array([line[3:] for line in lines], dtype=np.float64)
    return Dataset(
        "breast_cancer",
        x_train=x[~test],
        y_train=malignant[~test],
        x_test=x[test],
        y_test=malignant[test],
        rows_train=rows[~test],
        rows_test=rows[test],
        feature_names=names,
        units=tuple(
            next((unit for measured, unit in _UNITS.items() if measured in name), None)
            for name in names
        ),
        class_names=("benign", "malignant"),
        source="UCI Machine Learning Repository, data set 17, file wdbc.data "
        "(https://doi.org/10.24432/C5DW2B), as in scikit-learn 1.9.1",
        citation="Wolberg, W., Mangasarian, O., Street, N., & Street, W. (1993). Breast Cancer "
        "Wisconsin (Diagnostic) [Dataset]. UCI Machine Learning Repository. "
        "https://doi.org/10.24432/C5DW2B",
        licence="CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
    )


@cache
def seattle_temperature() -> DailyTemperature:
    """The highest temperature of every day in Seattle, 2012 to 2015: 1461 days, in °C.

    Returns
    -------
    DailyTemperature
        dates (1461,): datetime64[D], 2012-01-01 to 2015-12-31. celsius (1461,): float64; whole
        degrees Fahrenheit that were turned into °C and rounded to 0.1.

    Source: NOAA (National Oceanic and Atmospheric Administration), as in vega_datasets. Public
    domain.
    """
    _, *lines = _table("seattle_temperature.csv")
    return DailyTemperature(
        "seattle_temperature",
        dates=np.array([day for day, _ in lines], dtype="datetime64[D]"),
        celsius=np.array([celsius for _, celsius in lines], dtype=np.float64),
        source="NOAA National Climatic Data Center (https://www.ncdc.noaa.gov/cdo-web/), column "
        "temp_max of seattle-weather.csv in vega_datasets 0.9.0",
        citation="NOAA National Climatic Data Center, daily weather of Seattle 2012–2015, in "
        "seattle-weather.csv of vega-datasets (https://github.com/vega/vega-datasets)",
        licence="public domain (data of the United States government, "
        "https://www.weather.gov/disclaimer)",
    )


def _table(name: str) -> list[list[str]]:
    return list(csv.reader(read(name).decode().splitlines()))
