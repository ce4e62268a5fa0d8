"""Starts and stops whole studio processes (`support.house`) from a test."""

import asyncio
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.studios import worker_env

TESTS = Path(__file__).parents[1]
PATIENCE_S = 30


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    """One studio process over a folder."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process, self.url = process, url

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> float:
        """SIGTERM; seconds it took, and no other way out than a clean one."""
        begun = asyncio.get_running_loop().time()
        self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        assert code == 0
        return asyncio.get_running_loop().time() - begun


@asynccontextmanager
async def house(folder: Path, seconds: float, **settings: str) -> AsyncIterator[House]:
    """A studio whose pictures take twice `seconds`; killed at the end if it still runs."""
    env = os.environ | worker_env() | settings
    env |= {"NORTHLIGHT_DATA_DIR": str(folder), "NORTHLIGHT_LOG_FORMAT": "json"}
    with (folder / "log.jsonl").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "support.house", str(folder), str(seconds)),
            env=env, cwd=TESTS, stdout=asyncio.subprocess.PIPE, stderr=log,
        )  # fmt: skip
    assert process.stdout
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
        assert line, (folder / "log.jsonl").read_text()[-2000:]
        yield House(process, line.decode().strip())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def delivery_states(folder: Path) -> list[str]:
    """The account of deliveries, as it stands on the disk."""
    if not (folder / "northlight.db").exists():
        return []
    connection = sqlite3.connect(f"file:{folder / 'northlight.db'}?mode=ro", uri=True)
    try:
        return [row[0] for row in connection.execute("SELECT state FROM deliveries ORDER BY seq")]
    finally:
        connection.close()
