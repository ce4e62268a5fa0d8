"""People who are not of age, and talk of them where no picture is meant."""

import re

from bot.interview.lexicon.ages import AgePatterns, lone_numbers
from bot.interview.lexicon.tokens import Phrases, Text
from prompts import Prompts
from prompts.ages import ADULT

_TEN = 10
_LIKE_FIVE = re.compile(
    r"\b(?:explain|eli5|describe|tell me)\b.*"
    r"\blike i'?m (?:an? )?(?:\d|[a-z]+)(?:[- ]years?[- ]old)?(?:\W*$|[?.!])"
)
_CHILD_OF = re.compile(
    r"\b(?:sons?|daughters?|nephews?|nieces?|grand(?:son|daughter)s?|brother|sister|boys?|girls?|cousin)"
    r"(?: [a-z]+)? ?(?:is|'s|are|turns|turned|of|,) (?:now |only |just |about )?(?:1[0-7]"
    r"|\d)\b(?! ?(?:mm|photos|pictures))"
)
"""'My son is 8', beside a wish for a picture."""
_HAS_CHILDREN = re.compile(
    r"\b(?:have|has|had|got|'ve|raising|raised|raise)(?: got)?(?: [a-z]+| \d+){0,2} "
    r"(?:kids?|children|child|teenagers?|toddlers?|babies|baby)\b"
)


class Minors:
    """Finds out whether a message asks for somebody under age."""

    def __init__(self, prompts: Prompts, ages: AgePatterns) -> None:
        lexicon = prompts.lexicon
        minors = lexicon.people.minors
        self._minors = Phrases([*minors, *(f"{word}'s" for word in minors)])
        self._harmless = Phrases(lexicon.people.harmless)
        self._wanting = lexicon.portrait_talk | lexicon.pictures | lexicon.naming.wanting
        self._pictures = lexicon.portrait_talk | lexicon.pictures | {"please", "shoot", "session"}
        self._talk, self._ages = prompts.shapes.talk, ages

    def asked_for(self, text: Text, person: bool, bare_age: bool) -> bool:
        """Whether the message asks for somebody who is, or looks, under age.

        `person`: somebody is described; `bare_age`: a lone number is an age.
        """
        harmless = self._harmless.find(text)
        for first, last in self._minors.find(text):
            inside = any(a <= first and last <= b for a, b in harmless)
            if not inside and not _disclaimed(text, first) and not self._only_told(text):
                return True
        if _LIKE_FIVE.search(text.folded):
            return False
        if _CHILD_OF.search(text.folded) and set(text.words) & self._pictures:
            return True
        young = any(years < ADULT for years in self._ages.years(text.folded, bare_age))
        return young or (person and any(_TEN <= n < ADULT for _, n in lone_numbers(text)))

    def _only_told(self, text: Text) -> bool:
        """Whether children are spoken of where no picture is: 'I have 3 kids'."""
        if set(text.words) & self._wanting:
            return False
        told = _HAS_CHILDREN.search(text.folded)
        return bool(told) or any(talk.search(text.folded) for talk in self._talk)


def _disclaimed(text: Text, first: int) -> bool:
    before = text.words[max(0, first - 2) : first]
    return text.joined(first - len(before), first + 1) and any(
        word in ("not", "no", "isn't", "never", "without") for word in before
    )
