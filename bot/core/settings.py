"""The settings card: one entry that is changed in place, a tap at a time."""

from msgspec import convert, structs

from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.outside import HERE, agreed, agreement, cost
from bot.core.ports import Channel
from bot.core.preferences import TASTES, Preferences
from bot.core.replies import Ask
from bot.core.session import Action, Session
from engine.shots import Scalar

HOUSE = ""
"""The value that leaves a taste to the house."""


class Settings:
    """Shows what a person likes and changes it. Kept in history, per person."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director = desk, director

    async def show(self, session: Session, channel: Channel) -> Session:
        """Post a fresh card; earlier ones go on working."""
        seq = await self._desk.post(session.id, await self._card(session), channel)
        return structs.replace(session, card=seq)

    async def tap(self, session: Session, action: Action, channel: Channel) -> Session:
        """`settings` opens a list (`slot`) or the card again; `prefer` settles one thing."""
        if action.kind == "prefer":
            session = await self._prefer(session, action)
        opened = action.slot if action.kind == "settings" else ""
        card = await (self._list(session, opened) if opened else self._card(session))
        if not session.card:
            return structs.replace(session, card=await self._desk.post(session.id, card, channel))
        await self._desk.amend(session.id, session.card, card, channel)
        return session

    async def _prefer(self, session: Session, action: Action) -> Session:
        likes = await self._desk.prefer(
            session.person, lambda likes: liking(likes, action.slot, action.value)
        )
        return structs.replace(session, likes=likes)

    async def _card(self, session: Session) -> Ask:
        likes = session.likes
        lines = [self._desk.words("settings_title"), *self._lines(likes), *self._outside(likes)]
        files = ("btn_photo_only", "photo") if likes.delivery == "both" else ("btn_files", "both")
        looks = ("btn_looks_off", "") if likes.first_looks else ("btn_looks_on", "yes")
        taps = [
            Offer(files[0], Action("prefer", slot="delivery", value=files[1])),
            Offer(looks[0], Action("prefer", slot="first_looks", value=looks[1])),
            *(Offer(self._name(slot), Action("settings", slot=slot)) for slot in TASTES),
            *self._outside_taps(likes),
        ]
        return Ask("\n".join(lines), await self._desk.offer(session.id, taps))

    async def _list(self, session: Session, slot: str) -> Ask:
        now = str(getattr(session.likes, slot))
        values = [(HOUSE, self._desk.words("settings_house")), *self._director.values(slot)]
        taps = [
            Offer(_marked(label, value == now), Action("prefer", slot=slot, value=value))
            for value, label in values
        ]
        taps.append(Offer("btn_back", Action("settings")))
        text = self._desk.words("settings_choose", what=self._name(slot))
        return Ask(text, await self._desk.offer(session.id, taps))

    def _lines(self, likes: Preferences) -> list[str]:
        words = self._desk.words
        looks = "looks_on" if likes.first_looks else "looks_off"
        tastes = [f"{self._name(s)}: {self._value(s, getattr(likes, s))}" for s in TASTES]
        return [words(f"settings_delivery_{likes.delivery}"), words(f"settings_{looks}"), *tastes]

    def _outside(self, likes: Preferences) -> list[str]:
        """Whether pictures may be made elsewhere, where the studio could."""
        can = self._director.can()
        if can.outside is None:
            return []
        key = "settings_outside_on" if agreed(can, likes) else "settings_outside_off"
        return [self._desk.words(key, host=can.outside.host, cost=cost(self._desk, can.outside, 1))]

    def _outside_taps(self, likes: Preferences) -> list[Offer]:
        can = self._director.can()
        if can.outside is None:
            return []
        if agreed(can, likes):
            return [Offer("btn_outside_off", Action("prefer", slot="outside", value=HERE))]
        yes = agreement(can.outside)
        return [Offer("btn_outside_on", Action("prefer", slot="outside", value=yes))]

    def _name(self, slot: str) -> str:
        return self._desk.prompts.slot_label(slot)

    def _value(self, slot: str, value: str) -> str:
        return (
            self._desk.prompts.label(slot, value) if value else self._desk.words("settings_house")
        )


def liking(likes: Preferences, slot: str, value: Scalar) -> Preferences:
    """The preferences with one of them changed.

    >>> liking(Preferences(), "film", "tri-x-400").film
    'tri-x-400'
    >>> liking(Preferences(), "first_looks", "").first_looks
    False
    """
    changed = structs.asdict(likes) | {slot: bool(value) if slot == "first_looks" else value}
    return convert(changed, Preferences)


def _marked(label: str, now: bool) -> str:
    return f"✓ {label}" if now else label
