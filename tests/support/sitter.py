"""A studio process for tests that kill it: `python -m support.sitter FOLDER begin|resume`.

`begin` starts a slow job, says "shooting" and waits to be killed. `resume` opens the same folder,
finishes what was left, and prints what the person then has, as JSON.
"""

import asyncio
import json
import sys
from pathlib import Path

from bot.app import App, running
from bot.config import load_settings
from bot.core.replies import Ask, Gallery, Progress
from bot.core.turns import Turn
from bot.frontends.collecting import CollectingChannel
from engine.dispatch.local import LocalEngine
from support.studios import FACTORY, worker_env

PERSON = "test:ann"


def tell(line: str) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def begin(app: App) -> None:
    """Brief, tap Shoot, wait."""
    channel = CollectingChannel()
    words = "woman in her 30s, smiling, grey backdrop, LinkedIn headshot"
    await app.conversation.handle(Turn(PERSON, PERSON, text=words), channel)
    asked = next(e for e in channel.entries if isinstance(e, Ask))
    shoot = next(c for c in asked.choices if c.label in ("Shoot", "Just shoot"))
    await app.conversation.handle(Turn(PERSON, PERSON, choice=shoot.id), channel)
    await channel.until(
        lambda entries: any(isinstance(e, Progress) and e.fraction > 0 for e in entries)
    )
    tell("shooting")
    await asyncio.sleep(60)


async def resume(app: App) -> None:
    """Take up what was left, and tell."""
    channel = CollectingChannel()
    resumed = await app.conversation.resume(lambda _: channel)
    if resumed:
        await channel.ended()
    kept = [p.entry for p in await app.conversation.transcript(PERSON)]
    galleries = [e for e in kept if isinstance(e, Gallery)]
    states = [e.state for e in kept if isinstance(e, Progress)]
    tell(json.dumps({"resumed": resumed, "galleries": len(galleries), "progress": states}))


async def main(folder: Path, what: str) -> None:
    """Open the studio on `folder` and do one of the two."""
    settings = load_settings(None).model_copy(update={"data_dir": folder})
    cards = {"blobs": str(folder / "blobs"), "delay": "2" if what == "begin" else "0"}
    engine = LocalEngine(FACTORY, cards, uploads=folder / "uploads", env=worker_env())
    async with running(settings, engine) as app:
        await (begin if what == "begin" else resume)(app)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
