"""Settings of the Jupyter server that the notebooks run in.

A slider and its picture exchange many small messages. The server leaves Nagle's algorithm on, which
holds a small message back until the one before it is acknowledged: up to 40 ms a message. Nothing
depends on this file; without it the pictures follow the sliders a little later.
"""

import os

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The usual connection between browser and kernel, with TCP_NODELAY set."""

    def connect(self):
        try:
            self.websocket_handler.set_nodelay(True)
        except Exception as error:
            self.log.warning("Nagle's algorithm stays on, sliders may lag: %r", error)
        return super().connect()


# A server that gets its kernels from a gateway needs the gateway's own connection class.
if not os.environ.get("JUPYTER_GATEWAY_URL"):
    c = get_config()  # noqa: F821 - Jupyter defines get_config while it reads this file
    c.ServerApp.kernel_websocket_connection_class = PromptConnection
