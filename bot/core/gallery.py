"""Finished pictures as a reply, with what can be done next."""

from bot.core.desk import Desk, Offer
from bot.core.plan import PRINT_SCALE, WARMTH_RANGE
from bot.core.replies import Gallery, Picture
from bot.core.session import Action, RenderRecord, Session
from engine.shots import Shot

TEXT = {"generate": "gallery_generated", "swap": "gallery_swapped", "upscale": "gallery_upscaled"}


async def gallery(desk: Desk, session: Session, renders: list[RenderRecord]) -> Gallery:
    """The reply for one finished job; its taps speak of the last picture."""
    last = renders[-1]
    key = "gallery_upscaled" if last.shot.scale >= PRINT_SCALE else TEXT[last.shot.operation]
    text = desk.words(key, width=last.render.width, height=last.render.height)
    choices = await desk.offer(session.id, next_taps(last))
    return Gallery(text, tuple(picture(desk, r) for r in renders), choices)


def next_taps(record: RenderRecord) -> list[Offer]:
    """What can be done with a picture: only what its studio can still do."""
    shot, render = record.shot, record.id
    offers = []
    if shot.operation == "generate":
        offers.append(Offer("btn_again", Action("again", render=render)))
    if shot.operation != "upscale":
        offers.append(Offer("btn_other_backdrop", Action("other_backdrop", render=render)))
        offers += _light_taps(shot, render)
        if shot.scale < PRINT_SCALE:
            offers.append(Offer("btn_upscale", Action("upscale", render=render)))
    return [*offers, Offer("btn_delete", Action("delete", render=render), "danger")]


def picture(desk: Desk, record: RenderRecord) -> Picture:
    """One picture with words for those who cannot see it."""
    label = desk.prompts.label
    spec, shot = record.shot.spec, record.shot
    who = str(spec.get("subject") or desk.words("alt_sitter"))
    subject = desk.words("alt_you") if shot.operation == "swap" else who
    alt = desk.words("alt_portrait", subject=subject, backdrop=label("backdrop", shot.backdrop.id))
    notes = " ".join(desk.words(note) for note in record.render.notes)
    render = record.render
    return Picture(record.id, render.preview, render.blob, render.width, render.height, alt, notes)


def _light_taps(shot: Shot, render: str) -> list[Offer]:
    offers = []
    if int(shot.spec.get("warmth", 0)) < WARMTH_RANGE[1]:
        offers.append(Offer("btn_warmer", Action("warmer", render=render)))
    if shot.spec.get("softness") != "very-soft":
        offers.append(Offer("btn_softer", Action("softer", render=render)))
    return offers
