"""Photos on their way in: counted, taken whole or refused in a sentence."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from support.conversations import ScriptedConversation
from support.web_pages import LIMIT, identity


class TestPhoto:
    def test_a_photo_becomes_a_turn_with_its_words(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        form = {"text": "on canvas", "client_id": "p1"}
        answer = client.post("/photo", data=form, files={"photo": ("me.png", b"\x89PNG")})
        assert answer.status_code == 204
        (turn,) = conversation.turns
        assert (turn.text, turn.client_id, turn.session) == ("on canvas", "p1", identity(client))
        assert turn.photo
        assert (turn.photo.data, turn.photo.name) == (b"\x89PNG", "me.png")

    def test_photos_sent_together_are_one_turn(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        """An album: whoever answers it chooses the best, and asks about consent once."""
        files = [("photo", (f"{n}.png", b"\x89PNG" + bytes(LIMIT // 2))) for n in range(3)]
        assert client.post("/photo", data={"text": "us"}, files=files).status_code == 204
        (turn,) = conversation.turns
        assert turn.photo
        assert [u.name for u in (turn.photo, *turn.more)] == ["0.png", "1.png", "2.png"]

    def test_one_photo_too_heavy_refuses_the_album_in_a_sentence(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        files = [("photo", ("a", b"1")), ("photo", ("b", bytes(LIMIT + 1)))]
        answer = client.post("/photo", files=files)
        assert (answer.status_code, answer.json()["entry"]["code"]) == (413, "photo_too_heavy")
        assert conversation.turns == []

    @pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 20])
    def test_a_photo_over_the_limit_is_refused_with_a_sentence(
        self, client: TestClient, conversation: ScriptedConversation, size: int
    ) -> None:
        answer = client.post("/photo", files={"photo": ("me.png", b"x" * size)})
        assert answer.status_code == 413
        assert answer.json()["entry"]["text"] == "sentence for photo_too_heavy"
        assert conversation.turns == []

    def test_a_photo_at_the_limit_is_taken(self, client: TestClient) -> None:
        answer = client.post("/photo", files={"photo": ("me.png", b"x" * LIMIT)})
        assert answer.status_code == 204

    @pytest.mark.parametrize(
        "request_",
        [
            {"data": {"text": "no photo"}},
            {"data": {"photo": "not a file"}},
            {"files": [("photo", (f"{n}", b"1")) for n in range(11)]},
            {"files": {"photo": ("a", b"1")}, "data": {"photo": "not a file"}},
            {"content": b"junk", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"content": b"junk", "headers": {"content-type": "multipart/form-data"}},
            {"content": b"{}", "headers": {"content-type": "application/json"}},
            {"files": {"photo": ("a", b"1")}, "data": {f"f{i}": "x" for i in range(50)}},
        ],
    )
    def test_a_malformed_form_gets_a_sentence(
        self, client: TestClient, conversation: ScriptedConversation, request_: dict[str, Any]
    ) -> None:
        answer = client.post("/photo", **request_)
        assert answer.status_code == 400
        assert answer.json()["entry"]["code"] == "bad_message"
        assert conversation.turns == []

    def test_a_stranger_cannot_post(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        client.cookies.clear()
        answer = client.post("/photo", files={"photo": ("me.png", b"\x89PNG")})
        assert answer.status_code == 403
        assert conversation.turns == []
