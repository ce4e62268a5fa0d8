"""A browser's side of the web front-end: cookies, an open page, what it says and hears."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient, WebSocketTestSession

HERE = "http://localhost:8080"
SOCKET = "ws://localhost:8080/ws"
LIMIT = 20_000
OWN = {"origin": HERE}


def explain(code: str, **_: object) -> str:
    return f"sentence for {code}"


def identity(client: TestClient) -> str:
    (cookie,) = [c for c in client.cookies.jar if c.name.startswith("northlight_")]
    assert cookie.value
    return cookie.value.rsplit(".", 1)[0]


@contextmanager
def page(client: TestClient, after: int = 0) -> Iterator[WebSocketTestSession]:
    """An open page that has said hello and heard what there was."""
    with client.websocket_connect(SOCKET, headers=OWN) as socket:
        ready = hello(socket, after)
        while ready["last"] > after and socket.receive_json()["seq"] < ready["last"]:
            pass
        yield socket


def hello(socket: WebSocketTestSession, after: int = 0) -> dict[str, Any]:
    socket.send_json({"kind": "hello", "after": after})
    return socket.receive_json()


def say(socket: WebSocketTestSession, text: str, client_id: str) -> list[dict[str, Any]]:
    """Say something; every frame up to its acknowledgement."""
    socket.send_json({"kind": "text", "text": text, "client_id": client_id})
    frames = [socket.receive_json()]
    while frames[-1].get("ack") != client_id:
        frames.append(socket.receive_json())
    return frames


def texts(frames: list[dict[str, Any]]) -> list[str]:
    return [f["entry"]["text"] for f in frames if "entry" in f]
