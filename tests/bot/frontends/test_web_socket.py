"""The socket promises: nothing lost, nothing heard twice, nothing for strangers."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.conversations import ScriptedConversation
from support.web_pages import HERE, OWN, SOCKET, hello, identity, page, say, texts

from bot.core.turns import Turn


class TestSocket:
    def test_a_newcomer_is_greeted_and_answered(self, client: TestClient) -> None:
        with client.websocket_connect(SOCKET, headers=OWN) as socket:
            ready = hello(socket)
            assert ready["last"] == 1
            assert socket.receive_json()["entry"]["text"] == "Welcome to the studio."
            assert texts(say(socket, "a headshot", "c1")) == ["a headshot", "heard a headshot"]

    def test_a_turn_carries_the_cookie_s_person_and_the_page_s_id(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        with page(client) as socket:
            say(socket, "a headshot", "c1")
            socket.send_json({"kind": "choice", "choice": "x1", "client_id": "c2"})
            assert socket.receive_json()["entry"]["text"] == "heard x1"
        person = identity(client)
        assert conversation.turns == [
            Turn(person, person, text="a headshot", client_id="c1"),
            Turn(person, person, choice="x1", client_id="c2"),
        ]

    def test_the_same_turn_sent_again_is_acknowledged_without_a_second_answer(
        self, client: TestClient
    ) -> None:
        with page(client) as socket:
            say(socket, "once", "c1")
            assert say(socket, "once", "c1") == [{"ack": "c1"}]

    def test_whoever_comes_back_hears_only_what_they_missed(self, client: TestClient) -> None:
        with page(client) as socket:
            frames = say(socket, "one", "c1") + say(socket, "two", "c2")
        seen = [f["seq"] for f in frames if "seq" in f]
        with client.websocket_connect(SOCKET, headers=OWN) as socket:
            assert hello(socket, after=seen[1])["last"] == seen[-1]
            assert [socket.receive_json()["seq"] for _ in seen[2:]] == seen[2:]

    def test_every_tab_of_a_browser_hears_everything(self, client: TestClient) -> None:
        with page(client) as one, page(client) as two:
            say(one, "a headshot", "c1")
            assert two.receive_json()["entry"]["text"] == "a headshot"

    def test_another_browser_hears_nothing(self, client: TestClient, app: Any) -> None:
        with page(client) as socket:
            say(socket, "my secret", "c1")
        with (
            TestClient(app, HERE) as stranger,
            stranger.websocket_connect(SOCKET, headers=OWN) as socket,
        ):
            hello(socket)
            assert texts([socket.receive_json()]) == ["Welcome to the studio."]
            assert "my secret" not in json.dumps(say(socket, "hi", "c1"))

    @pytest.mark.parametrize(
        "bad",
        [
            "not json",
            "[]",
            '{"kind":"shout"}',
            '{"kind":"text"}',
            '{"kind":"text","text":7,"client_id":"c"}',
            '{"kind":"text","text":"no id","client_id":""}',
            '{"kind":"hello","after":-1}',
            "[" * 5000,
            "",
        ],
    )
    def test_a_malformed_frame_gets_a_sentence_and_the_connection_lives(
        self, client: TestClient, bad: str
    ) -> None:
        with page(client) as socket:
            socket.send_text(bad)
            answer = socket.receive_json()
            assert answer["seq"] == 0
            assert answer["entry"]["text"] == "sentence for bad_message"
            assert texts(say(socket, "still here", "c1"))[0] == "still here"

    def test_bytes_that_are_not_text_get_the_same_sentence(self, client: TestClient) -> None:
        with page(client) as socket:
            socket.send_bytes(b"\xff\xfe\x00")
            assert socket.receive_json()["entry"]["code"] == "bad_message"

    def test_a_page_that_saw_more_than_there_is_starts_afresh(
        self, client: TestClient, conversation: ScriptedConversation
    ) -> None:
        with page(client) as socket:
            say(socket, "one", "c1")
        conversation.forget(identity(client))
        with client.websocket_connect(SOCKET, headers=OWN) as socket:
            ready = hello(socket, after=2)
            assert (ready["first"], ready["last"]) == (1, 1)
            assert texts([socket.receive_json()]) == ["Welcome to the studio."]
