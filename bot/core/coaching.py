"""What the studio says of a photo it has just been given: its light, and what would be better."""

from bot.core.desk import Desk, Offer
from bot.core.light_plan import UNSURE
from bot.core.ports import Channel
from bot.core.replies import Gallery, Picture, Say
from bot.core.session import Action, Session
from engine.base import KeyLight, Photo

ASIDE, HIGH, LOW, HARD, TINTED = 0.2, 0.3, -0.25, 0.5, 0.15
MAX_HINTS = 2


async def tell_light(
    desk: Desk, session: Session, photo: Photo, channel: Channel, plan: Picture | None = None
) -> None:
    """The light in words, with its plan, else the diagram that came with the photo.

    Nothing where it was not read.
    """
    if photo.light is None:
        return
    text = light_words(desk, photo.light)
    if photo.diagram and plan is None:
        plan = explaining(photo.diagram, desk.words("alt_diagram"))
    if plan and photo.light.confidence >= UNSURE:
        await desk.post(session.id, Gallery(text, (plan,)), channel)
    else:
        await desk.post(session.id, Say(text), channel)


def light_words(desk: Desk, light: KeyLight) -> str:
    """A key light as a photographer would say it."""
    if light.confidence < UNSURE:
        return desk.words("light_unsure")
    if light.behind:
        return desk.words("light_behind")
    side = "left" if light.side < -ASIDE else "right" if light.side > ASIDE else "front"
    height = ["light_high"] * (light.height > HIGH) + ["light_low"] * (light.height < LOW)
    kind = [*height, "light_hard" if light.hardness > HARD else "light_soft"]
    tint = ["light_warm"] * (light.warmth > TINTED) + ["light_cool"] * (light.warmth < -TINTED)
    quality = f" {desk.words('light_and')} ".join(desk.words(key) for key in kind)
    manner = ", ".join([quality, *(desk.words(key) for key in tint)])
    return desk.words("light_read", where=desk.words(f"light_{side}"), manner=manner)


async def advise(desk: Desk, session: Session, photo: Photo, channel: Channel) -> None:
    """The coach's advice in one message, to be followed or not."""
    known = [h for h in photo.hints if h in desk.prompts.phrases][:MAX_HINTS]
    use = Offer("btn_use_anyway", Action("use_anyway", value=photo.blob), "primary")
    other = Offer("btn_resend", Action("resend", value=photo.blob))
    choices = await desk.offer(session.id, [use, other])
    text = " ".join(desk.words(hint) for hint in known) or desk.words("photo_advice")
    await desk.post(session.id, Say(text, choices), channel)


def explaining(blob: str, alt: str, width: int = 0, height: int = 0) -> Picture:
    """A picture that explains something and is nobody's portrait."""
    return Picture("", blob, blob, width, height, alt)
