"""Telegram, Discord and the page in one process, stopped in the middle of a job on each.

After a restart nothing is lost and nothing is doubled.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession
from support.discord_server import DiscordServer, discord
from support.houses import House, delivery_states, free_port, house
from support.sittings import WORDS
from support.telegram_http import TelegramHttp, telegram, until
from support.web_person import WebPerson

ANN, BEN = 7, 70_000
BRIEF = "headshot of a woman in her 30s, grey backdrop"
BEGUN = WORDS.say("shooting")
PROMISED = WORDS.say("job_interrupted")
RESUMED = WORDS.say("resumed")


class Town:
    """The two platforms, the page's visitor, and the studio's folder."""

    def __init__(self, folder: Path, phone: TelegramHttp, desk: DiscordServer) -> None:
        self.folder, self.phone, self.desk, self.page = folder, phone, desk, WebPerson()
        self._port, self._metrics = str(free_port()), str(free_port())

    @asynccontextmanager
    async def studio(self, seconds: float) -> AsyncIterator[House]:
        settings = {
            "TELEGRAM_BOT_TOKEN": "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "TELEGRAM_API_URL": self.phone.url,
            "DISCORD_BOT_TOKEN": "token",
            "DISCORD_SERVER": self.desk.url,
            "NORTHLIGHT_PORT": self._port,
            "NORTHLIGHT_METRICS_PORT": self._metrics,
            "NORTHLIGHT_ADMINS": f"telegram:{ANN}",
        }
        async with house(self.folder, seconds, **settings) as opened:
            await until(lambda: self.desk.connected)
            yield opened

    async def order(self, opened: House) -> None:
        """Somebody on each asks for a picture; none is finished yet."""
        await self.page.visit(opened.url, BRIEF, "shoot")
        for said in (BRIEF, "shoot"):
            on_phone, on_desk = len(self.phone.said("sendMessage")), len(self.desk.sent)
            self.phone.write(ANN, said)
            await self.desk.write(BEN, said)
            await until(lambda n=on_phone: len(self.phone.said("sendMessage")) > n)
            await until(lambda n=on_desk: len(self.desk.sent) > n)
        await until(lambda: any(c.text.startswith(BEGUN) for c in self.phone.calls))
        await until(lambda: any(BEGUN in s.texts[0] for s in self.desk.sent))
        assert not self.pictures()

    def pictures(self) -> list[str]:
        """What has arrived so far, on the two chats."""
        found = [c.method for c in self.phone.said("sendPhoto", "sendDocument")]
        return found + [f"discord:{s.files}" for s in self.desk.sent if s.files]

    async def measured(self) -> str:
        """What Prometheus would read now."""
        where = f"http://127.0.0.1:{self._metrics}/metrics"
        async with ClientSession() as web, web.get(where) as page:
            return await page.text()

    async def is_measured(self) -> None:
        """The metrics and the admin's own question tell the same story."""
        page = await self.measured()
        for platform in ("telegram", "discord", "web"):
            sent = f'northlight_deliveries_total{{platform="{platform}",state="sent"}} 1.0'
            assert sent in page
        assert "northlight_job_render_seconds_count 3.0" in page
        assert "northlight_queue_depth 0.0" in page
        self.phone.write(ANN, "/stats")
        await until(lambda: any("done 3, failed 0" in text for text in self.texts()))

    def texts(self) -> list[str]:
        """Everything anybody on the chats has read."""
        read = [c.text for c in self.phone.calls]
        return read + [text for sent in self.desk.sent for text in sent.texts]


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    async with telegram() as phone, discord() as desk:
        yield Town(folder, phone, desk)


@pytest.mark.parametrize("how", ["KILL", "TERM"])
async def test_stopped_in_the_middle_of_three_jobs(tmp_path: Path, how: str) -> None:
    """Each is finished once at the next start, and who waited was told."""
    async with town(tmp_path) as here:
        async with here.studio(2.0) as first:
            await here.order(first)
            if how == "KILL":
                await first.kill()
            else:
                assert await first.stop() < 10
                assert sum(text == PROMISED for text in here.texts()) == 2
        async with here.studio(0.01) as again:
            await until(lambda: delivery_states(tmp_path) == ["sent"] * 3)
            seen = await here.page.look(again.url)
            await here.is_measured()
            await again.stop()
        assert here.pictures() == ["sendPhoto", "sendDocument", "discord:1"]
        assert sum(text == RESUMED for text in here.texts()) == 2
        assert [e["type"] for e in seen].count("gallery") == 1
        assert [e["state"] for e in seen if e["type"] == "progress"] == ["done"]
        assert [e["text"] for e in seen if e["type"] == "heard"] == [BRIEF, "shoot"]
