"""Finished pictures as a reply, with what can be done next."""

from typing import Literal

from msgspec import structs

from bot.core.brief import value_label
from bot.core.desk import Desk, Offer
from bot.core.enlarging import can_grow
from bot.core.plan import PRINT_SCALE, WARMTH_RANGE
from bot.core.replies import Gallery, Picture
from bot.core.session import Action, RenderRecord, Session
from bot.core.ways import invented, wider
from engine.base import Capabilities
from engine.shots import Operation, Scalar, Shot
from prompts.speaking import speaking

TEXT: dict[Operation, str] = {
    "generate": "gallery_generated",
    "swap": "gallery_swapped",
    "upscale": "gallery_upscaled",
    "cutout": "gallery_cutout",
    "print": "gallery_print",
    "contact-sheet": "gallery_zip",
    "vary": "gallery_varied",
    "inpaint": "gallery_repainted",
    "edit": "gallery_edited",
    "outpaint": "gallery_roomier",
}
AFTERWARDS = ("cutout", "print", "contact-sheet", "upscale")
"""Made of a picture, and not what is being talked about after that."""
STAYS = "here"
"""A person's preference after a no to pictures made elsewhere (`outside`, which imports this)."""
UNASKED = {"note_light_frontal": "key_side"}
"""Notes that only concern whoever asked for something in that slot."""
DISAGREES, CALM = "note_backdrop_disagrees", "canvas-grey"
"""What is said of a backdrop lit from elsewhere, and the one that is proposed instead."""


async def gallery(
    desk: Desk, session: Session, renders: list[RenderRecord], can: Capabilities
) -> Gallery:
    """The reply for one finished job: what can be done next, or which picture to go on with."""
    renders = [concerning(session, record) for record in renders]
    last = renders[-1]
    if len(renders) > 1:
        return await _series(desk, session, renders)
    large = last.shot.scale >= PRINT_SCALE and last.shot.operation not in AFTERWARDS
    key = "gallery_upscaled" if large else TEXT.get(last.shot.operation, "gallery_generated")
    text = desk.words(key, width=last.render.width, height=last.render.height)
    offers = next_taps(last, can.here() if session.likes.outside == STAYS else can)
    carry = carried(session, last.shot)
    if carry == "photo":
        offers.insert(-1, Offer("btn_file", Action("file", render=last.id)))
    choices = await desk.offer(session.id, offers)
    return Gallery(text, (picture(desk, last),), choices, carry)


def carried(session: Session, shot: Shot) -> Literal["both", "photo"]:
    """How a picture comes to this person; what is made for its file always comes with it."""
    return "both" if shot.operation in AFTERWARDS else session.likes.delivery


async def _series(desk: Desk, session: Session, renders: list[RenderRecord]) -> Gallery:
    taps = [Offer(str(n), Action("pick", render=r.id)) for n, r in enumerate(renders, 1)]
    text = desk.words("gallery_series", count=len(renders))
    pictures = tuple(picture(desk, r) for r in renders)
    carry = carried(session, renders[-1].shot)
    return Gallery(text, pictures, await desk.offer(session.id, taps), carry)


def next_taps(record: RenderRecord, can: Capabilities) -> list[Offer]:
    """What can be done with a picture: only what its studio can still do."""
    shot, render = record.shot, record.id
    offers: list[Offer] = []
    delete = Offer("btn_delete", Action("delete", render=render), "danger")
    if shot.operation in AFTERWARDS:
        return [*_after_taps(record, can), delete]
    if DISAGREES in record.render.notes:
        instead = Action("other_backdrop", value=CALM, render=render)
        offers.append(Offer("btn_calm_backdrop", instead, "primary"))
    if shot.operation in ("generate", "edit"):
        offers.append(Offer("btn_again", Action("again", render=render)))
    offers += _model_taps(shot, render, can)
    offers.append(Offer("btn_other_backdrop", Action("other_backdrop", render=render)))
    offers += _light_taps(shot, render)
    if can_grow(record, can):
        offers.append(Offer("btn_upscale", Action("upscale", render=render)))
    offers.append(Offer("btn_cutout", Action("cutout", render=render)))
    if shot.operation in ("generate", "swap"):
        offers.append(Offer("btn_series", Action("series", render=render)))
    offers.append(Offer("btn_print", Action("print", render=render)))
    if record.render.truth:
        offers.append(Offer("btn_truth", Action("truth", render=render)))
    return [*offers, Offer("btn_made", Action("made", render=render)), delete]


def concerning(session: Session, record: RenderRecord) -> RenderRecord:
    """The picture without notes on what its person never asked for."""
    spec = session.draft.spec
    notes = tuple(n for n in record.render.notes if n not in UNASKED or spec.said(UNASKED[n]))
    return structs.replace(record, render=structs.replace(record.render, notes=notes))


def picture(desk: Desk, record: RenderRecord) -> Picture:
    """One picture with words for those who cannot see it."""
    spec, shot = record.shot.spec, record.shot
    subject = desk.words("alt_you") if shot.source and not shot.drawn_as else _who(desk, spec)
    behind = value_label(desk.prompts, "backdrop", shot.backdrop.id)
    alt = desk.words("alt_portrait", subject=subject, backdrop=behind)
    render = record.render
    notes = " ".join(desk.explain(note, **render.facts) for note in render.notes)
    return Picture(record.id, render.preview, render.blob, render.width, render.height, alt, notes)


def _who(desk: Desk, spec: dict[str, Scalar]) -> str:
    """The sitter in a few words: free ones are kept in English, so elsewhere what has names."""
    if speaking() not in desk.prompts.locales:
        return str(spec.get("subject") or desk.words("alt_sitter"))
    named = [desk.prompts.label(slot, spec[slot]) for slot in ("gender", "age") if slot in spec]
    return ", ".join(named) or desk.words("alt_sitter")


def _after_taps(record: RenderRecord, can: Capabilities) -> list[Offer]:
    shot, render = record.shot, record.id
    if shot.operation == "upscale":
        more = [Offer("btn_upscale", Action("upscale", render=render))] * can_grow(record, can)
        return [
            *more,
            Offer("btn_cutout", Action("cutout", render=render)),
            Offer("btn_print", Action("print", render=render)),
            Offer("btn_made", Action("made", render=render)),
        ]
    size = shot.spec.get("size", "")
    if shot.operation != "print" or shot.spec.get("sheet"):
        return []
    return [Offer("btn_sheet", Action("print", slot="sheet", value=size, render=render))]


def _model_taps(shot: Shot, render: str, can: Capabilities) -> list[Offer]:
    """What only a generative model does, where there is one."""
    offers = []
    if "vary" in can.honours and invented(shot):
        for label, change in (("btn_vary_little", "subtle"), ("btn_vary_lot", "strong")):
            offers.append(Offer(label, Action("vary", value=change, render=render)))
    if "outpaint" in can.honours and (frame := wider(shot)):
        offers.append(Offer("btn_room", Action("outpaint", value=frame, render=render)))
    return offers


def _light_taps(shot: Shot, render: str) -> list[Offer]:
    offers = []
    if int(shot.spec.get("warmth", 0)) < WARMTH_RANGE[1]:
        offers.append(Offer("btn_warmer", Action("warmer", render=render)))
    if shot.spec.get("softness") != "very-soft":
        offers.append(Offer("btn_softer", Action("softer", render=render)))
    return offers
