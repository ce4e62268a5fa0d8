"""Several photos sent together: the best one is taken, the others stay a tap away."""

from collections.abc import Sequence

from msgspec import structs

from bot.core.desk import Desk, Discard, Offer
from bot.core.photos import Photos
from bot.core.plan import OWN_PICTURE
from bot.core.ports import Channel
from bot.core.replies import Heard
from bot.core.session import Action, Session, leaves_of
from bot.core.spec import SetSlot, SpecPatch, merge
from bot.core.turns import Turn, Upload
from engine.base import Engine, Photo
from engine.errors import PhotoRejected

MAX_PHOTOS = 10


class Albums:
    """Takes an album in: of the sitter's photos the best, of the others one as their backdrop."""

    def __init__(self, desk: Desk, engine: Engine, photos: Photos, discard: Discard) -> None:
        self._desk, self._engine = desk, engine
        self._photos, self._discard = photos, discard

    async def receive(
        self, session: Session, turn: Turn, uploads: Sequence[Upload], channel: Channel
    ) -> Session:
        """Store them all and go on with the best; raises `PhotoRejected` when none will do."""
        received = await self._received(uploads[:MAX_PHOTOS])
        people = sorted((p for p in received if p.faces), key=_rank)
        scenes = [p for p in received if not p.faces]
        if not people:
            await self._discard([blob for p in received for blob in leaves_of(p)])
            raise PhotoRejected("no face found in any", code="photo_no_person")
        for number, photo in enumerate((*people, *scenes)):
            await self._desk.post(
                session.id, Heard("" if number else turn.text, photo.blob), channel
            )
        session = self._photos.take(session, people[0])
        session = structs.replace(session, album=tuple(people[1:]))
        session = self._hung(session, scenes)
        await self._desk.history.save(session)
        await self._tell(session, received, channel)
        return session

    async def use(self, session: Session, action: Action, channel: Channel) -> Session:
        """Go on with another photo of the album."""
        chosen = next((p for p in session.album if p.blob == action.value), None)
        if chosen is None:
            await self._desk.say(session.id, channel, "photo_gone")
            return session
        others = (*(p for p in session.album if p is not chosen), session.photo)
        behind, draft = session.backdrop_photo, session.draft
        session = self._photos.take(session, chosen)
        session = structs.replace(
            session, album=tuple(filter(None, others)), backdrop_photo=behind, draft=draft
        )
        return await self._photos.greet(session, channel)

    async def _received(self, uploads: Sequence[Upload]) -> list[Photo]:
        received: list[Photo] = []
        refused: PhotoRejected | None = None
        for upload in uploads:
            try:
                received.append(await self._engine.receive(upload.data))
            except PhotoRejected as error:
                refused = refused or error
        if not received and refused:
            raise refused
        return list({photo.blob: photo for photo in received}.values())

    @staticmethod
    def _hung(session: Session, scenes: Sequence[Photo]) -> Session:
        if not scenes:
            return session
        draft = merge(session.draft, SpecPatch((SetSlot("backdrop", OWN_PICTURE),)))
        return structs.replace(session, draft=draft, backdrop_photo=scenes[0].blob)

    async def _tell(self, session: Session, received: Sequence[Photo], channel: Channel) -> None:
        if session.backdrop_photo:
            await self._desk.say(session.id, channel, "album_backdrop")
        if session.album and session.photo:
            place = {photo.blob: number for number, photo in enumerate(received, 1)}
            taps = [
                Offer(str(place[p.blob]), Action("use_photo", value=p.blob)) for p in session.album
            ]
            number = place[session.photo.blob]
            await self._desk.say(session.id, channel, "album_best", *taps, number=number)


def _rank(photo: Photo) -> tuple[int, bool, int]:
    """Fewest things to better first, then photos of one person, then the largest face."""
    largest = max(face.width * face.height for face in photo.faces)
    return len(photo.hints), len(photo.faces) > 1, -largest
