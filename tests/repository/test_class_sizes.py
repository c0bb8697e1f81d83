"""The load measurement of a class: a slider as the browser has it, the arithmetic of the sizes."""

import importlib
import re
from pathlib import Path

import pytest

SLIDERS = {
    "FloatSliderModel": {"min": -1.0, "max": 3.0, "step": 0.5, "value": 0.0},
    "FloatLogSliderModel": {"min": -3.0, "max": 0.0, "step": 0.05, "base": 10.0, "value": 0.1},
    "IntSliderModel": {"min": 1, "max": 9, "step": 1, "value": 5},
    "SelectionSliderModel": {"_options_labels": ("a", "b", "c"), "index": 1},
}
PRICE = {
    "memory": 285, "most": 330, "libraries": 50, "start": 3, "cells": 35, "burst": 0.8,
    "reading": 0.01, "shared": 0.005, "hub_memory": 160,
}  # fmt: skip


@pytest.fixture
def measurement(monkeypatch):
    """A function that imports a module of the measurement."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "benchmarks")
    return importlib.import_module


@pytest.mark.parametrize("kind", SLIDERS)
def test_the_hand_reaches_both_ends_of_a_slider_in_its_steps(kind, measurement):
    place = measurement("classroom_learner").place
    state = {"_model_name": kind} | SLIDERS[kind]
    name, low = place(state, 0.0)
    assert name in state
    high = place(state, 1.0)[1]
    wanted = {
        "FloatSliderModel": (-1, 3), "FloatLogSliderModel": (1e-3, 1), "IntSliderModel": (1, 9),
        "SelectionSliderModel": (0, 2),
    }  # fmt: skip
    assert (low, high) == pytest.approx(wanted[kind])
    assert type(low) is type(state[name])
    values = {place(state, k / 1000)[1] for k in range(1001)}
    count = {"FloatSliderModel": 9, "FloatLogSliderModel": 61, "IntSliderModel": 9}
    assert len(values) == count.get(kind, 3)


def test_one_message_of_a_slider_is_under_way_and_what_comes_meanwhile_is_merged(measurement):
    module = measurement("classroom_learner")
    learner = module.Learner("http://127.0.0.1", "ada", "00_tour.ipynb", 1)
    learner.models["s"] = {"_model_name": "FloatSliderModel"} | SLIDERS["FloatSliderModel"]
    sent = []

    def send(channel, kind, content, **_):
        sent.append(content["data"]["state"]["value"])
        return f"message {len(sent)}"

    learner.send = send
    demo = module.Demo("s", "i", trains=False)
    for k, part in enumerate((0.5, 0.51, 0.75, 1.0)):
        learner._hand(demo, part, now=float(k))
    assert sent == [1.0]  # 0.51 is within the step of 0.5; the others wait
    learner._answered("message 1")
    learner._answered("message 1")
    assert sent == [1.0, 3.0]
    learner._answered("message 2")
    assert learner.pending == learner.next == {}
    assert learner.record.made[False] == 3
    moves = learner.record.moves[False]
    assert [move.made for move in moves] == [0.0, 3.0]  # the time is that of the hand
    for part in (0.5, 0.75, 0.5):  # there and back again, while the first is under way
        learner._hand(demo, part, now=9.0)
    learner._answered("message 3")
    assert sent[2:] == [1.0, 1.0]
    assert len(learner.record.moves[False]) == 3  # no picture is to be expected of the second
    learner._answered("message 4")
    picture = {"comm_id": "i", "data": {"state": {}, "buffer_paths": [["value"]]}}
    learner._updated("message 2", picture, [b"\x89PNG\r\n...IEND\xaeB`\x82"])
    assert moves[0].seen is None
    assert moves[1].seen is not None
    assert learner.record.errors == []
    learner._updated("message 2", picture, [b"no picture"])
    assert len(learner.record.errors) == 1


def test_the_sizes_are_what_the_words_say(measurement):
    sizes = measurement("classroom_sizes")
    dear, cheap = sizes.Price(**PRICE), sizes.Price(**PRICE | {"memory": 200})
    text = sizes.sizes({1: cheap, 4: dear})
    assert "Memory a learner: 384 MB guaranteed, 1280 MB at most" in text
    each = 1.3 * (0.25 * 0.8 + 0.1 + 0.01 + 0.005)
    assert f"Cores a learner: {0.45:.2f} guaranteed, 2 at most" in text
    assert each <= 0.45 < each + 0.05
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    assert [int(row[0]) for row in rows] == [30, 100, 300]
    for learners, cores, memory, nodes, machine in (map(int, row) for row in rows):
        assert cores >= each * learners
        assert memory * 1024 >= 320 * learners
        assert nodes * (8 - 0.5) >= 0.45 * learners
        assert nodes * (32 - 3) * 1024 >= 320 * learners
        assert (nodes - 1) * 7.5 < 0.45 * (learners + 8 / 0.45)
        assert memory < machine < memory + 6
