"""Pictures on their way out: only to those whose they are, and then for good."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from bot.core.conversation import Conversation
from bot.frontends.web_identity import Identities
from engine.blobs import DiskBlobs

FOREVER = "private, max-age=31536000, immutable"
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "zip": "application/zip",
}


class Media:
    """GET /media/{blob}; `?download=<n>` saves it as northlight-<n>. Strangers get 404."""

    def __init__(
        self, conversation: Conversation, blobs: DiskBlobs, identities: Identities
    ) -> None:
        self._conversation = conversation
        self._blobs = blobs
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or 304 when the browser has it."""
        response = await self._respond(Request(scope))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        blob = request.path_params["blob"]
        try:
            path = self._blobs.path(blob)
        except ValueError:
            raise HTTPException(404) from None
        person = self._identities.known(request)
        if person is None or not await self._conversation.may_see(person, blob):
            raise HTTPException(404)
        headers = {"etag": f'"{blob}"', "cache-control": FOREVER}
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if not await asyncio.to_thread(path.is_file):
            raise HTTPException(404)
        kind = path.suffix[1:]
        name = download_name(request.query_params.get("download"), kind)
        return FileResponse(path, headers=headers, media_type=TYPES[kind], filename=name)


def download_name(number: str | None, kind: str) -> str | None:
    """The name to save under, or None for showing in the page.

    >>> download_name("3", "png")
    'northlight-3.png'
    """
    if number is None:
        return None
    safe = number if number.isascii() and number.isdigit() and len(number) < 7 else "1"
    return f"northlight-{safe}.{kind}"
