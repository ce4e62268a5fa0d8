"""The web front-end promises: one identity per browser, nothing for strangers, nothing lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect
from support.conversations import Room, ScriptedConversation

from bot.core.replies import Progress, Say
from bot.core.turns import Turn
from bot.frontends.web_app import create_web_app, hub_of
from engine.blobs import DiskBlobs

HERE = "http://localhost:8080"
SOCKET = "ws://localhost:8080/ws"
LIMIT = 20_000
OWN = {"origin": HERE}


def explain(code: str, **_: object) -> str:
    return f"sentence for {code}"


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


@pytest.fixture
def conversation(blobs: DiskBlobs) -> ScriptedConversation:
    return ScriptedConversation(blobs=blobs)


@pytest.fixture
def app(conversation: ScriptedConversation, blobs: DiskBlobs) -> Any:
    return create_web_app(conversation, blobs, "secret", LIMIT, explain=explain)  # type: ignore[arg-type]  # a twin


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app, HERE) as client:
        client.get("/")
        yield client


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


class TestIdentity:
    def test_a_browser_gets_one_signed_cookie_that_scripts_and_other_sites_never_see(
        self, client: TestClient
    ) -> None:
        client.cookies.clear()
        header = client.get("/").headers["set-cookie"]
        assert "HttpOnly" in header
        assert "SameSite=Strict" in header
        assert "Secure" not in header
        assert identity(client).startswith("web:")

    def test_a_browser_that_comes_back_is_the_same_person(self, client: TestClient) -> None:
        first = identity(client)
        client.get("/")
        assert identity(client) == first

    def test_a_tampered_cookie_makes_a_newcomer_not_the_other_person(
        self, client: TestClient
    ) -> None:
        (cookie,) = list(client.cookies.jar)
        name, value = cookie.name, str(cookie.value)
        client.cookies.clear()
        forged = f"web:victim.{value.rsplit('.', 1)[1]}"
        renewed = client.get("/", headers={"cookie": f"{name}={forged}"}).headers["set-cookie"]
        assert "web:victim" not in renewed

    def test_another_secret_does_not_recognise_the_cookie(
        self, client: TestClient, conversation: ScriptedConversation, blobs: DiskBlobs
    ) -> None:
        other = create_web_app(conversation, blobs, "other", explain=explain)  # type: ignore[arg-type]  # a twin
        with TestClient(other, HERE) as elsewhere:
            cookies = "; ".join(f"{c.name}={c.value}" for c in client.cookies.jar)
            answer = elsewhere.get("/", headers={"cookie": cookies})
            assert identity(client) not in answer.headers["set-cookie"]

    def test_a_link_on_another_site_does_not_replace_the_identity_it_could_not_send(
        self, client: TestClient
    ) -> None:
        client.cookies.clear()
        answer = client.get("/", headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers

    def test_over_tls_the_cookie_never_travels_in_the_clear(self, app: Any) -> None:
        with TestClient(app, "https://localhost") as client:
            assert "Secure" in client.get("/").headers["set-cookie"]


class TestGuard:
    @pytest.mark.parametrize(
        "host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "192.168.1.20", "LOCALHOST"]
    )
    def test_it_answers_to_its_own_names_and_plain_addresses(
        self, client: TestClient, host: str
    ) -> None:
        assert client.get("/healthz", headers={"host": host}).text == "ok"

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8080", "", "[::1"])
    def test_a_rebound_dns_name_is_refused(self, client: TestClient, host: str) -> None:
        assert client.get("/", headers={"host": host}).status_code == 421

    def test_a_configured_host_is_answered(
        self, conversation: ScriptedConversation, blobs: DiskBlobs
    ) -> None:
        app = create_web_app(conversation, blobs, "s", explain=explain, hosts=("studio.lan",))  # type: ignore[arg-type]  # a twin
        with TestClient(app, "http://studio.lan") as client:
            assert client.get("/").status_code == 200

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "http://localhost:9999", "null", "http://["]
    )
    def test_another_site_can_neither_open_a_socket_nor_post(
        self, client: TestClient, conversation: ScriptedConversation, origin: str
    ) -> None:
        headers = {"origin": origin}
        photo = {"photo": ("me.png", b"\x89PNG")}
        assert client.post("/photo", files=photo, headers=headers).status_code == 403
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(SOCKET, headers=headers),
        ):
            pass
        assert conversation.turns == []

    def test_the_page_runs_only_its_own_scripts_and_is_never_stored(
        self, client: TestClient
    ) -> None:
        page = client.get("/")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "<script>" not in page.text
        assert " style=" not in page.text

    def test_the_page_fetches_nothing_from_elsewhere(self) -> None:
        folder = Path(__file__).parents[3] / "bot/frontends/web"
        files = [p for p in folder.iterdir() if p.suffix in (".html", ".css", ".js")]
        assert len(files) > 8
        for file in files:
            addresses = file.read_text().replace("http://www.w3.org/2000/svg", "")
            assert "http" not in addresses.replace('"https:" ?', ""), file.name
            assert "innerHTML" not in addresses, file.name

    def test_parts_of_the_page_are_checked_for_updates(self, client: TestClient) -> None:
        part = client.get("/static/app.js")
        assert part.headers["cache-control"] == "no-cache"
        again = client.get("/static/app.js", headers={"if-none-match": part.headers["etag"]})
        assert again.status_code == 304

    def test_only_the_page_s_own_files_are_served(self, client: TestClient) -> None:
        assert client.get("/static/..%2fweb_app.py").status_code == 404


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


async def broken(turn: Turn, room: Room) -> None:
    raise ZeroDivisionError("a secret detail")


async def slow_job(turn: Turn, room: Room) -> None:
    seq = await room.post(Progress("j", "working"))
    for step in range(50):
        await room.amend(seq, Progress("j", f"step {step}", step / 50, state="working"))
    await room.amend(seq, Progress("j", "done", 1, state="done"))


class TestHub:
    def test_an_unforeseen_error_becomes_a_sentence_without_its_details(
        self, blobs: DiskBlobs
    ) -> None:
        app = create_web_app(ScriptedConversation(broken), blobs, "s", explain=explain)  # type: ignore[arg-type]  # a twin
        with TestClient(app, HERE) as client, page(client) as socket:
            frames = say(socket, "hi", "c1")
        apology = frames[-2]["entry"]
        assert (apology["type"], apology["text"]) == ("apology", "sentence for internal")
        assert apology["error_id"]
        assert "secret" not in json.dumps(frames)

    def test_progress_edits_in_place_and_ends_done(self, blobs: DiskBlobs) -> None:
        app = create_web_app(ScriptedConversation(slow_job), blobs, "s", explain=explain)  # type: ignore[arg-type]  # a twin
        with TestClient(app, HERE) as client, page(client) as socket:
            frames = [f for f in say(socket, "go", "c1") if f.get("entry", {}).get("job")]
        assert len({f["seq"] for f in frames}) == 1
        assert frames[-1]["entry"]["state"] == "done"

    async def test_a_channel_without_any_open_page_is_no_error(self, app: Any) -> None:
        from bot.core.replies import Posted

        await hub_of(app).channel("web:nobody").send(Posted(1, Say("to the transcript only")))


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


class TestMedia:
    @pytest.fixture
    def blob(self, client: TestClient, conversation: ScriptedConversation, blobs: DiskBlobs) -> str:
        blob = blobs.put(b"\x89PNG picture", "png")
        conversation.allow(identity(client), blob)
        return blob

    def test_the_owner_sees_it_for_good_and_privately(self, client: TestClient, blob: str) -> None:
        answer = client.get(f"/media/{blob}")
        assert answer.content == b"\x89PNG picture"
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        again = client.get(f"/media/{blob}", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304

    def test_a_stranger_gets_the_same_answer_as_for_nothing(
        self, client: TestClient, app: Any, blob: str
    ) -> None:
        with TestClient(app, HERE) as stranger:
            stranger.get("/")
            refused, nothing = stranger.get(f"/media/{blob}"), stranger.get("/media/nothing")
            assert (refused.status_code, refused.text) == (nothing.status_code, nothing.text)
            assert refused.status_code == 404
            etag = {"if-none-match": f'"{blob}"'}
            assert stranger.get(f"/media/{blob}", headers=etag).status_code == 404
        client.cookies.clear()
        assert client.get(f"/media/{blob}").status_code == 404

    def test_a_deleted_picture_is_not_found(
        self, client: TestClient, blobs: DiskBlobs, blob: str
    ) -> None:
        blobs.delete(blob)
        assert client.get(f"/media/{blob}").status_code == 404

    @pytest.mark.parametrize(
        ("number", "name"),
        [("1", "northlight-1.png"), ("12", "northlight-12.png"), ('"; x', "northlight-1.png")],
    )
    def test_a_download_has_a_sensible_name(
        self, client: TestClient, blob: str, number: str, name: str
    ) -> None:
        answer = client.get(f"/media/{blob}", params={"download": number})
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'

    @pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "x" * 500, "%00"])
    def test_anything_that_is_not_a_blob_is_not_found(self, client: TestClient, path: str) -> None:
        assert client.get(f"/media/{path}").status_code == 404
