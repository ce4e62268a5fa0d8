"""Replies as plain text, for chats that have no layout of their own."""

from collections.abc import Callable

from bot.core.replies import Apology, Ask, Brief, BriefLine, Gallery, Progress, Say

Words = Callable[..., str]
SOURCES = ("said", "locked", "assumed")
BAR = 10
MINUTE_S = 90  # from here on, minutes are counted


def text_of(entry: Say | Ask | Progress | Gallery | Apology, words: Words) -> str:
    """An entry's words. `words(key, **facts)` is a sentence of the replies."""
    if isinstance(entry, Progress):
        return progress_text(entry, words)
    if isinstance(entry, Ask) and entry.brief:
        return f"{brief_text(entry.brief, words)}\n\n{entry.text}"
    if isinstance(entry, Apology) and entry.error_id and entry.error_id not in entry.text:
        return f"{entry.text} {words('reference', error_id=entry.error_id)}"
    return entry.text


def brief_text(brief: Brief, words: Words) -> str:
    """The brief card: what was said, what was assumed, and what this studio cannot do."""
    groups = [_group(brief, source, words) for source in SOURCES]
    return "\n\n".join([brief.title, *filter(None, groups), *brief.notes])


def progress_text(entry: Progress, words: Words) -> str:
    """The step or the place in the queue, with the time left; while working also a bar."""
    if entry.state == "waiting":
        return f"{entry.text}\n{_time_left(entry.remaining_s, words)}".rstrip()
    if entry.state != "working":
        return entry.text
    filled = min(max(round(entry.fraction * BAR), 0), BAR)
    bar = "▰" * filled + "▱" * (BAR - filled)
    return f"{entry.text}\n{bar}  {_time_left(entry.remaining_s, words)}".rstrip()


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at a line or a space where there is one.

    >>> split("one two three", 8)
    ['one two', 'three']
    """
    pieces = []
    while len(text) > limit:
        window = text[: limit + 1]
        cut = max(window.rfind("\n"), window.rfind(" "))
        cut = cut if cut > limit // 2 else limit
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; what is cut shows as an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _group(brief: Brief, source: str, words: Words) -> str:
    lines = [_line(line) for line in brief.lines if line.source == source]
    return "\n".join([words(f"card_{source}"), *lines]) if lines else ""


def _line(line: BriefLine) -> str:
    note = f" ({line.note})" if line.note else ""
    return f"• {line.label}: {line.value}{note}"


def _time_left(seconds: float | None, words: Words) -> str:
    if not seconds or seconds < 1:
        return ""
    if seconds < MINUTE_S:
        return words("left_seconds", seconds=round(seconds))
    return words("left_minutes", minutes=round(seconds / 60))
