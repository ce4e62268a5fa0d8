"""kill -9 in the middle of a job: nothing is lost and nothing is doubled."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.studios import worker_env

TESTS = Path(__file__).parents[1]


def start(folder: Path, what: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "support.sitter", str(folder), what],
        env=os.environ | worker_env(),
        cwd=TESTS,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_studio_finishes_the_picture_once_when_it_comes_back(tmp_path: Path) -> None:
    """The job was written down before it began; its result is posted exactly once."""
    first = start(tmp_path, "begin")
    assert first.stdout
    assert first.stdout.readline().strip() == "shooting"
    first.kill()
    first.communicate(timeout=20)
    found = []
    for _ in range(2):
        again = start(tmp_path, "resume")
        out, _ = again.communicate(timeout=60)
        found.append(json.loads(out.splitlines()[-1]))
    assert found[0] == {"resumed": 1, "galleries": 1, "progress": ["done"]}
    assert found[1] == {"resumed": 0, "galleries": 1, "progress": ["done"]}
