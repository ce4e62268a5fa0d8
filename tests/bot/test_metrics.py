"""What operators see: counts and seconds by Prometheus' rules, on this machine's port only."""

import asyncio
import socket
import sys
import urllib.request

import pytest

from bot.core.events import (
    DeliveryMoved,
    Event,
    JobEnded,
    JobQueued,
    JobStarted,
    TurnTaken,
    WentWrong,
    WordsRead,
)
from bot.errors import ConfigError
from bot.metrics import PrometheusObserver, metrics


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(where: str) -> str:
    with urllib.request.urlopen(where) as answer:
        return answer.read().decode()


def value(observer: PrometheusObserver, name: str, **labels: str) -> float:
    found = observer.registry.get_sample_value(f"northlight_{name}", labels)
    assert found is not None, name
    return found


def test_a_job_is_timed_from_the_queue_to_its_end() -> None:
    """Wait and render seconds, and who waits and runs in between."""
    clock = Clock()
    seen = PrometheusObserver(clock)
    story: list[tuple[Event, tuple[int, int]]] = [
        (JobQueued("a"), (1, 0)),
        (JobQueued("b"), (2, 0)),
        (JobStarted("a"), (1, 1)),
        (JobEnded("a", "done"), (1, 0)),
        (JobEnded("b", "cancelled"), (0, 0)),
    ]
    for event, (waiting, running) in story:
        seen.saw(event)
        clock.now += 3
        assert (value(seen, "queue_depth"), value(seen, "jobs_running")) == (waiting, running)
    assert value(seen, "job_wait_seconds_sum") == 6
    assert value(seen, "job_render_seconds_sum") == 3
    assert value(seen, "job_render_seconds_count") == 1  # who never began was not rendered
    assert value(seen, "jobs_total", status="cancelled") == 1


def test_failures_deliveries_turns_and_fallbacks_are_counted() -> None:
    """By cause, by platform and state."""
    seen = PrometheusObserver()
    for event in (
        WentWrong("disk_full"),
        DeliveryMoved("telegram", "sent"),
        TurnTaken("web"),
        WordsRead(True),
        WordsRead(False),
    ):
        seen.saw(event)
    assert value(seen, "failures_total", cause="disk_full") == 1
    assert value(seen, "deliveries_total", platform="telegram", state="sent") == 1
    assert value(seen, "turns_total", platform="web") == 1
    assert value(seen, "readings_total") == 2
    assert value(seen, "llm_fallbacks_total") == 1


async def test_metrics_are_served_while_the_studio_is_open() -> None:
    """And the port is free again afterwards."""
    port = free_port()
    for _ in range(2):
        async with metrics("127.0.0.1", port) as observer:
            assert observer
            observer.saw(JobQueued("a"))
            where = f"http://127.0.0.1:{port}/metrics"
            page = await asyncio.to_thread(read, where)
            assert "northlight_queue_depth 1.0" in page


async def test_without_a_port_nothing_is_loaded_or_served() -> None:
    """Off unless asked for."""
    async with metrics("127.0.0.1", 0) as observer:
        assert observer is None


async def test_a_taken_port_is_one_line() -> None:
    """It names the setting."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match=r"NORTHLIGHT_METRICS_PORT.*already in use"):
            async with metrics("127.0.0.1", taken.getsockname()[1]):
                pass


async def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ConfigError, match=r"northlight\[metrics\]"):
        async with metrics("127.0.0.1", free_port()):
            pass
