"""The web front-end promises: one identity per browser, and nobody takes another's."""

from typing import Any

from starlette.testclient import TestClient
from support.conversations import ScriptedConversation
from support.web_pages import HERE, explain, identity

from bot.frontends.web_app import create_web_app
from engine.blobs import DiskBlobs


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

    def test_behind_what_ends_tls_the_cookie_never_travels_in_the_clear_either(
        self, conversation: ScriptedConversation, blobs: DiskBlobs
    ) -> None:
        names = {"hosts": ("studio.example",), "tls_hosts": ("studio.example",)}
        app = create_web_app(conversation, blobs, "s", explain=explain, **names)  # type: ignore[arg-type]  # a twin
        for url, secure in (("http://studio.example", True), (HERE, False)):
            with TestClient(app, url) as client:
                assert ("Secure" in client.get("/").headers["set-cookie"]) is secure

    def test_over_tls_the_cookie_never_travels_in_the_clear(self, app: Any) -> None:
        with TestClient(app, "https://localhost") as client:
            assert "Secure" in client.get("/").headers["set-cookie"]
