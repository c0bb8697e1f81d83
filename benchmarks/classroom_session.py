"""What a browser sends to a hub for a notebook, over HTTP and one websocket, without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid

import requests
from classroom_hub import PATIENCE
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"


class Session:
    """A login, a server and a kernel's websocket. ``take`` gets what the kernel publishes, and
    ``failed`` what went wrong on the way."""

    def __init__(self, address, name, notebook):
        self.address, self.name, self.notebook = address, name, notebook
        self.id, self.subshell, self.waiting = uuid.uuid4().hex, None, {}
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy of this machine's between us and it

    def take(self, kind, asked, content, buffers):
        """A message of the kernel: what it is, the id of the message that it answers, and what
        is in it."""
        raise NotImplementedError

    def failed(self, words):
        raise NotImplementedError

    # -- over HTTP -------------------------------------------------------------------------

    def enter(self):
        """Log in, wait for the server, load the page of the notebook."""
        self._get("/hub/login")
        form = {"username": self.name, "password": "-", "_xsrf": self._token("/hub/")}
        page = self.http.post(f"{self.address}/hub/login", data=form, timeout=120)
        page.raise_for_status()
        end = time.monotonic() + PATIENCE
        while not page.url.startswith(f"{self.address}/user/{self.name}/"):
            assert time.monotonic() < end, f"no server after {PATIENCE} s: {page.url}"
            time.sleep(0.3)
            if self._ready():
                page = self._get(f"/user/{self.name}/lab/tree/notebooks/{self.notebook}")
        overrides = self._get(
            f"/user/{self.name}/lab/api/settings/@jupyterlab/apputils-extension:notification"
        ).json()
        told = overrides["schema"]["properties"]["fetchNews"]["default"]
        assert told == "false", f"the settings in lab/ are not in effect: {told}"

    def open(self):
        """Start the kernel of the notebook; returns its id."""
        made = self.http.post(
            f"{self.address}/user/{self.name}/api/sessions",
            json={
                "path": f"notebooks/{self.notebook}", "name": self.notebook, "type": "notebook",
                "kernel": {"name": "python3"},
            },
            headers={"X-XSRFToken": self._token(f"/user/{self.name}/")}, timeout=120,
        )  # fmt: skip
        made.raise_for_status()
        return made.json()["kernel"]["id"]

    def _ready(self):
        """Whether the page that waits for the server would go on to it."""
        told = self._get(f"/hub/api/users/{self.name}", check=False)
        return told.ok and told.json().get("server") is not None

    def _get(self, path, check=True):
        page = self.http.get(self.address + path, timeout=120)
        if check:
            page.raise_for_status()
        return page

    def _token(self, path):
        found = [c.value for c in self.http.cookies if c.name == "_xsrf" and c.path == path]
        return found[0] if found else ""

    # -- over the websocket ----------------------------------------------------------------

    async def connect(self, kernel):
        path = f"/user/{self.name}/api/kernels/{kernel}/channels?session_id={self.id}"
        prepared = self.http.prepare_request(requests.Request("GET", self.address + path))
        headers = {
            "Cookie": prepared.headers["Cookie"],
            "X-XSRFToken": self._token(f"/user/{self.name}/"),
        }
        request = HTTPRequest(self.address.replace("http", "ws", 1) + path, headers=headers)
        self.socket = await websocket_connect(
            request, subprotocols=[PROTOCOL], max_message_size=64 << 20
        )
        self.reader = asyncio.create_task(self._read())
        await self.ask("shell", "kernel_info_request", {}, seconds=120)
        reply = await self.ask("control", "create_subshell_request", {}, seconds=60)
        self.subshell = reply.get("subshell_id")

    async def close(self):
        with contextlib.suppress(AttributeError):
            self.reader.cancel()
            self.socket.close()
        self.http.close()

    def send(self, channel, kind, content, **more):
        header = {
            "msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.id,
            "username": self.name, "version": "5.3", "date": "2000-01-01T00:00:00Z",
        } | more.pop("header", {})  # fmt: skip
        message = {
            "header": header, "parent_header": {}, "metadata": more, "content": content,
        }  # fmt: skip
        parts = serialize_msg_to_ws_v1(message, channel, lambda each: json.dumps(each).encode())
        data = b"".join(parts) if isinstance(parts, list) else parts
        self.socket.write_message(data, binary=True)
        return header["msg_id"]

    async def ask(self, channel, kind, content, seconds, **metadata):
        """Send a request and wait until it is answered and the kernel idle; its reply."""
        sent = self.send(channel, kind, content, **metadata)
        reply, idle = asyncio.Future(), asyncio.Future()
        self.waiting[sent] = reply, idle
        try:
            async with asyncio.timeout(seconds):
                if channel == "shell":
                    await idle
                return await reply
        finally:
            del self.waiting[sent]

    async def _read(self):
        while (data := await self.socket.read_message()) is not None:
            try:
                self._sort(*deserialize_msg_from_ws_v1(data))
            except Exception as error:
                self.failed(f"a message: {error!r}")
        self.failed("the websocket was closed")

    def _sort(self, channel, parts):
        header, parent, _, content = (json.loads(bytes(part)) for part in parts[:4])
        kind, asked = header["msg_type"], parent.get("msg_id")
        reply, idle = self.waiting.get(asked, (None, None))
        if kind.endswith("_reply") and reply and not reply.done():
            reply.set_result(content)
        elif kind == "status" and content["execution_state"] == "idle" and idle:
            idle.done() or idle.set_result(None)
        self.take(kind, asked, content, parts[4:])
