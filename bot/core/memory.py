"""What a person may say about before: that picture, last time, a name, always."""

from datetime import date

from msgspec import Struct, structs

from bot.clock import Clock
from bot.core.darkroom import Darkroom
from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.gallery import AFTERWARDS, next_taps, picture
from bot.core.plan import OWN_PICTURE
from bot.core.ports import Channel
from bot.core.preferences import WISHES, wishing, without_wishes
from bot.core.recall import (
    LAST,
    Reference,
    after,
    day_of,
    less,
    numbered,
    on_days,
    referred,
    says,
    wishes_always,
)
from bot.core.replies import Gallery
from bot.core.session import Action, RenderRecord, Session
from bot.core.set_jobs import frames_of, is_set, sheet_picture
from bot.core.spec import SetSlot, SpecPatch, merge
from bot.core.whereabouts import Whereabouts

NAME = "name:"
SITTING = "sitting:"
"""What stands for a day's pictures of a session, which follow as "session@day"."""
SHOWN_OF_A_SITTING = 8
DAYS_TOLD = 5
LONGEST_NAME = 60
LAST_TIME = (
    "look", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture", "film",
    "warmth", "aspect",
)  # fmt: skip
"""What "like last time" takes over; of an invented sitter also who it was, unless somebody new was
described."""
SITTER = ("subject", "gender", "age", "hair", "skin_tone", "glasses", "expression", "wardrobe")


class Remembered(Struct, frozen=True):
    """The session with what was remembered, and what is left to read.

    `done` says that the sentence is answered, `always` that what it says shall hold from now on,
    `confirm` that the brief has changed and is to be shown.
    """

    session: Session
    text: str
    done: bool = False
    always: bool = False
    confirm: bool = False


class Memory:
    """Hears what refers to before, ahead of whoever reads the rest."""

    def __init__(self, desk: Desk, director: Director, darkroom: Darkroom, now: Clock) -> None:
        self._desk, self._director, self._darkroom, self._now = desk, director, darkroom, now
        self._whereabouts = Whereabouts(desk)

    async def hear(self, session: Session, text: str, channel: Channel) -> Remembered:
        """Act on what the sentence says of before; the rest is for the reader."""
        for hears in (self._standing, self._named, self._last_time, self._recalled):
            if (found := await hears(session, text, channel)) is not None:
                return found
        return Remembered(session, text)

    async def keep(self, session: Session, patch: SpecPatch, channel: Channel) -> Session:
        """Make what was said a standing wish of the person's."""
        values = {s.slot: s.value for s in patch.set if s.slot in WISHES}
        if not values:
            await self._desk.say(session.id, channel, "always_what")
            return session
        likes = await self._desk.prefer(session.person, lambda likes: wishing(likes, values))
        label = self._desk.prompts.label
        what = ", ".join(label(slot, value) for slot, value in values.items())
        await self._desk.say(session.id, channel, "always_kept", what=what)
        return structs.replace(session, likes=likes)

    async def _standing(self, session: Session, text: str, channel: Channel) -> Remembered | None:
        words = self._desk.prompts.memory
        if (found := await self._whereabouts.hear(session, text, channel)) is not None:
            return Remembered(found, "", done=True)
        if says(text, words.never_mind):
            likes = await self._desk.prefer(session.person, without_wishes)
            await self._desk.say(session.id, channel, "always_forgotten")
            return Remembered(structs.replace(session, likes=likes), "", done=True)
        if wishes_always(text, words.always):
            return Remembered(session, less(text, words.always), always=True)
        return None

    async def _named(self, session: Session, text: str, channel: Channel) -> Remembered | None:
        words = self._desk.prompts.memory
        whole = after(text, words.naming_session)
        if name := whole or after(text, words.naming):
            named = await self._name(session, name, channel, whole=bool(whole))
            return Remembered(named, "", done=True)
        known = await self._names(session)
        if says(text, words.names):
            return await self._list_names(session, known, channel)
        for fold in sorted(known, key=len, reverse=True):
            if says(text, (fold,)):
                return await self._by_name(session, text, fold, known[fold], channel)
        return None

    async def _list_names(
        self, session: Session, known: dict[str, tuple[str, str]], channel: Channel
    ) -> Remembered:
        """Every name; where others read along, only those of what was made in front of them."""
        made = {job: await self._desk.history.job(job) for _, job in known.values()}
        here = {job for job, record in made.items() if record and record.session == session.id}
        shown = [name for name, job in known.values() if not session.shared or job in here]
        if shown:
            await self._desk.say(session.id, channel, "names_known", names=", ".join(shown))
        else:
            key = "recall_private" if known else "names_none"
            await self._desk.say(session.id, channel, key)
        return Remembered(session, "", done=True)

    async def _name(self, session: Session, name: str, channel: Channel, *, whole: bool) -> Session:
        """Note a name for the pictures just made, or for the whole day's in this session."""
        record = await self._desk.theirs(session, session.current)
        if record is None:
            await self._desk.say(session.id, channel, "no_picture_yet")
        elif len(name) > LONGEST_NAME:
            await self._desk.say(session.id, channel, "name_too_long", limit=LONGEST_NAME)
        else:
            value = f"{self._sitting(session, record) if whole else record.job} {name}"
            await self._desk.history.note(session.person, NAME + name.casefold(), value)
            await self._desk.say(session.id, channel, "named", name=name)
        return session

    def _sitting(self, session: Session, record: RenderRecord) -> str:
        day = day_of(record.created, self._now(session.likes.calendar))
        return f"{SITTING}{record.session}@{day or ''}"

    async def _called(self, session: Session, what: str) -> list[RenderRecord]:
        """The pictures a name stands for: of a job, or of a sitting, the latest of many."""
        if not what.startswith(SITTING):
            return await self._of_job(what)
        where = what.removeprefix(SITTING).rpartition("@")[0]
        made = [r for r in await self._portraits(session) if r.session == where]
        return [r for r in made if self._sitting(session, r) == what][-SHOWN_OF_A_SITTING:]

    async def _names(self, session: Session) -> dict[str, tuple[str, str]]:
        """Names as they are looked up, with how they are written and the job they stand for."""
        notes = await self._desk.history.notes(session.person, NAME)
        split = {key.removeprefix(NAME): value.split(" ", 1) for key, value in notes.items()}
        return {fold: (name, job) for fold, (job, name) in split.items()}

    async def _by_name(
        self, session: Session, text: str, fold: str, known: tuple[str, str], channel: Channel
    ) -> Remembered | None:
        words, (name, job) = self._desk.prompts.memory, known
        before, _, behind = text.casefold().partition(fold)
        shown = await self._called(session, job)
        like = any(before.rstrip().endswith(phrase) for phrase in words.like)
        opened = says(before, words.opening) or not before.strip(" \"'“„«")
        if not (like or opened):
            return None
        if not shown:
            await self._desk.say(session.id, channel, "name_empty", name=name)
            return Remembered(session, "", done=True)
        if like:
            one = shown[-1 if job.startswith(SITTING) else 0]
            session = self._like(session, one, f"{name}")
            return Remembered(session, behind.strip(" ,.!?"), confirm=True)
        if len(_showable(session, shown)) < len(shown):
            await self._desk.say(session.id, channel, "recall_private")
            return Remembered(session, "", done=True)
        session = await self.show(session, shown, "name_opened", channel, name=name)
        rest = behind.strip(" ,.!?")
        return Remembered(session, rest, done=not rest)

    async def _last_time(self, session: Session, text: str, channel: Channel) -> Remembered | None:
        words = self._desk.prompts.memory
        if not says(text, words.last_time):
            return None
        made = await self._portraits(session)
        if not made:
            await self._desk.say(session.id, channel, "no_last_time")
            rest = less(text, words.last_time)
            return Remembered(session, rest, done=not rest.strip(" ,.!?"))
        today = self._now(session.likes.calendar)
        before = [r for r in made if day_of(r.created, today) != today.date()]
        last = before[-1] if session.current and before else made[-1]
        spoken = next(p for p in sorted(words.last_time, key=len)[::-1] if says(text, (p,)))
        return Remembered(
            self._like(session, last, spoken), less(text, words.last_time), confirm=True
        )

    def _like(self, session: Session, record: RenderRecord, quote: str) -> Session:
        """The brief with how that picture was made; the quote is what the person said."""
        spec = session.draft.spec
        new = any(spec.said(slot) for slot in ("subject", "gender", "age"))
        invented = session.mode == "generate" and record.shot.operation == "generate"
        theirs_to_tell = bool(_showable(session, [record]))
        with_sitter = invented and not new and theirs_to_tell
        slots = (*LAST_TIME, *SITTER) if with_sitter else LAST_TIME
        sets = tuple(
            SetSlot(slot, record.shot.spec[slot], quote)
            for slot in slots
            if slot in record.shot.spec and record.shot.spec[slot] != OWN_PICTURE
        )
        draft = merge(session.draft, SpecPatch(sets))
        return structs.replace(session, draft=draft, current="", pending="")

    async def _recalled(self, session: Session, text: str, channel: Channel) -> Remembered | None:
        now = self._now(session.likes.calendar)
        meant = referred(text, now.date(), self._desk.prompts)
        figure = Reference() if meant or session.pending else numbered(text, self._desk.prompts)
        made = await self._portraits(session) if meant or figure else []
        if figure and _in_a_row(session, made, figure.ordinal):
            meant = figure
        if not meant:
            return None
        if not made or session.plan or (session.pending and not meant.days):
            return None
        if not meant.days:
            here = [r for r in made if r.session == session.id]
            found = await self._numbered(here or _showable(session, made), meant.ordinal)
            return await self._go_on(session, found, meant, channel)
        day, places = on_days([r.created for r in made], meant.days, now, meant.ordinal)
        found = _showable(session, [made[n] for n in places])
        if day is None:
            days = sorted({d for r in made if (d := day_of(r.created, now))})[-DAYS_TOLD:]
            shown = ", ".join(map(self._day_words, days))
            await self._desk.say(session.id, channel, "recall_none", when=meant.spoken, days=shown)
            return Remembered(session, "", done=True)
        if not found:
            await self._desk.say(session.id, channel, "recall_private")
            return Remembered(session, "", done=True)
        return await self._go_on(session, _nth(found, meant.ordinal), meant, channel, day)

    async def _go_on(
        self,
        session: Session,
        found: list[RenderRecord],
        meant: Reference,
        channel: Channel,
        day: date | None = None,
    ) -> Remembered:
        if not found:
            await self._desk.say(session.id, channel, "recall_not_so_many")
            return Remembered(session, "", done=True)
        facts = {"day": self._day_words(day)} if day else {}
        if len(found) == 1 and meant.rest:
            if day:
                await self._desk.say(session.id, channel, "recalled_from", **facts)
            return Remembered(await self._darkroom.about(session, found[0].id), meant.rest)
        key = "recalled" if len(found) == 1 else "recall_which"
        key += "_day" if day else ""
        return Remembered(await self.show(session, found, key, channel, **facts), "", done=True)

    async def _numbered(self, made: list[RenderRecord], ordinal: int) -> list[RenderRecord]:
        """Of the last reply that had several pictures; else by the session's own count."""
        if ordinal == LAST:
            return made[-1:]
        several = [r for r in made if sum(o.job == r.job for o in made) > 1]
        if several:
            return _nth(await self._of_job(several[-1].job), ordinal)
        return [r for r in made if r.number == ordinal]

    async def show(
        self, session: Session, found: list[RenderRecord], key: str, channel: Channel, **facts: str
    ) -> Session:
        """Post pictures: one with what can be done with it, several with a tap each."""
        if len(found) == 1:
            choices = await self._desk.offer(
                session.id, next_taps(found[0], self._director.can(session))
            )
        else:
            taps = [Offer(str(n), Action("pick", render=r.id)) for n, r in enumerate(found, 1)]
            choices = await self._desk.offer(session.id, taps)
        shown = tuple(picture(self._desk, record) for record in found)
        if sheet := await self._sheet_of(found):
            shown = (*shown, sheet_picture(self._desk, sheet))
        text = self._desk.words(key, **facts)
        await self._desk.post(session.id, Gallery(text, shown, choices, "photo"), channel)
        return await self._darkroom.about(session, found[0].id)

    async def _sheet_of(self, found: list[RenderRecord]) -> RenderRecord | None:
        job = await self._desk.history.job(found[-1].job) if len(found) > 1 else None
        if job is None or not is_set(job.job.series):
            return None
        frames = await frames_of(self._desk.history, job)
        last = frames.get(len(job.job.series.shots) - 1)
        return last if last and len(found) == len(frames) - 1 else None

    async def _of_job(self, job_id: str) -> list[RenderRecord]:
        """The pictures of a job, in its order; a set with what it took over."""
        job = await self._desk.history.job(job_id)
        if job is None:
            return []
        frames = await frames_of(self._desk.history, job)
        return [r for r in frames.values() if r.shot.operation not in AFTERWARDS]

    async def _portraits(self, session: Session) -> list[RenderRecord]:
        renders = await self._desk.history.renders_of(session.person)
        return [r for r in renders if r.shot.operation not in AFTERWARDS]

    def _day_words(self, day: date) -> str:
        words = self._desk.words
        weekday, month = words(f"weekday_{day.isoweekday()}"), words(f"month_{day.month}")
        return words("day", weekday=weekday, day=day.day, month=month)


def _showable(session: Session, found: list[RenderRecord]) -> list[RenderRecord]:
    """What may be shown here: where others read along, only what was made in front of them."""
    return [r for r in found if not session.shared or r.session == session.id]


def _in_a_row(session: Session, made: list[RenderRecord], ordinal: int) -> bool:
    """Whether the session's latest pictures of one job, if several, have one of this number."""
    jobs = [record.job for record in made if record.session == session.id]
    together = next((jobs.count(job) for job in reversed(jobs) if jobs.count(job) > 1), 0)
    return together >= ordinal


def _nth(found: list[RenderRecord], ordinal: int) -> list[RenderRecord]:
    if ordinal == LAST:
        return found[-1:]
    return found[ordinal - 1 : ordinal] if ordinal else found
