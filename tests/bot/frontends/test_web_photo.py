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
            {"files": [("photo", ("a", b"1")), ("photo", ("b", b"2"))]},
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
