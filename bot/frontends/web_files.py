"""Files for whoever holds a signed link, such as a picture too large for a chat."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from bot.frontends.web_media import TYPES
from bot.links import FileLinks
from engine.blobs import DiskBlobs


class Files:
    """GET /file/{token}. Forged and old links, and deleted pictures, get 404."""

    def __init__(self, blobs: DiskBlobs, links: FileLinks) -> None:
        self._blobs, self._links = blobs, links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, to be saved."""
        response = await self._respond(Request(scope))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> FileResponse:
        linked = self._links.read(request.path_params["token"])
        if linked is None:
            raise HTTPException(404)
        try:
            path = self._blobs.path(linked.blob)
        except ValueError:
            raise HTTPException(404) from None
        if not await asyncio.to_thread(path.is_file):
            raise HTTPException(404)
        headers = {"cache-control": "private, no-store"}
        kind = TYPES.get(path.suffix[1:])
        return FileResponse(path, headers=headers, media_type=kind, filename=linked.name)
