"""A control that can be moved changes the picture: in every preset, for every demo."""

from __future__ import annotations

import hashlib

import pytest

import bnlib as bn

# What a run costs where these are not what is moved: the picture of a short one will do.
FEW = {"steps", "seeds"}


def far_values(control) -> list:
    """The two ends of a control, or all its options where their order means nothing."""
    if hasattr(control, "options"):
        values = [value for _, value in control._options_full]
        return [values[-1], values[0]] if hasattr(control, "readout") else values
    if isinstance(control.value, bool):
        return [False, True]
    ends = [control.max, control.min]
    return [control.base**end for end in ends] if hasattr(control, "base") else ends


def cheap(explorer) -> dict:
    """The present values, with the fewest steps and seeds that still train."""
    values = explorer.values
    for name in FEW & values.keys():
        if values[name]:
            values[name] = min(filter(None, far_values(explorer.controls[name])))
    return values


def picture(explorer, values) -> str:
    """Of these values, with no ghost; of a demo that trains: when it has trained a little."""
    if "step" not in explorer.result:
        explorer.set(**values)
        explorer.forget()
        return hashlib.sha256(explorer.png()).hexdigest()
    explorer._held = True  # frames() runs it
    for name, value in values.items():
        explorer.controls[name].value = value
    explorer._held = False
    frames = explorer.frames()
    shown = next(frames)
    while explorer.result["step"] <= 20 and (more := next(frames, None)):
        shown = more
    frames.close()
    return hashlib.sha256(shown).hexdigest()


@pytest.mark.slow  # make test-quick moves every control at the default, in test_demos.py
@pytest.mark.parametrize("name", bn.demos.REGISTRY)
def test_every_control_that_is_offered_changes_the_picture(name, monkeypatch):
    monkeypatch.setattr("bnlib.demos.tour.workable_range.STEPS", 2)  # a step or sixty: other maps
    explorer, idle = bn.demos.REGISTRY[name](), []
    for preset in [None, *explorer.presets]:
        explorer.preset(preset) if preset else explorer.reset()
        values = cheap(explorer)
        before = picture(explorer, values)
        disabled = {each for each, control in explorer.controls.items() if control.disabled}
        for each, control in explorer.controls.items():
            others = (v for v in far_values(control) if v != values[each])
            if each not in disabled and all(
                picture(explorer, values | {each: other}) == before for other in others
            ):
                idle.append((preset or "the default", each))
    assert not idle, f"these change nothing: {idle}"
