"""What a notebook's front end does with a kernel, without a browser."""

import ast
import contextlib
import json
import queue
import time

from bnlib.live.spoken import WORDS

SECONDS = 240  # for an answer, where all cores have something else to do, too


class FrontEnd:
    """Just enough of a notebook front end: it runs cells, keeps models, moves sliders."""

    def __init__(self, client, manager=None):
        self.client, self.models, self.closed, self.problems = client, {}, [], []
        self.manager = manager
        self.pictures, self.waiting = [], set()

    def send(self, kind, content, *, subshell=None, channel="shell", session=None, **metadata):
        message = self.client.session.msg(kind, content, metadata=metadata)
        message["header"]["session"] = session or message["header"]["session"]
        message["header"]["subshell_id"] = subshell
        getattr(self.client, f"{channel}_channel").send(message)
        self.waiting.add(message["header"]["msg_id"])
        return message["header"]["msg_id"]

    def run(self, code, cell="a-cell", **expressions):
        """Run a cell to its end; its reply."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        sent = self.send(
            "execute_request", content | {"user_expressions": expressions}, cellId=cell
        )
        self.listen()
        while True:
            reply = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"]["msg_id"] == sent:
                return reply["content"]

    def move(self, description, value, subshell=None):
        """What a slider sends when its handle is at ``value``."""
        self.change(description, subshell, value=value)

    def change(self, description, subshell=None, **state):
        """What a control sends when something of its state has changed in the page."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        self._tell(description, data, subshell)

    def click(self, description):
        """What a button sends."""
        self._tell(description, {"method": "custom", "content": {"event": "click"}})

    def _tell(self, description, data, subshell=None):
        (model,) = [
            key for key, state in self.models.items() if state.get("description") == description
        ]
        self.send("comm_msg", {"comm_id": model, "data": data}, subshell=subshell)

    def holding(self, description) -> list:
        """The models that have the one with this description among their children."""
        found = [k for k, state in self.models.items() if state.get("description") == description]
        names = {f"IPY_MODEL_{key}" for key in found}
        return [k for k, s in self.models.items() if names & set(s.get("children", ()))]

    def ask_for_all_states(self, session=None):
        """What a page does when it opens, and what it does when its line is there again."""
        data, name = {"method": "request_states"}, f"states-{time.monotonic_ns()}"
        opened = {"target_name": "jupyter.widget.control", "data": {}}
        for kind, told in ("open", opened), ("msg", {"data": data}), ("close", {"data": {}}):
            told = {"comm_id": name, **told}
            self.send(f"comm_{kind}", told, session=session, version="1.0.0")
            self.listen(quiet=0.3)

    def words(self) -> str:
        """The state in words, as the page shows it."""
        (words,) = [s for s in self.models.values() if WORDS in s.get("_dom_classes", ())]
        return words["value"]

    @staticmethod
    def held(reply, name):
        """What an expression of :meth:`run`, ``json.dumps(…)``, gave."""
        return json.loads(ast.literal_eval(reply["user_expressions"][name]["data"]["text/plain"]))

    def listen(self, quiet=0.0):
        """Take what the kernel publishes until all is answered and then for ``quiet`` seconds."""
        end = time.monotonic() + SECONDS
        rest = time.monotonic() + quiet
        while self.waiting or time.monotonic() < rest:
            assert time.monotonic() < end, "the kernel does not answer"
            with contextlib.suppress(queue.Empty):
                if self.take(self.client.get_iopub_msg(timeout=0.05)):
                    rest = time.monotonic() + quiet

    def take(self, message):
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            self.waiting.discard(message["parent_header"].get("msg_id"))
        elif kind == "error" or (kind == "stream" and content["name"] == "stderr"):
            self.problems.append(content)
        elif kind == "comm_open":
            self.models[content["comm_id"]] = content["data"]["state"]
        elif kind == "comm_close":
            self.closed.append(content["comm_id"])
            self.models.pop(content["comm_id"], None)
        elif kind == "comm_msg" and content["data"]["method"] == "update":
            self.models[content["comm_id"]] |= content["data"]["state"]
            if ["value"] in content["data"]["buffer_paths"]:
                self.pictures.append(bytes(message["buffers"][0]))
        return kind == "comm_msg"

    def subshell(self):
        """A further thread of the kernel for messages, where this kernel has them."""
        with contextlib.suppress(queue.Empty):
            self.send("create_subshell_request", {}, channel="control")
            reply = self.client.get_control_msg(timeout=10)
            self.waiting.clear()
            return reply["content"].get("subshell_id")
        return None


@contextlib.contextmanager
def a_kernel(log):
    """The front end of a kernel of its own, whose stdout and stderr go to the file ``log``."""
    import jupyter_client  # not everybody who runs the tests has it

    manager = jupyter_client.KernelManager(kernel_name="python3")
    with log.open("w") as out:
        manager.start_kernel(stdout=out, stderr=out)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=SECONDS)
            yield FrontEnd(client, manager)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
