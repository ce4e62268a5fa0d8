"""A whole studio process for tests that kill it: `python -m support.house FOLDER SECONDS`.

Telegram, Discord and the page in one loop, as `northlight serve` wires them, with test cards that
take twice SECONDS for pictures. It prints the page's address. The environment holds the settings,
and in DISCORD_SERVER where Discord is.
"""

import asyncio
import os
import sys
from pathlib import Path

from bot.__main__ import _leave_in_time
from bot.app import serve
from bot.config import load_settings
from bot.logs import configure
from engine.dispatch.local import LocalEngine
from support.studios import FACTORY, worker_env


def tell(line: str) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def move_discord(where: str) -> None:
    """Have discord.py talk to a Discord of our own."""
    import discord.gateway
    import discord.http
    from yarl import URL

    discord.http.Route.BASE = where
    gateway = URL(where.replace("http", "ws") + "/gateway")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


async def main(folder: Path, seconds: str) -> None:
    """Serve until told to stop."""
    if where := os.environ.get("DISCORD_SERVER"):
        move_discord(where)
    settings = load_settings(None)
    configure(settings.log_level, settings.log_format)
    cards = {"blobs": str(folder / "blobs"), "delay": seconds}
    engine = LocalEngine(FACTORY, cards, uploads=folder / "uploads", env=worker_env())
    await serve(settings, tell, on_stop=_leave_in_time, engine=engine)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
