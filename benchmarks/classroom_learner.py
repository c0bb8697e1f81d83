"""A learner on a hub: runs a notebook's cells and moves sliders.

A slider's model behaves as that of ipywidgets' front end: one message under way at most, and what
the hand does before the kernel is idle again is merged into the next one. As JupyterLab does, it
sends them to a subshell of the kernel.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from dataclasses import dataclass, field

import nbformat
from classroom_hub import ROOT
from classroom_session import Session

MOVES_A_SECOND, BURST = 20, 3.0  # a hand on a slider
CELL_SECONDS = 300  # no cell takes longer, or it is an error
VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass
class Demo:
    """A demo on show: the model of its first slider, of its picture, and whether it trains."""

    slider: str
    image: str
    trains: bool


@dataclass
class Move:
    """One message of a slider: when the hand was there, and when a picture of it came."""

    made: float
    seen: float | None = None


@dataclass
class Record:
    """What happened to a learner."""

    to_server: float = 0.0
    to_picture: list = field(default_factory=list)  # seconds, for each cell with a demo
    moves: dict = field(default_factory=lambda: {True: [], False: []})  # trains -> Moves
    made: dict = field(default_factory=lambda: {True: 0, False: 0})
    pictures: int = 0
    errors: list = field(default_factory=list)
    late_hand: float = 0.0  # the most that a move came after its time: the generator was busy


class Learner(Session):
    def __init__(self, address, name, notebook, seed):
        super().__init__(address, name, notebook)
        self.chance, self.record = random.Random(seed), Record()
        self.models, self.demos, self.demo_shown = {}, [], None
        self.pending = {}  # slider -> id of its message under way
        self.next = {}  # slider -> what waits for it
        self.sent = {}  # slider -> the value that the kernel has
        self.by_message = {}  # id of a slider's message -> its Move

    def enter(self):
        begun = time.perf_counter()
        super().enter()
        self.record.to_server = time.perf_counter() - begun

    def failed(self, words):
        self.record.errors.append(words)

    # -- what a learner sees ---------------------------------------------------------------

    def take(self, kind, asked, content, buffers):
        if kind == "status" and content["execution_state"] == "idle":
            self._answered(asked)
        elif kind == "comm_open":
            self.models[content["comm_id"]] = content["data"].get("state", {})
        elif kind == "comm_msg":
            self._updated(asked, content, buffers)
        elif kind in ("display_data", "execute_result") and VIEW in content["data"]:
            self._shown(content["data"][VIEW]["model_id"])
        elif kind == "error" or (kind == "stream" and content["name"] == "stderr"):
            self.failed(f"{kind}: {content.get('evalue') or content.get('text')}")

    def _updated(self, asked, content, buffers):
        data = content["data"]
        self.models.get(content["comm_id"], {}).update(data.get("state", {}))
        if ["value"] not in data.get("buffer_paths", []):
            return
        picture = bytes(buffers[0])
        if not (picture.startswith(b"\x89PNG\r\n") and b"IEND" in picture[-12:]):
            self.failed("a picture is no PNG")
        self.record.pictures += 1
        move = self.by_message.get(asked)
        if move and move.seen is None:
            move.seen = time.perf_counter()

    def _shown(self, root):
        """Find the slider, the picture and the buttons of a demo in what a cell shows."""
        inside, todo = [], [root]
        while todo:
            state = self.models.get(model := todo.pop(0), {})
            inside.append((model, state))
            children = state.get("children", [])
            todo += [child.removeprefix("IPY_MODEL_") for child in children]
        kinds = (
            "FloatSliderModel",
            "FloatLogSliderModel",
            "IntSliderModel",
            "SelectionSliderModel",
        )
        sliders = [m for m, s in inside if s.get("_model_name") in kinds and not s.get("disabled")]
        images = [m for m, s in inside if s.get("_model_name") == "ImageModel"]
        trains = any(state.get("description") == "Run again" for _, state in inside)
        self.demo_shown = time.perf_counter()
        if sliders and images:
            self.demos.append(Demo(sliders[0], images[0], trains))

    # -- what a learner does ---------------------------------------------------------------

    async def run_cells(self, think):
        """All cells of the notebook, one after the other, with a moment's thought between."""
        path = ROOT / "notebooks" / self.notebook
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        for cell in cells:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * think)
            begun, self.demo_shown = time.perf_counter(), None
            content = {
                "code": cell.source, "silent": False, "store_history": True,
                "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
            }  # fmt: skip
            await self.ask("shell", "execute_request", content, CELL_SECONDS, cellId=cell.id)
            if self.demo_shown:
                self.record.to_picture.append(self.demo_shown - begun)

    def favourites(self):
        """A demo in closed form and one that trains, where the notebook has both."""
        found = {demo.trains: demo for demo in reversed(self.demos)}
        return [found[trains] for trains in sorted(found)]

    async def burst(self, demo):
        """Move the slider for BURST seconds: from where it is to and fro over its whole range."""
        steps = round(BURST * MOVES_A_SECOND)
        begun, phase = time.perf_counter(), self.chance.random()
        way = self.chance.choice((-1, 1))
        for k in range(steps):
            due = begun + k / MOVES_A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            now = time.perf_counter()
            self.record.late_hand = max(self.record.late_hand, now - due)
            there = (phase + way * k / steps) % 1
            self._hand(demo, 1 - abs(2 * there - 1), now)

    def _hand(self, demo, share, now):
        """The hand is at this share of the slider's track."""
        state = self.models[demo.slider]
        name, value = place(state, share)
        if math.isclose(state[name], value, rel_tol=1e-9):
            return  # within a step: the slider reports nothing
        state[name] = value
        self.record.made[demo.trains] += 1
        if demo.slider in self.pending:
            self.next[demo.slider] = demo, name, value, now
        else:
            self._move(demo, name, value, now)

    def _move(self, demo, name, value, made):
        same = math.isclose(self.sent.get(demo.slider, math.inf), value, rel_tol=1e-9)
        self.sent[demo.slider] = value
        data = {"method": "update", "state": {name: value}, "buffer_paths": []}
        header = {"subshell_id": self.subshell} if self.subshell else {}
        content = {"comm_id": demo.slider, "data": data}
        sent = self.send("shell", "comm_msg", content, header=header)
        if not same:  # there and back while one was under way: it is sent, and changes nothing
            self.by_message[sent] = move = Move(made)
            self.record.moves[demo.trains].append(move)
        self.pending[demo.slider] = sent

    def _answered(self, asked):
        """The kernel is idle after a message: the next one of this slider may go."""
        slider = next((key for key, sent in self.pending.items() if sent == asked), None)
        if slider:
            del self.pending[slider]
            if slider in self.next:
                self._move(*self.next.pop(slider))


def place(state, share):
    """The name and value of a slider's trait with the handle at a share of its track."""
    if state["_model_name"] == "SelectionSliderModel":
        return "index", round(share * (len(state["_options_labels"]) - 1))
    low, high, step = state["min"], state["max"], state["step"]
    value = min(low + round(share * (high - low) / step) * step, high)
    if state["_model_name"] == "FloatLogSliderModel":
        return "value", state["base"] ** value
    return "value", int(value) if state["_model_name"] == "IntSliderModel" else value
