"""What can be done to a finished picture: again, another backdrop, warmer, softer, larger, gone."""

from msgspec import structs

from bot.core.coaching import explaining
from bot.core.desk import Desk, Discard, Offer
from bot.core.director import Director
from bot.core.editing import Edit, drawn_as, says_edit, sort_edit
from bot.core.enlarging import enlarged
from bot.core.gallery import AFTERWARDS, next_taps, picture
from bot.core.outside import SENT, made_outside
from bot.core.plan import SEED_STRIDE, again, changed, cut_out, printed, warmer_by
from bot.core.ports import Channel
from bot.core.prints import ID_SIZES, SIZES
from bot.core.replies import Gallery, Say
from bot.core.session import Action, RenderRecord, Session
from bot.core.shredder import Shredder
from bot.core.spec import Field, PortraitSpec, SetSlot, SpecPatch, merge
from bot.core.ways import invented, reworked, varied, way, wider
from engine.base import Photo
from engine.shots import SCALES, Change, Operation, Scalar, Shot
from prompts import Prompts

RELATIVE = ("warmth", "shot", "expression", "key_side", "softness", "age", "film", "backdrop")
"""Slots that words such as "warmer" or "closer" go by."""
SOFTER = {"crisp": "soft", "soft": "very-soft", "None": "very-soft"}


class Darkroom:
    """Works on the picture a tap or a sentence is about."""

    def __init__(self, desk: Desk, director: Director, discard: Discard) -> None:
        self._desk = desk
        self._director = director
        self._shredder = Shredder(desk, discard)

    async def work(self, session: Session, action: Action, channel: Channel) -> Session:
        """Carry out a picture's action; says so when the picture is gone."""
        record = await self._desk.theirs(session, action.render)
        if record is None:
            await self._desk.say(session.id, channel, "picture_gone")
            return session
        if action.kind == "truth":
            await self._truth(session, record, channel)
            return session
        if action.kind == "file":
            return await self._file(session, record, channel)
        if action.kind == "made":
            await self._made(session, record, channel)
            return session
        if record.shot.operation not in AFTERWARDS:
            session = structs.replace(session, current=record.id)
        return await self._work(session, record, action, channel)

    async def about(self, session: Session, render: str) -> Session:
        """The session as it was for this picture, so that words are about it; the same if unknown.

        What was said since then about this brief is taken back: "warmer" is warmer than this one.
        """
        record = await self._desk.theirs(session, render)
        if record is None or record.shot.operation in AFTERWARDS:
            return session
        mode = record.shot.operation
        session = structs.replace(session, current=record.id, pending="")
        if mode in ("generate", "swap"):
            draft = merge(session.draft, _back_to(session.draft.spec, record.shot))
            session = structs.replace(session, draft=draft, mode=mode)
            draft = merge(draft, _unlike(self._director.completed(session), record.shot))
            session = structs.replace(session, draft=draft)
        return session

    async def _pick(self, session: Session, record: RenderRecord, channel: Channel) -> Session:
        taps = next_taps(record, self._director.can(session))
        await self._desk.say(session.id, channel, "picked", *taps, number=record.number)
        return await self.about(session, record.id)

    async def _file(self, session: Session, record: RenderRecord, channel: Channel) -> Session:
        shown = (picture(self._desk, record),)
        entry = Gallery(self._desk.words("gallery_file"), shown, carry="file")
        await self._desk.post(session.id, entry, channel)
        return session

    async def _made(self, session: Session, record: RenderRecord, channel: Channel) -> None:
        """The seed, the model and the id by which the picture can be made again."""
        render = record.render
        versions = "".join(f", {name} {value}" for name, value in render.versions.items())
        facts = {"seed": record.shot.seed, "model": render.model, "id": record.id}
        await self._desk.say(session.id, channel, "made_how", versions=versions, **facts)

    async def _work(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        if action.kind == "delete":
            return await self._shredder.delete(session, record, channel)
        if action.kind == "pick":
            return await self._pick(session, record, channel)
        if action.kind == "other_backdrop" and not action.value:
            await self._director.ask_backdrop(session, record, channel)
            return session
        if action.kind == "print":
            return await self._print(session, record, action, channel)
        if action.kind == "cutout":
            shot = cut_out(record.shot, record.render.blob)
            await self._director.submit(session, shot, channel)
            return session
        return await self._reshoot(session, record, action, channel)

    async def _by_model(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        """What only a picture model does; a tap may be older than the model's leaving."""
        if (
            action.kind not in self._director.can(session).honours
            or record.shot.operation in AFTERWARDS
        ):
            await self._desk.say(session.id, channel, "no_generative_model")
            return session
        if action.kind == "outpaint":
            frame = action.value or wider(record.shot)
            if not frame:
                await self._desk.say(session.id, channel, "edit_no_step")
                return session
            session = _remember(session, "shot", frame)
            return await self.revise(session, SpecPatch((SetSlot("shot", frame),)), channel)
        if not invented(record.shot):
            await self._desk.say(session.id, channel, "vary_not_you")
            return session
        taken = await self._desk.history.numbered(session.id)
        change: Change = "strong" if action.value == "strong" else "subtle"
        await self._director.submit(session, varied(record, change, taken), channel)
        return session

    async def _enlarge(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        """The picture as large as wished, or as large as it gets, which is said."""
        can = self._director.can(session)
        large = enlarged(record, action.value, can)
        size = {"width": large.width, "height": large.height}
        if large.shot is None:
            await self._desk.say(session.id, channel, "upscale_largest", **size)
            return session
        if large.bounded:
            small = max(can.scales) < max(SCALES)
            key = "upscale_bounded_room" if small else "upscale_bounded"
            await self._desk.say(session.id, channel, key, **size)
        await self._director.submit(session, large.shot, channel)
        return session

    async def ask_id(self, session: Session, channel: Channel) -> Session:
        """What a document's photo may be, and its sizes."""
        record = await self._desk.history.render(session.current)
        if session.photo is None or session.photo.blob not in session.consented:
            await self._desk.say(session.id, channel, "id_needs_photo")
        elif record is None:
            await self._desk.say(session.id, channel, "id_needs_picture")
        else:
            taps = [_size_tap(record.id, size) for size in ID_SIZES]
            await self._desk.say(session.id, channel, "id_explained", *taps)
        return session

    async def _print(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        size = str(action.value)
        if not size:
            sizes = (*SIZES, *ID_SIZES) if _original(session, record) else SIZES
            taps = [_size_tap(record.id, each) for each in sizes]
            await self._desk.say(session.id, channel, "print_size", *taps)
            return session
        own = size in ID_SIZES
        source = _original(session, record) if own else _finished(record)
        if not source:
            await self._desk.say(session.id, channel, "id_needs_photo")
            return session
        sheet = action.slot == "sheet"
        await self._director.submit(session, printed(record.shot, source, size, sheet), channel)
        return session

    async def _truth(self, session: Session, record: RenderRecord, channel: Channel) -> None:
        if not record.render.truth:
            await self._desk.say(session.id, channel, "truth_none")
            return
        shown = explaining(record.render.truth, self._desk.words("alt_truth"))
        await self._desk.post(session.id, Gallery(self._desk.words("truth"), (shown,)), channel)

    async def revise(self, session: Session, patch: SpecPatch, channel: Channel) -> Session:
        """Shoot the current picture again with what the person just changed."""
        record = await self._desk.history.render(session.current)
        if record is None:
            return await self._director.advance(session, channel, "now")
        changes = {change.slot: change.value for change in patch.set}
        light = session.photo.light if session.photo and _of(record, session.photo) else None
        can, prompts = self._director.can(session), self._desk.prompts
        to = way(record.shot, changes, can)
        edit = sort_edit(record.shot, changes, can, light, to)
        edit = structs.replace(edit, quotes={change.slot: change.quote for change in patch.set})
        # A server's picture that goes its own way is edited too (`_of_itself`).
        said_as = to or ("edit" if made_outside(record.shot) else None)
        session = await self._tell(session, record, edit, channel, said_as)
        if edit.done:
            if to:
                shot = reworked(record, to, edit.done, prompts)
            else:
                shot = _of_itself(record, _with(record.shot, edit.done, prompts))
            await self._director.submit(session, shot, channel)
        return session

    async def _tell(
        self,
        session: Session,
        record: RenderRecord,
        edit: Edit,
        channel: Channel,
        to: Operation | None,
    ) -> Session:
        """Which of an edit is done, how, and what cannot be; the nearest thing is a tap away."""
        can, label = self._director.can(session), self._desk.prompts.label
        said = says_edit(edit, record.shot, self._desk.prompts, can, to)
        session, hint = self._director.hint(session, edit.cannot)
        said += hint
        taps = [
            Offer(label(s, v), Action("revise", slot=s, value=v, render=record.id))
            for s, v in edit.nearest.items()
            if record.shot.spec.get(s) != v
        ]
        choices = await self._desk.offer(session.id, taps)
        await self._desk.post(session.id, Say(" ".join(said), choices), channel)
        return session

    async def as_it_was(self, session: Session) -> RenderRecord | None:
        """The latest earlier picture that was made of the brief as it stands."""
        if not session.current:
            return None
        wanted = self._director.completed(session).values()
        made = await self._desk.history.renders(session.id)
        for record in reversed(made):
            shot = record.shot
            other = record.id != session.current and shot.operation == session.mode
            if other and all(shot.spec.get(slot) == value for slot, value in wanted.items()):
                return record
        return None

    async def as_shown(self, session: Session) -> Session:
        """The session as its words are to be read: "closer" is closer than the current picture."""
        record = await self._desk.history.render(session.current)
        if record is None:
            return session
        spec = session.draft.spec
        seen = {s: record.shot.spec[s] for s in RELATIVE if s in record.shot.spec}
        fields = {s: Field(v, "assumed") for s, v in seen.items() if spec.value(s) != v}
        draft = structs.replace(session.draft, spec=PortraitSpec(spec.fields | fields))
        return structs.replace(session, draft=draft)

    async def _reshoot(
        self, session: Session, record: RenderRecord, action: Action, channel: Channel
    ) -> Session:
        if action.kind in ("vary", "outpaint"):
            return await self._by_model(session, record, action, channel)
        if action.kind == "upscale":
            return await self._enlarge(session, record, action, channel)
        if action.kind == "revise":
            patch = SpecPatch((SetSlot(action.slot, action.value),))
            session = _remember(session, action.slot, action.value)
            return await self.revise(session, patch, channel)
        if action.kind == "again":
            taken = await self._desk.history.numbered(session.id)
            shot = again(record.shot, record.shot.seed + SEED_STRIDE * taken)
        else:
            slot, value = _change(record.shot, action)
            session = _remember(session, slot, value)
            if way(record.shot, {slot: value}, self._director.can(session)):
                return await self.revise(session, SpecPatch((SetSlot(slot, value),)), channel)
            shot = _of_itself(record, _with(record.shot, {slot: value}, self._desk.prompts))
        await self._director.submit(session, shot, channel)
        return session


def _back_to(spec: PortraitSpec, shot: Shot) -> SpecPatch:
    said = [slot for slot in spec.fields if spec.said(slot) and slot != "count"]
    sets = tuple(
        SetSlot(slot, shot.spec[slot], spec.fields[slot].quote)
        for slot in said
        if slot in shot.spec and shot.spec[slot] != spec.value(slot)
    )
    return SpecPatch(sets, tuple(slot for slot in said if slot not in shot.spec))


def _unlike(spec: PortraitSpec, shot: Shot) -> SpecPatch:
    """What a picture, one of a set for instance, had of its own beside what was said."""
    own = {s: v for s, v in shot.spec.items() if s != "count" and spec.value(s) != v}
    return SpecPatch(tuple(SetSlot(slot, value) for slot, value in own.items()))


def _of_itself(record: RenderRecord, shot: Shot) -> Shot:
    """The changed shot; a picture of a server that knows no seeds is changed by editing itself."""
    if not made_outside(record.shot):
        return shot
    return structs.replace(shot, operation="edit", source=record.render.blob, profile=SENT)


def _of(record: RenderRecord, photo: Photo) -> bool:
    return record.shot.source == photo.blob


def _size_tap(render: str, size: str) -> Offer:
    # Documents want the same photo several times.
    slot = "sheet" if size in ID_SIZES else ""
    return Offer(
        "_".join(("btn", "size", size)), Action("print", slot=slot, value=size, render=render)
    )


def _original(session: Session, record: RenderRecord) -> str:
    """The blob of the sitter's untouched photo, or ""."""
    shot = record.shot
    if shot.operation in ("swap", "cutout") or shot.spec.get("size") in ID_SIZES:
        return shot.source or ""
    return session.photo.blob if session.photo and shot.operation == "print" else ""


def _finished(record: RenderRecord) -> str:
    """The blob of the picture itself, also from one of its prints."""
    printed_already = record.shot.operation == "print"
    return (record.shot.source or "") if printed_already else record.render.blob


def _change(shot: Shot, action: Action) -> tuple[str, Scalar]:
    if action.kind == "warmer":
        return "warmth", warmer_by(shot.spec.get("warmth"), 1)
    if action.kind == "softer":
        return "softness", SOFTER[str(shot.spec.get("softness"))]
    return "backdrop", action.value


def _remember(session: Session, slot: str, value: Scalar) -> Session:
    patch = SpecPatch((SetSlot(slot, value),))
    return structs.replace(session, draft=merge(session.draft, patch))


def _with(shot: Shot, changes: dict[str, Scalar], prompts: Prompts) -> Shot:
    fields = {slot: Field(value) for slot, value in (shot.spec | changes).items()}
    fresh = changed(shot, PortraitSpec(fields), prompts)
    return structs.replace(fresh, drawn_as=drawn_as(shot, changes))
