"""A line between browser and server that can be cut: a TCP proxy on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Carries what comes to its own port to another one; ``cut`` closes and refuses all.

    What is said ``to`` or ``from`` the server while it is in ``lost`` never arrives.
    """

    def __init__(self, port: int):
        self.to, self.up, self.pairs, self.cuts = port, True, [], 0
        self.lost = frozenset()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # until it is closed
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near):
        with self.lock:
            if not self.up:
                near.close()
                return
            far = socket.create_connection(("localhost", self.to))
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.pairs.append((near, far))
        for way in (near, far, "to"), (far, near, "from"):
            threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source, target, way):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if way not in self.lost:
                    target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """End every connection, and each new one at once, until it is restored."""
        with self.lock:
            self.up = False
            pairs, self.pairs = self.pairs, []
        self.cuts += len(pairs)
        for pair in pairs:
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def restore(self):
        self.up, self.lost = True, frozenset()

    def close(self):
        self.cut()
        self.listener.close()


@contextlib.contextmanager
def line_to(address: str):
    """(a line to the server with this address, the address of its near end)."""
    line = Line(int(address.rpartition(":")[2]))
    try:
        yield line, f"http://localhost:{line.port}"
    finally:
        line.close()
