"""A service that listens on this machine's loopback address."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


@contextmanager
def listening(app: FastAPI) -> Iterator[tuple[int, uvicorn.Server]]:
    """Serve `app` from a thread; yield its port and the server."""
    with socket.create_server(("127.0.0.1", 0)) as server_socket:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [server_socket]}, daemon=True
        )
        thread.start()
        yield server_socket.getsockname()[1], server
        server.should_exit = True
        thread.join(20)
