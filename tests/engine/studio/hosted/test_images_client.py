"""The wire: what is sent, what may come back, and what each failure is called. Over real HTTP."""

import gzip
import json
import logging
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from support.images_server import KEY, ImagesServer, Said, at, picture, refusal

from engine.errors import JobCancelled, StudioFailed
from engine.studio.hosted import images_client
from engine.studio.hosted.fences import may_fetch, retry_after_s
from engine.studio.hosted.images_client import ImagesClient
from engine.studio.hosted.settings import Server, server_from, sizes_of

PICTURE = b"\x89PNG not looked at here"
SIZE = (1024, 1536)


@pytest.fixture
def server() -> Iterator[ImagesServer]:
    with ImagesServer(picture(PICTURE)).open() as opened:
        yield opened


def client(server: ImagesServer, timeout_s: float = 5.0, **more: str) -> ImagesClient:
    model = more.pop("model", "gpt-image-2.5-sunburst")
    known = Server(f"{server.url}/v1", model, (SIZE,), KEY, timeout_s=timeout_s, **more)
    return ImagesClient(known)


def nothing(fraction: float) -> None:
    assert 0 <= fraction < 1


def failure(server: ImagesServer, said: Said, timeout_s: float = 5.0) -> StudioFailed:
    """What a client makes of this answer, wherever it came from."""
    server.script = [said]
    with pytest.raises(StudioFailed) as caught:
        client(server, timeout_s).generate("a woman", SIZE, nothing)
    return caught.value


def test_words_go_out_as_json_and_a_picture_comes_back(server: ImagesServer) -> None:
    """No parameter that GPT image models refuse is sent, and one picture is asked for."""
    assert client(server).generate("a woman", SIZE, nothing) == PICTURE
    (asked,) = server.asked
    assert asked.path == "/v1/images/generations"
    model = {"model": "gpt-image-2.5-sunburst", "n": 1}
    assert asked.fields == model | {"prompt": "a woman", "size": "1024x1536"}
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_an_edit_goes_out_as_a_form_with_picture_and_mask(server: ImagesServer) -> None:
    assert client(server).edit("in red", SIZE, [b"face"], nothing, b"mask") == PICTURE
    (asked,) = server.asked
    assert asked.path == "/v1/images/edits"
    assert asked.headers["content-type"].startswith("multipart/form-data")
    assert asked.files == {"image": [b"face"], "mask": [b"mask"]}
    assert asked.fields["prompt"] == "in red"


def test_several_pictures_may_go_along(server: ImagesServer) -> None:
    client(server).edit("both", SIZE, [b"one", b"two"], nothing)
    assert server.asked[0].files == {"image": [b"one", b"two"]}


def test_faces_are_kept_where_a_model_has_to_be_told_to(server: ImagesServer) -> None:
    """Only that model takes the option; the later ones refuse it."""
    client(server, model="gpt-image-1.5").edit("x", SIZE, [b"face"], nothing)
    client(server).edit("x", SIZE, [b"face"], nothing)
    assert [a.fields.get("input_fidelity") for a in server.asked] == ["high", None]


def test_a_quality_is_passed_on_where_it_is_set(server: ImagesServer) -> None:
    client(server, quality="low").generate("x", SIZE, nothing)
    assert server.asked[0].fields["quality"] == "low"


def test_a_picture_behind_an_address_is_fetched_without_the_key(server: ImagesServer) -> None:
    """Where it lies need not be who may have the key."""
    server.files["/files/1.png"] = PICTURE
    server.script = [at(f"{server.url}/files/1.png")]
    assert client(server).generate("x", SIZE, nothing) == PICTURE
    assert "authorization" not in server.fetched[0]


def test_a_picture_in_a_data_address_is_read(server: ImagesServer) -> None:
    server.script = [at(f"data:image/png;base64,{b64encode(PICTURE).decode()}")]
    assert client(server).generate("x", SIZE, nothing) == PICTURE


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (refusal(401, "invalid_api_key", message=f"Incorrect API key: {KEY}"), "images_key"),
        (refusal(403, "unsupported_country"), "images_key"),
        (refusal(402, message="Payment required"), "images_quota"),
        (refusal(400, "billing_hard_limit_reached"), "images_quota"),
        (refusal(429, retry_after="inf"), "images_busy"),
        (refusal(503, retry_after="soon"), "images_busy"),
        (
            Said(body=b'{"data": [{"url": "http://169.254.169.254/latest/meta-data"}]}'),
            "images_bad_answer",
        ),
        (refusal(400, "moderation_blocked", "image_generation_user_error"), "images_refused"),
        (refusal(400, "content_policy_violation"), "images_refused"),
        (refusal(400, message="Rejected by our safety system."), "images_refused"),
        (refusal(400, "invalid_value", "invalid_request_error"), "images_cannot"),
        (refusal(404, "model_not_found"), "images_cannot"),
        (refusal(429, "insufficient_quota", "insufficient_quota"), "images_quota"),
        (refusal(429, "rate_limit_exceeded", retry_after="300"), "images_busy"),
        (refusal(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), "images_busy"),
        (refusal(500), "images_down"),
        (refusal(502), "images_down"),
        (refusal(504), "images_timeout"),
        (Said(502, b"<html>Bad gateway</html>"), "images_down"),
        (Said(body=b"<html>Welcome</html>"), "images_bad_answer"),
        (Said(body=b'{"data": [{"b64_json": "iVBORw0'), "images_bad_answer"),
        (Said(body=b'{"data": [{"b64_json": "\xc3\xa4\xc3\xb6"}]}'), "images_bad_answer"),
        (Said(body=b'{"data": 7}'), "images_bad_answer"),
        (Said(body=b'{"data": []}'), "images_empty"),
        (Said(body=b'{"data": [{"b64_json": null, "revised_prompt": "x"}]}'), "images_empty"),
        (Said(body=b'{"data": [{"url": "file:///etc/passwd"}]}'), "images_bad_answer"),
        (Said(body=b'{"data": [{"b64_json": "' + b"A" * 4000, cut=400), "images_bad_answer"),
    ],
)
def test_every_failure_has_its_own_code(server: ImagesServer, said: Said, code: str) -> None:
    error = failure(server, said)
    assert error.code == code
    assert len(server.asked) == 1, "a second attempt would be a second bill"


def test_a_picture_that_is_not_where_the_answer_says_is_a_bad_answer(server: ImagesServer) -> None:
    assert failure(server, at(f"{server.url}/gone.png")).code == "images_bad_answer"


def test_a_redirect_does_not_take_a_photo_elsewhere(server: ImagesServer) -> None:
    """The person agreed to one server, by name."""
    with ImagesServer(picture(PICTURE)).open() as elsewhere:
        server.script = [Said(307, headers={"location": f"{elsewhere.url}/v1/images/edits"})]
        with pytest.raises(StudioFailed) as caught:
            client(server).edit("in red", SIZE, [b"face"], nothing)
    assert caught.value.code == "images_cannot"
    assert not elsewhere.asked


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    gone = ImagesServer()
    gone.url = url
    with pytest.raises(StudioFailed) as caught:
        client(gone).generate("x", SIZE, nothing)
    assert caught.value.code == "images_unreachable"


def test_a_slow_server_is_not_waited_for_beyond_its_time(server: ImagesServer) -> None:
    begun = time.monotonic()
    assert failure(server, Said(delay=1.0), timeout_s=0.3).code == "images_timeout"
    assert time.monotonic() - begun < 0.9


def test_an_answer_beyond_all_bounds_is_dropped(
    server: ImagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_client, "HEAVIEST", 1000)
    assert failure(server, picture(bytes(2000))).code == "images_bad_answer"
    server.files["/big.png"] = bytes(2000)
    assert failure(server, at(f"{server.url}/big.png")).code == "images_bad_answer"


def test_a_busy_server_is_asked_once_more_when_it_wants_a_short_wait(server: ImagesServer) -> None:
    server.script = [refusal(429, retry_after="0.1"), picture(PICTURE)]
    assert client(server).generate("x", SIZE, nothing) == PICTURE
    assert len(server.asked) == 2


def test_an_error_is_read_as_far_as_its_code_may_stand(server: ImagesServer) -> None:
    """And no further, however much a broken server sends; plain bytes are asked for."""
    padded = refusal(402, message="x" * 30_000)
    assert failure(server, padded).code == "images_quota"
    assert server.asked[-1].headers["accept-encoding"] == "identity"
    endless = Said(500, b'{"error": "' + b"x" * 10_000_000)
    begun = time.monotonic()
    assert failure(server, endless).code == "images_down"
    assert time.monotonic() - begun < 2
    bomb = Said(500, gzip.compress(bytes(50_000_000)), {"content-encoding": "gzip"})
    assert failure(server, bomb).code == "images_down"


def test_a_picture_on_a_private_host_is_not_fetched(server: ImagesServer) -> None:
    """Unless that is the server itself: an answer must not look into this machine's network."""
    with ImagesServer(picture(PICTURE)).open() as neighbour:
        neighbour.files["/1.png"] = PICTURE
        assert failure(server, at(f"{neighbour.url}/1.png")).code == "images_bad_answer"
        assert failure(server, at(f"{neighbour.url}/1.png".replace("127.0.0.1", "localhost")))
        assert not neighbour.fetched


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://8.8.8.8/1.png", True),
        ("http://10.1.2.3/1.png", False),
        ("http://192.168.1.1/", False),
        ("http://[::1]/", False),
        ("http://[::ffff:127.0.0.1]/", False),
        ("http://100.64.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://127.0.0.1:80/", False),
        ("https://images.lan:8443/x.png", True),
        ("https://images.lan/x.png", False),
        ("ftp://8.8.8.8/", False),
        ("http://8.8.8.8:bad/", False),
    ],
)
def test_pictures_lie_on_the_server_itself_or_in_public(
    url: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if host == "images.lan":
            return [(0, 0, 0, "", ("10.0.0.7", port))]
        return [(0, 0, 0, "", (host, port))]

    monkeypatch.setattr("socket.getaddrinfo", look_up)
    assert may_fetch(url, "https://images.lan:8443/v1") == allowed


def test_a_wait_may_be_said_as_a_date() -> None:
    soon = formatdate(time.time() + 30, usegmt=True)
    assert 27 <= retry_after_s(soon) <= 31
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_s("1e9") == 24 * 3600
    assert retry_after_s("nan") == retry_after_s("tomorrow") == 0


def test_a_busy_server_says_when_to_come_back(server: ImagesServer) -> None:
    assert failure(server, refusal(429, retry_after="90")).facts == {"seconds": 90}


def test_calling_off_does_not_wait_for_the_server(server: ImagesServer) -> None:
    """Within a second, whatever the server does; its answer is thrown away."""
    server.script = [Said(delay=1.5, body=picture(PICTURE).body)]

    def stop(fraction: float) -> None:
        raise JobCancelled

    begun = time.monotonic()
    with pytest.raises(JobCancelled):
        client(server).generate("x", SIZE, stop)
    assert time.monotonic() - begun < 1.0


def test_the_key_is_in_no_error_no_log_and_no_description(
    server: ImagesServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A server may repeat the key in its refusal; that goes nowhere."""
    with caplog.at_level(logging.DEBUG):
        error = failure(server, refusal(401, message=f"Incorrect API key provided: {KEY}"))
    chain = f"{error!r} {error.detail} {error.facts} {error.__cause__!r}"
    known = server_from(
        {"images_base_url": server.url, "images_model": "m"}, {"NORTHLIGHT_IMAGES_API_KEY": KEY}
    )
    assert KEY not in chain + caplog.text + repr(known)


def test_settings_without_a_key_are_refused() -> None:
    with pytest.raises(ValueError, match="NORTHLIGHT_IMAGES_API_KEY is not set"):
        server_from({"images_base_url": "http://x", "images_model": "m"}, {})


def test_sizes_are_read_or_refused() -> None:
    assert sizes_of("1024x1024, 1024x1536") == ((1024, 1024), (1024, 1536))
    for wrong in ("", "large", "0x100", "1024"):
        with pytest.raises(ValueError, match="not sizes"):
            sizes_of(wrong)


def test_the_fake_server_speaks_as_the_api_does() -> None:
    """So that the tests above mean something: the documented shape of an answer."""
    body = json.loads(picture(PICTURE).body)
    assert set(body) == {"created", "data"}
    assert set(body["data"][0]) == {"b64_json"}
