"""Uvicorn as a guest of somebody else's event loop: no signal handlers, gone when cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn


class GuestServer(uvicorn.Server):
    """A server that leaves signals to whoever runs the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve_until_cancelled(server: GuestServer, listening: socket.socket) -> None:
    """Serve on a listening socket; when cancelled, say goodbye within the config's time."""
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise
    finally:
        listening.close()
