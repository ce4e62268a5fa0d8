"""The sitter's own words on their way to a picture model: kept as words, never read as syntax.

Prompt dialects give meaning to brackets (weights), braces and bars (choices), angle brackets
(add-on weights), colons, underscores and line breaks. None of these gets through.
"""

import re
import unicodedata

LONGEST = 120
_NOT_WORDS = re.compile(r"[^\w\s,'’&/%+#.-]|_")
_STOPS = re.compile(r"[!?;]|(?<!\d)\.|\.(?!\d)")
_COMMAS = re.compile(r"\s*,[\s,]*")


def free_words(text: str, unwanted: tuple[str, ...] = ()) -> str:
    """At most 120 characters of letters, digits, blanks and ,'&/%+#.- on one line.

    `unwanted` phrases are left out: what every negative prompt names has no place in a positive
    one. The end of a sentence becomes a comma, so that the words stay inside their own clause.
    """
    # What one pass takes out may bring together what the next one has to take out.
    while (cleaned := _clean(text, unwanted)) != text:
        text = cleaned
    return text


def _clean(text: str, unwanted: tuple[str, ...]) -> str:
    folded = unicodedata.normalize("NFKC", text)
    folded = _NOT_WORDS.sub(" ", _STOPS.sub(",", folded))
    for phrase in unwanted:
        folded = re.sub(rf"\b{re.escape(phrase)}\b", " ", folded, flags=re.IGNORECASE)
    folded = _COMMAS.sub(", ", " ".join(folded.split()))
    return folded[:LONGEST].strip(" ,.-'’&/")
