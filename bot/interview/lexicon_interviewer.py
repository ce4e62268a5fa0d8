"""The interviewer that needs no key: a vocabulary, and rules for how people talk."""

import asyncio
from collections.abc import Set

from msgspec import structs

from bot.core.ports import Intent, Reading, Speaking
from bot.core.session import MAYBE, Session
from bot.core.spec import PortraitSpec, SetSlot, SpecPatch
from bot.interview.lexicon.answers import Answers
from bot.interview.lexicon.asking import questions, referred, tags
from bot.interview.lexicon.chatter import Chatter
from bot.interview.lexicon.clothes import Wardrobe
from bot.interview.lexicon.dictionary import english
from bot.interview.lexicon.dismissals import Dismissals
from bot.interview.lexicon.dressing import dressed
from bot.interview.lexicon.edits import Edits
from bot.interview.lexicon.figures import Figures
from bot.interview.lexicon.hair import Hair
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.intents import Intents
from bot.interview.lexicon.meanings import Meanings
from bot.interview.lexicon.paraphrasing import Paraphrasing
from bot.interview.lexicon.people import People
from bot.interview.lexicon.phrasebook import Phrasebook
from bot.interview.lexicon.rays import Rays
from bot.interview.lexicon.scenes import Scenes
from bot.interview.lexicon.shaping import Shaping
from bot.interview.lexicon.spelling import Speller
from bot.interview.lexicon.telling import Telling
from bot.interview.lexicon.tokens import Phrases, Text, words
from bot.interview.lexicon.translation import Translator
from bot.interview.lexicon.weighing import Weighing
from bot.interview.machine_talk import is_machine_talk
from prompts import Prompts
from prompts.compose import mentions_age, subject_words

NAME = "lexicon"
REFUSED = "minors_refused"
_TALK: frozenset[Intent] = frozenset({"skip", "smalltalk", "help", "history"})
_OF_PICTURE: frozenset[Intent] = frozenset({"again", "other_backdrop", "upscale"})
_OF_SITTER = frozenset({"subject", "gender", "age", "hair", "skin_tone", "glasses"})
_FOREIGN_SHARE = 0.4
_MOST_CLAUSES = 4


class LexiconInterviewer:
    """Implements the `Interviewer` port. Understands only what the vocabulary holds, never guesses.

    Reading takes time linear in the text, which is read up to `tokens.LONGEST` characters.
    """

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._book = Phrasebook(prompts)
        self._figures, self._people = Figures(prompts), People(prompts)
        self._wardrobe, self._scenes = Wardrobe(prompts), Scenes(prompts)
        self._rays, self._edits = Rays(prompts), Edits(prompts)
        self._hair, self._shaping = Hair(prompts, self._book), Shaping(prompts)
        self._telling = Telling(prompts)
        self._answers, self._weighing = Answers(prompts, self._book), Weighing(prompts)
        self._dismissals = Dismissals(prompts)
        self._intents = Intents(prompts)
        self._translator = Translator(prompts)
        self._ignored = Phrases((*prompts.lexicon.ignored, *prompts.telling.idioms))
        self._changes = Phrases(prompts.lexicon.changes)
        self._agreement = Phrases(prompts.lexicon.agreement)
        self._refusal = Phrases(prompts.lexicon.refusal)
        self._meanings = Meanings(prompts.paraphrases)
        self._paraphrasing = Paraphrasing(prompts, self._meanings)
        self._warming: asyncio.Future[None] | None = None
        self._topics = {s: Phrases(said) for s, said in prompts.lexicon.topics.items()}
        vocabulary = self._vocabulary()
        self._speller = self._make_speller(vocabulary, english())
        # Words left in another language are no slips of English ones.
        self._careful = self._make_speller(vocabulary, frozenset())
        self._chatter = Chatter(prompts, vocabulary)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        """Understand `text` in the light of the session. Never raises, never speaks meanwhile."""
        self._warm()
        heard = self._translator.text(text)
        speller = (
            self._careful if heard.understood < 1 or heard.raw != heard.said else self._speller
        )
        heard = heard.respelt(speller.correct(heard))
        reading = self._read(session, heard)
        if not self._paraphrasing.wanted(session, heard, reading) or self._chatter.cued(heard):
            return reading
        if not self._meanings.loaded:
            await asyncio.to_thread(self._meanings.load)
        return self._paraphrasing.added(session, heard, reading)

    def _warm(self) -> None:
        """Load the embeddings beside the first messages, so that nobody waits for them."""
        if self._warming is None:
            loop = asyncio.get_running_loop()
            self._warming = loop.run_in_executor(None, self._meanings.load)

    def _read(self, session: Session, text: Text) -> Reading:
        if not text.tokens:
            reply = self._prompts.say("only_emoji") if text.raw.strip() else ""
            return Reading(reader=NAME, reply=reply)
        if self._intents.orders(text) or is_machine_talk(text.raw):
            return Reading("smalltalk", reader=NAME)
        if self._people.minor(self._telling.of_sitters(text), session.pending == "age"):
            return Reading(reader=NAME, refused=REFUSED)
        return self._confirmed(session, text) or self._weeded(session, text)

    def _weeded(self, session: Session, text: Text) -> Reading:
        """What is left without idioms, stories and questions."""
        for span in (*self._ignored.find(text), *tags(text)):
            text.take(*span)
        told = [*self._shaping.stories(text), *self._telling.spans(text)]
        for span in told:
            text.take(*span)
        if (asked := questions(text)) and not self._intents.asks(text):
            return self._beside_questions(session, text, asked)
        if told and text.claimed(0, len(text.words)) == len(text.words):
            return Reading(self._intents.find(text) or "smalltalk", reader=NAME)
        return self._understood(session, text)

    def _beside_questions(
        self, session: Session, text: Text, asked: list[tuple[int, int]]
    ) -> Reading:
        """What is told beside a question; and the question, which sets nothing."""
        topic = self._topic(session, text, asked)
        if not topic and (before := referred(text, asked)):
            topic = self._pointed_at(session, text, *before[0])
        reading = self._understood(session, text)
        if not topic:
            return reading
        return structs.replace(reading, intent="ask", topic=topic, reply="")

    def _pointed_at(self, session: Session, text: Text, first: int, last: int) -> str:
        """What a sentence speaks of that the next one asks about; its sitter still counts."""
        part = text.sentence(first, last)
        hits = [hit for hit in self._hits(session, part) if hit.slot not in _OF_SITTER]
        for hit in hits:
            text.take(first + hit.first, first + hit.last)
        return self._question(part, hits, None).topic

    def _topic(self, session: Session, text: Text, asked: list[tuple[int, int]]) -> str:
        """What these sentences ask about; claims them."""
        about = [text.sentence(*span) for span in asked]
        for span in asked:
            text.take(*span)
        found = (self._question(part, self._hits(session, part), None) for part in about)
        return next((reading.topic for reading in found if reading.topic), "")

    def _confirmed(self, session: Session, text: Text) -> Reading | None:
        """A yes or no to "do you mean …?"."""
        slot, _, said = session.pending.removeprefix(MAYBE).partition(":")
        value = self._prompts.normalise(slot, said) if session.pending.startswith(MAYBE) else None
        if value is not None and self._agreement.is_whole(text.words):
            change = SetSlot(slot, value, text.quote(0, len(text.words)))
            return Reading("brief", SpecPatch((change,)), reader=NAME)
        if value is not None and self._refusal.is_whole(text.words):
            return Reading("skip", reader=NAME)
        return None

    def _understood(self, session: Session, text: Text) -> Reading:
        if exact := self._answers.exact(session, text, self._intents.core(text)):
            patch = self._weighing.patch(text, [exact], session.draft.spec)
            return Reading("brief", patch, reader=NAME)
        intent = self._intents.find(text)
        hits = self._hits(session, text)
        if self._intents.asks(text) and (hits or intent != "help") and intent != "privacy":
            return self._question(text, hits, intent)
        spec = session.draft.spec
        known = any(hit.slot in spec.fields for hit in hits)
        chatter = not (intent or session.pending or known) and self._chatter.is_all(text, hits)
        if chatter:
            hits = []
        hits += self._leftovers(session, text, hits, intent)
        patch = self._weighing.patch(text, hits, spec)
        patch = _with_subject(self._dismissals.added(text, patch, spec), spec)
        patch = dressed(text, patch, spec)
        if not patch and intent is None and self._changes.find(text):
            return Reading("correct", reader=NAME, reply=self._prompts.say("edit_what"))
        wants_photo = self._intents.own_photo(text)
        return Reading(
            intent=self._intent(session, text, intent, patch),
            patch=patch,
            reader=NAME,
            reply="" if patch or intent or wants_photo else self._foreign(text),
            wants_photo=wants_photo,
        )

    def _hits(self, session: Session, text: Text) -> list[Hit]:
        """All readers in turn; each claims the words it has read."""
        hits = self._figures.find(text)
        hits += self._shaping.find(text)
        hits += self._wardrobe.find(text)
        hits += self._scenes.find(text)
        hits += self._edits.find(text, session.draft.spec)
        hits += self._rays.find(text)
        hits += self._hair.find(text)
        hits += self._book.find(text)
        known = {hit.slot for hit in hits}
        own = self._telling.of_self(text)
        return hits + self._people.find(text, session.pending == "age", known, own)

    def _leftovers(
        self, session: Session, text: Text, hits: list[Hit], intent: Intent | None
    ) -> list[Hit]:
        """Short answers, which count only where nothing clearer was said."""
        spec, core = session.draft.spec, self._intents.core(text)
        changed = (
            self._answers.regarbed(text, hits)
            or self._answers.renumbered(spec, text)
            or self._answers.swapped(spec, text)
            or self._answers.second_thought(text, hits)
        )
        if changed:
            return [changed]
        turned = self._weighing.turned_down(text, hits)
        if turned and not self._weighing.stands(text, hits, turned.slot):
            other = self._answers.other(text, turned)
            if other is None and turned.slot == "backdrop":
                other = self._scenes.instead(text, turned.last)
            return [other] if other else []
        if any(hit.slot == session.pending for hit in hits):
            return []
        cores = self._intents.cores(text)
        aside = self._answers.aside(text, cores, {hit.slot for hit in hits})
        if aside := aside or self._instead(text, hits, spec):
            return [aside]
        answer = self._answers.pending(session, text, core) if not hits else None
        if answer or hits or intent not in (None, "smalltalk"):
            return [answer] if answer else []
        said = (core, *(cores if len(cores) < _MOST_CLAUSES else ()))
        lone = (self._answers.bare(spec, text, words) for words in said)
        return [hit for hit in lone if hit and text.free(hit.first, hit.last)][:1]

    def _instead(self, text: Text, hits: list[Hit], spec: PortraitSpec) -> Hit | None:
        """The charcoal of 'scrap the white, go for something like charcoal'."""
        told = any(hit.slot == "backdrop" for hit in hits)
        at = 0 if told else self._dismissals.backdrop_ends(text, spec)
        return self._scenes.instead(text, at) if at else None

    def _question(self, text: Text, hits: list[Hit], intent: Intent | None) -> Reading:
        topic = next((f"{hit.slot}:{hit.value}" for hit in hits), "")
        if topic and self._prompts.explain(topic) is None:
            topic = topic.partition(":")[0]
        topic = topic or self._short_topic(text)
        topic = topic or next((s for s, said in self._topics.items() if said.find(text)), "")
        if not topic and intent:
            return Reading(intent, reader=NAME)
        return Reading("ask" if topic else "brief", topic=topic, reader=NAME)

    def _short_topic(self, text: Text) -> str:
        """'What is split?': the last words are a short name for one value."""
        for slot in ("lighting", "film", "shot", "skin"):
            value = self._book.short(slot, tuple(text.words[-1:]))
            if value is not None:
                return f"{slot}:{value}"
        lenses = self._prompts.slot("lens_mm").values
        lens = next((w for w in text.words[-2:] if w.isdecimal() and int(w) in lenses), "")
        return f"lens_mm:{lens}" if lens else ""

    def _intent(
        self, session: Session, text: Text, intent: Intent | None, patch: SpecPatch
    ) -> Intent:
        told = bool(patch)
        turned = self._intents.corrects(text) or self._edits.mentioned(text)
        if told and (intent in _OF_PICTURE or turned):
            return "shoot" if intent == "shoot" else "correct"
        if intent and not (told and intent in _TALK):
            return intent
        if not told and self._agrees(session, text):
            return "shoot"
        return "brief"

    def _agrees(self, session: Session, text: Text) -> bool:
        """A plain yes to the brief: everything else with a yes has a pending question."""
        warned = any(key.startswith("warn_") for key in session.told)
        asked = session.pending or warned or not session.draft.spec.fields
        return not asked and self._agreement.is_whole(text.words)

    def _foreign(self, text: Text) -> str:
        letters = [c for c in text.raw if c.isalpha()]
        strange = sum(not c.isascii() for c in letters)
        if letters and strange > _FOREIGN_SHARE * len(letters):
            return self._prompts.say("other_language")
        return ""

    def _vocabulary(self) -> set[str]:
        sources = (self._book, self._wardrobe, self._scenes, self._intents)
        return {word for source in sources for word in source.vocabulary()}

    def _make_speller(self, vocabulary: set[str], exists: Set[str]) -> Speller:
        lexicon = self._prompts.lexicon
        people = lexicon.people
        named = {*people.women, *people.men, *people.young, *lexicon.decades}
        right = {w for phrase in lexicon.phrases() for w in words(phrase)}
        right |= self._prompts.telling.words()
        known = vocabulary | named
        return Speller(
            known, [*right, *lexicon.numbers], short=lexicon.short_words, exists=exists,
            slips=lexicon.slips, common=lexicon.common,
        )  # fmt: skip


def _with_subject(patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
    """A new age said alone also changes the age in the subject's own words."""
    new = {change.slot: change for change in patch.set}
    subject = str(spec.value("subject") or "")
    if "age" not in new or "subject" in new or not mentions_age(subject):
        return patch
    values = {"subject": subject, "gender": spec.value("gender") or "", "age": new["age"].value}
    change = SetSlot("subject", subject_words(values), new["age"].quote)
    return SpecPatch((change, *patch.set), patch.clear)
