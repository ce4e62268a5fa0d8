"""What operators watch, as Prometheus metrics on a port of this machine; off unless it is set."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.core.events import (
    DeliveryMoved,
    Event,
    JobEnded,
    JobQueued,
    JobStarted,
    Observer,
    TurnTaken,
    WentWrong,
    WordsRead,
)
from bot.errors import ConfigError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

SECONDS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


class PrometheusObserver:
    """Implements the `Observer` port; holds the clock (seconds, monotonic) that the core lacks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry: CollectorRegistry = CollectorRegistry()
        self._clock = clock
        self._since: dict[str, float] = {}
        self._running: set[str] = set()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"northlight_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str) -> Histogram:
            full = f"northlight_{name}_seconds"
            return Histogram(full, text, buckets=SECONDS, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"northlight_{name}", text, registry=self.registry)

        self._depth = gauge("queue_depth", "Jobs that no studio has taken yet.")
        self._busy = gauge("jobs_running", "Jobs a studio is working on.")
        self._wait = histogram("job_wait", "From a job's writing down to its start.")
        self._render = histogram("job_render", "From a job's start to its end.")
        self._jobs = counter("jobs", "Jobs ended, by how.", "status")
        self._failures = counter("failures", "Turns and jobs that failed, by cause.", "cause")
        self._deliveries = counter("deliveries", "Steps of deliveries.", "platform", "state")
        self._turns = counter("turns", "Turns answered.", "platform")
        self._readings = counter("readings", "Sentences read.")
        self._fallbacks = counter("llm_fallbacks", "Sentences the lexicon read for a failed model.")

    def saw(self, event: Event) -> None:
        """Count and time."""
        match event:
            case JobQueued() | JobStarted() | JobEnded():
                self._job(event)
            case WentWrong(code=code):
                self._failures.labels(code).inc()
            case DeliveryMoved(platform=platform, state=state):
                self._deliveries.labels(platform, state).inc()
            case TurnTaken(platform=platform):
                self._turns.labels(platform).inc()
            case WordsRead(fell_back=fell_back):
                self._readings.inc()
                self._fallbacks.inc(int(fell_back))

    def _job(self, event: JobQueued | JobStarted | JobEnded) -> None:
        now = self._clock()
        since = self._since.pop(event.job, now)
        if isinstance(event, JobEnded):
            self._jobs.labels(event.status).inc()
            if event.job in self._running:
                self._render.observe(now - since)
            self._running.discard(event.job)
        else:
            self._since[event.job] = now
            if isinstance(event, JobStarted):
                self._wait.observe(now - since)
                self._running.add(event.job)
        self._busy.set(len(self._running))
        self._depth.set(len(self._since) - len(self._running))


@asynccontextmanager
async def metrics(host: str, port: int) -> AsyncIterator[Observer | None]:
    """Serve metrics while inside; None when `port` is 0.

    Raises:
        ConfigError: The package is missing, or the port cannot be had.
    """
    if not port:
        yield None
        return
    observer = _observer()
    server = await asyncio.to_thread(_serving, observer.registry, host, port)
    try:
        yield observer
    finally:
        await asyncio.to_thread(server)


def _observer() -> PrometheusObserver:
    try:
        return PrometheusObserver()
    except ImportError as error:
        hint = "pip install 'northlight[metrics]'"
        raise ConfigError(f"NORTHLIGHT_METRICS_PORT needs: {hint}") from error


def _serving(registry: "CollectorRegistry", host: str, port: int) -> Callable[[], None]:
    """Start a server in a thread of its own; returns what stops it."""
    from prometheus_client import start_http_server

    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is already in use" if taken else f"cannot be had: {error.strerror}"
        raise ConfigError(f"NORTHLIGHT_METRICS_PORT: port {port} on {host} {reason}.") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
