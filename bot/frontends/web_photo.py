"""A photo on its way in: counted while it streams, never trusted, never held twice."""

import asyncio

import msgspec
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from bot.core.replies import Posted
from bot.core.turns import Turn, Upload
from bot.frontends.web_identity import Identities
from bot.frontends.web_turns import Turns

MAX_PHOTOS, HEAVIEST = 10, 3  # of an album: so many photos, together so many times one's limit
OVERHEAD = 256 * 1024  # bytes of form fields and boundaries around the photo
PATIENCE = 4  # times the limit that is read and dropped, so that the browser hears the answer


class _TooHeavy(Exception):
    pass


class Photos:
    """POST /photo: a form with `photo` (several are an album), perhaps `text` and `client_id`."""

    def __init__(self, turns: Turns, identities: Identities, max_upload: int) -> None:
        self._turns = turns
        self._identities = identities
        self._max_upload = max_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 204 when the turn is answered, else the apology to show in the chat."""
        body = _Body(receive, HEAVIEST * self._max_upload + OVERHEAD)
        request = Request(scope, body.receive)
        try:
            response = await self._respond(request, body)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request, body: "_Body") -> Response:
        person = self._identities.known(request)
        if person is None:
            return self._sorry(403, "no_identity")
        try:
            limits = {"max_files": MAX_PHOTOS, "max_fields": 8, "max_part_size": OVERHEAD}
            async with request.form(**limits) as form:
                turn = await to_turn(person, form, self._max_upload)
        except _TooHeavy:
            await body.drop_rest()
            return self._sorry(413, "photo_too_heavy")
        except HTTPException:
            return self._sorry(400, "bad_message")
        if turn is None:
            return self._sorry(400, "bad_message")
        await asyncio.shield(self._turns.take(turn))
        return Response(status_code=204)

    def _sorry(self, status: int, code: str) -> Response:
        apology: Posted = self._turns.apology(code)
        return Response(msgspec.json.encode(apology), status, media_type="application/json")


async def to_turn(person: str, form: FormData, max_upload: int) -> Turn | None:
    """The form as a turn, or None when it carries no photo. Raises when a photo is too heavy."""
    sent, text, client_id = form.getlist("photo"), form.get("text", ""), form.get("client_id", "")
    photos = [photo for photo in sent if isinstance(photo, UploadFile)]
    if not photos or len(photos) < len(sent) or not isinstance(text, str):
        return None
    if any((photo.size or 0) > max_upload for photo in photos):
        raise _TooHeavy
    first, *more = [Upload(await photo.read(), photo.filename or "") for photo in photos]
    name = str(client_id)[:80]
    return Turn(person, person, text=text, photo=first, more=tuple(more), client_id=name)


class _Body:
    """Counts the bytes of a request's body and stops it at a limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        self._more = True

    async def receive(self) -> Message:
        message = await self._counted()
        if self._seen > self._limit:
            raise _TooHeavy
        return message

    async def drop_rest(self) -> None:
        """Read on without keeping: a connection cut mid-upload never shows the browser a reply."""
        while self._more and self._seen < self._limit * PATIENCE:
            await self._counted()

    async def _counted(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._more = message.get("more_body", False)
        return message
