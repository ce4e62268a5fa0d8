"""A turn on the web is answered, whatever goes wrong in it, and whoever still listens."""

import json
from typing import Any

from starlette.testclient import TestClient
from support.conversations import Room, ScriptedConversation
from support.web_pages import HERE, explain, page, say

from bot.core.replies import Progress, Say
from bot.core.turns import Turn
from bot.frontends.web_app import create_web_app, hub_of
from engine.blobs import DiskBlobs


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
