"""The studio in a browser: one page, one socket, photos by POST, pictures by GET.

Run it beside other front-ends with `serve`; it takes over no signal and exits with its task.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.core.conversation import Conversation
from bot.frontends.web_files import Files
from bot.frontends.web_guard import Guard
from bot.frontends.web_hub import Hub
from bot.frontends.web_identity import Identities, may_introduce
from bot.frontends.web_media import Media
from bot.frontends.web_photo import Photos
from bot.frontends.web_serving import serve
from bot.frontends.web_socket import Sockets
from bot.frontends.web_turns import Turns
from bot.links import FileLinks
from engine.blobs import DiskBlobs

__all__ = ["create_web_app", "hub_of", "serve"]

MIB = 1024 * 1024
PAGE = Path(__file__).with_name("web")


def create_web_app(  # noqa: PLR0913 - all but the first four by keyword only
    conversation: Conversation,
    blobs: DiskBlobs,
    secret: str,
    max_upload: int = 40 * MIB,
    *,
    explain: Callable[..., str],
    hosts: tuple[str, ...] = (),
    tls_hosts: tuple[str, ...] = (),
) -> Starlette:
    """The web front-end as an ASGI app.

    `secret` signs the identity cookies: keep it, or everybody becomes a stranger. `max_upload` is
    bytes of one photo. `explain(code, error_id=…)` words an error for its reader. `hosts` are
    names this studio answers to besides localhost and plain addresses, `tls_hosts` those of them
    that are reached over TLS.
    """
    hub, identities = Hub(), Identities(secret, tls_hosts)
    turns = Turns(conversation, hub, explain)
    app = Starlette(
        routes=[
            Route("/", _Page(identities), methods=["GET"]),
            Route("/healthz", _healthy),
            Route("/photo", Photos(turns, identities, max_upload), methods=["POST"]),
            Route("/file/{token}", Files(blobs, FileLinks(secret)), methods=["GET"]),
            Route("/media/{blob}", Media(conversation, blobs, identities), methods=["GET"]),
            WebSocketRoute("/ws", Sockets(conversation, turns, hub, identities)),
            Mount("/static", _Revalidated(directory=PAGE)),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
        lifespan=_closing(hub),
    )
    app.state.hub = hub
    return app


def hub_of(app: Starlette) -> Hub:
    """The app's hub; `hub_of(app).channel(session_id)` is where a resumed job reports."""
    return app.state.hub


class _Page:
    """The page itself: never stored by the browser; gives newcomers their identity."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        response = FileResponse(PAGE / "index.html", headers={"cache-control": "no-store"})
        person = self._identities.known(request)
        if person or may_introduce(request):
            cookie = self._identities.set_cookie(person or self._identities.new(), request)
            response.headers["set-cookie"] = cookie
        await response(scope, receive, send)


class _Revalidated(StaticFiles):
    """The page's parts: stored, but asked for again, so that an update shows at once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - passed on as is
        """The file, with its caching rule."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


async def _healthy(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


def _closing(hub: Hub) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await hub.close()

    return lifespan
