"""Jobs and events are plain JSON, and a stranger's JSON is refused."""

import msgspec
import pytest

from engine.jobs import (
    Cancelled,
    Check,
    Done,
    Failed,
    Job,
    JobEvent,
    Queued,
    Render,
    Rendered,
    Started,
    Step,
    Terminal,
    decode_event,
    decode_job,
    encode,
)
from engine.shots import Backdrop, Series, Shot

SHOT = Shot(
    "swap",
    7,
    spec={"backdrop": "oxblood", "lens_mm": 85, "aperture": 1.8},
    backdrop=Backdrop("oxblood", "canvas", "#4a0f14", "#2a080b"),
    aspect="2:3",
    scale=4,
    source="a" * 64 + ".png",
)
RENDER = Render(
    "b" * 64 + ".png",
    "c" * 64 + ".jpg",
    2048,
    3072,
    7,
    "sampler",
    versions={"sampler": "1"},
    checks=(Check("eye_line", 0.33, "0.30..0.40", True),),
    timings={"matte": 1.5},
)
EVENTS: list[JobEvent] = [
    Queued(3, 41.5),
    Started(2, 20.0),
    Step(1, "matte", 0.5, 7.25),
    Rendered(1, RENDER),
    Done(),
    Failed("weights_missing", "no u2net", {"name": "u2net"}),
    Cancelled(),
]


def test_a_job_comes_back_from_json_as_it_was() -> None:
    job = Job("id", "web:ann", Series((SHOT, Shot("generate", 1)), locked=("backdrop",)))
    assert decode_job(encode(job)) == job


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_an_event_comes_back_from_json_as_it_was(event: JobEvent) -> None:
    assert decode_event(encode(event)) == event


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b'{"type":"exploded"}', b'{"type":"queued","position":"first"}', b"[1,2]"],
)
def test_json_that_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_event(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"id":"i","owner":"o","series":{}}',
        b'{"id":"i","owner":"o","series":{"shots":[{"operation":"explode","seed":1}]}}',
    ],
)
def test_json_that_is_no_job_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_job(raw)


def test_exactly_three_events_end_a_job() -> None:
    assert [type(e).__name__ for e in EVENTS if isinstance(e, Terminal)] == [
        "Done",
        "Failed",
        "Cancelled",
    ]
