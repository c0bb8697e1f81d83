"""The settings in lab/ are in effect in a JupyterLab that is started as `make lab` starts it."""

import json
import os
import runpy
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import install_lab_config
import pytest
import websocket
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

CONFIG = install_lab_config.LAB / "jupyter_server_config.py"

# JupyterLab as it is, but it prints what the operating system says about each kernel connection.
WATCHED_LAB = """
import socket, sys
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyterlab.labapp import main
usual = ZMQChannelsWebsocketConnection.handle_incoming_message
def watched(self, message):
    stream = self.websocket_handler.ws_connection.stream
    nodelay = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    print("nodelay:", bool(nodelay), flush=True)
    return usual(self, message)
ZMQChannelsWebsocketConnection.handle_incoming_message = watched
sys.exit(main())
"""


@pytest.fixture
def connection_class():
    """PromptConnection, read the way Jupyter reads a configuration file."""
    config = SimpleNamespace(ServerApp=SimpleNamespace())
    names = runpy.run_path(str(CONFIG), {"get_config": lambda: config})
    assert config.ServerApp.kernel_websocket_connection_class is names["PromptConnection"]
    return names["PromptConnection"]


class Handler(KernelWebsocketHandler):
    """The part of the server's web socket that PromptConnection uses."""

    def __init__(self, fails=False):
        self.fails = fails
        self.nodelay = None

    def set_nodelay(self, value):
        if self.fails:
            raise AttributeError("other internals")
        self.nodelay = value


def connect(connection_class, handler, monkeypatch, caplog):
    """What connect() returns and logs when the usual connect() returns "usual"."""
    monkeypatch.setattr(connection_class.__bases__[0], "connect", lambda self: "usual")
    connection = connection_class(websocket_handler=handler)
    monkeypatch.setattr(connection.log, "propagate", True)
    return connection.connect(), caplog.text


def test_the_connection_sends_at_once(connection_class, monkeypatch, caplog):
    handler = Handler()
    assert connect(connection_class, handler, monkeypatch, caplog) == ("usual", "")
    assert handler.nodelay is True


def test_other_internals_cost_a_log_line_only(connection_class, monkeypatch, caplog):
    returned, log = connect(connection_class, Handler(fails=True), monkeypatch, caplog)
    assert returned == "usual"
    assert "sliders may lag" in log
    assert "other internals" in log


def test_a_gateway_keeps_its_own_connection(monkeypatch):
    monkeypatch.setenv("JUPYTER_GATEWAY_URL", "http://127.0.0.1:1")
    runpy.run_path(str(CONFIG))  # would raise a NameError if it asked for the configuration


def request(url, token, method="GET"):
    headers = {"Authorization": f"token {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers, method=method)) as got:
        return json.loads(got.read())


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab on a free port with the settings of a freshly installed environment."""
    prefix, token = tmp_path / "env", secrets.token_hex()
    install_lab_config.main(["--prefix", str(prefix)])
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": str(prefix / "etc/jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTER_TOKEN": token,
        "PYTHONUNBUFFERED": "1",
    }
    (tmp_path / "notebooks").mkdir()
    arguments = ["notebooks", "--ip=localhost", "--port=0", "--no-browser", "--allow-root"]
    log = (tmp_path / "log.txt").open("w", encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, "-c", WATCHED_LAB, *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield address(server, tmp_path), token, Path(log.name)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def address(server, folder, patience=60):
    """The URL that the server writes down once it answers."""
    for _ in range(int(patience / 0.1)):
        assert server.poll() is None, (folder / "log.txt").read_text(encoding="utf-8")
        for path in folder.glob("runtime/jpserver-*.json"):
            text = path.read_text(encoding="utf-8")
            if text.rstrip().endswith("}"):
                return json.loads(text)["url"]
        time.sleep(0.1)
    raise TimeoutError((folder / "log.txt").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_settings_are_in_effect(lab):
    url, token, log = lab
    assert url.startswith(("http://localhost:", "http://127.0.0.1:"))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        request(url + "api/kernels", "not-the-token")

    plugin = "@jupyterlab/apputils-extension:notification"
    schema = request(f"{url}lab/api/settings/{plugin}", token)["schema"]
    assert schema["properties"]["fetchNews"]["default"] == "false"

    kernel = request(url + "api/kernels", token, "POST")["id"]
    channels = f"{url.replace('http', 'ws', 1)}api/kernels/{kernel}/channels?token={token}"
    socket = websocket.create_connection(channels, timeout=30)
    header = {"msg_id": "1", "msg_type": "kernel_info_request", "username": "", "session": "s"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": {}}
    socket.send(json.dumps({**message, "channel": "shell"}))
    while json.loads(socket.recv())["header"]["msg_type"] != "kernel_info_reply":
        pass
    socket.close()
    said = log.read_text(encoding="utf-8")
    assert "nodelay: True" in said, said
