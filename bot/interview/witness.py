"""A second opinion on a model's quotes: a real quote may still not mean what a model says."""

from bot.core.ports import Interviewer, Reading
from bot.core.session import Session
from bot.interview.evidence import is_minor
from bot.interview.understood import Change, Understood
from prompts.library import Prompts

ALONE = Session("witness", "witness")
SHORT = 4
"""Words of a quote that is about one thing; a longer one may hold a paraphrase beside it."""


class Witness:
    """Asks the lexicon what each quote means by itself, and drops changes that it contradicts.

    Where the lexicon knows the words, it has read them in the message already, so nothing is lost;
    where it does not (another language, a paraphrase), the model is believed.
    """

    def __init__(self, lexicon: Interviewer, prompts: Prompts, text: str) -> None:
        """`text` is the sitter's message."""
        self._lexicon, self._prompts, self._text = lexicon, prompts, text
        self._known: dict[str, Reading] = {}

    async def heard(self, answer: Understood) -> Understood:
        """The answer without the changes that are contradicted."""
        kept = [change for change in answer.set if await self._agrees(change)]
        return answer.model_copy(update={"set": kept})

    async def _agrees(self, change: Change) -> bool:
        if is_minor(change, self._text):
            return True  # said or not: this is for the refusal to decide
        if change.quote not in self._known:
            self._known[change.quote] = await self._lexicon.read(ALONE, change.quote)
        values = {c.slot: c.value for c in self._known[change.quote].patch.set}
        if change.slot in values:
            free = self._prompts.slots[change.slot].kind == "words"
            same = self._prompts.normalise(change.slot, change.value) == values[change.slot]
            return free or same
        about_one_thing = len(change.quote.split()) <= SHORT
        return change.slot == "subject" or not (values and about_one_thing)
