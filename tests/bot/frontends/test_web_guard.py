"""The web front-end promises: only its own names, its own page, its own files."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from support.conversations import ScriptedConversation
from support.web_pages import OWN, SOCKET, explain

from bot.frontends.web_app import create_web_app
from engine.blobs import DiskBlobs


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

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    def test_the_page_is_only_there_to_be_read(self, client: TestClient, method: str) -> None:
        assert client.request(method, "/", headers=OWN).status_code == 405

    def test_parts_of_the_page_are_checked_for_updates(self, client: TestClient) -> None:
        part = client.get("/static/app.js")
        assert part.headers["cache-control"] == "no-cache"
        again = client.get("/static/app.js", headers={"if-none-match": part.headers["etag"]})
        assert again.status_code == 304

    def test_only_the_page_s_own_files_are_served(self, client: TestClient) -> None:
        assert client.get("/static/..%2fweb_app.py").status_code == 404
