"""A link to a file: for whoever holds it, for a while, and nobody can make one up."""

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.conversations import ScriptedConversation

from bot.frontends.web_app import create_web_app
from bot.links import FileLinks, host_of
from engine.blobs import DiskBlobs

URL = "https://studio.example.org"
BLOB = "0" * 64 + ".png"


def served(blobs: DiskBlobs, secret: str = "secret") -> TestClient:
    conversation = ScriptedConversation(blobs=blobs)
    app = create_web_app(
        conversation,  # type: ignore[arg-type]  # a twin
        blobs,
        secret,
        explain=lambda code, **_: code,
        hosts=(host_of(URL),),
    )
    return TestClient(app, URL)


def test_a_link_gives_its_file_to_a_stranger(tmp_path: Path) -> None:
    """To be saved under its name, and kept by no cache."""
    blobs = DiskBlobs(tmp_path)
    link = FileLinks("secret", f"{URL}/").link(blobs.put(b"lossless", "png"), "northlight-1.png")
    assert link.startswith(f"{URL}/file/")
    response = served(blobs).get(link)
    assert (response.status_code, response.content) == (200, b"lossless")
    assert 'filename="northlight-1.png"' in response.headers["content-disposition"]
    assert "no-store" in response.headers["cache-control"]
    assert response.headers["content-type"] == "image/png"


def test_only_the_studio_makes_links(tmp_path: Path) -> None:
    """Forged, of another studio, or for something that is no blob: not found."""
    blobs = DiskBlobs(tmp_path)
    blob = blobs.put(b"lossless", "png")
    client = served(blobs)
    forged = FileLinks("another secret", URL).link(blob, "a.png")
    odd = FileLinks("secret", URL).link("../../etc/passwd", "a.png")
    gone = FileLinks("secret", URL).link(BLOB, "a.png")
    for link in (forged, odd, gone, f"{URL}/file/{blob}", f"{URL}/file/x"):
        assert client.get(link).status_code == 404


def test_a_link_lives_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is as if it had never been."""
    links = FileLinks("secret", URL, life_s=60)
    token = links.link(BLOB, "a.png").rpartition("/")[2]
    assert links.read(token)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 62)
    assert links.read(token) is None


def test_without_an_address_there_are_no_links() -> None:
    """Nobody is sent to a machine they cannot reach."""
    assert FileLinks("secret").link(BLOB, "a.png") == ""
