"""Pictures on their way out: to those whose they are, and to nobody else."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from support.conversations import ScriptedConversation
from support.web_pages import HERE, identity

from engine.blobs import DiskBlobs


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
