"""How large a finished picture is to become: what was said, and what the studio has room for. Pure.

A picture that is computed from a photo or a sampled face is made again at the larger size, which
brings back every detail of the photo. One that a model drew is enlarged as it is: drawn again it
might be another.
"""

import re

from msgspec import Struct, structs

from bot.core.plan import PRINT_SCALE, larger
from bot.core.session import RenderRecord
from engine.base import Capabilities, Photo
from engine.shots import LONGEST_SIDE, NATIVE_SIDE, Scalar, Shot

MOST = "most"
"""The wish for as much as there is."""
REDRAWN = ("generate", "swap")
WORTH = 1.15
"""How much larger a picture must become for it to be worth making."""
NUMBERS = {
    "twice": 2, "double": 2, "doubled": 2, "two times": 2, "doppelt": 2, "doble": 2,
    "triple": 3, "three times": 3, "dreimal": 3, "four times": 4, "quadruple": 4, "viermal": 4,
    "six times": 6, "sechsmal": 6, "five times": 5, "eight times": 8, "ten times": 10,
}  # fmt: skip
# Words are compared case-folded: "größer" is "grösser".
_TIMES = re.compile(
    r"(?<![\w.×])(\d{1,3})[\s-]?(?:x|×|times|fold|mal|fach|fois|veces)(?!\w|\s?\d)"
    r"|(?<![\w×])(?<!\d )[x×]\s?(\d{1,3})(?![\w.])"
)
_NUMBER = re.compile(rf"\b(?:{'|'.join(NUMBERS)})\b")
_GROW = re.compile(
    r"\b(?:upscal\w+|upsiz\w+|enlarg\w+|bigger|larger|blow (?:it|this|that) up|scal\w+(?: \w+)? up"
    r"|resolution|the size|as (?:large|big)|grösser|vergrösser\w*|grösse|auflösung|agrand\w+|grand"
    r"|taille|ampl\w+|grande|tamaño|resolución|résolution)\b"
)
_MOST = re.compile(
    r"\bas (?:large|big|high[- ]res\w*) as (?:it (?:goes|gets|can)|possible|you can|can be|i can)"
    r"|\b(?:largest|biggest|highest|max(?:imum|imal)?)(?: possible)?"
    r" (?:size|resolution|file|print|version|possible|you (?:can|have|do))\b"
    r"|\b8k\b|\bbillboard|\bso gross wie (?:möglich|es geht)|\bmaximale (?:grösse|auflösung)"
    r"|\blo más grande posible|\btamaño máximo|\bmáxima resolución"
    r"|\b(?:le plus|aussi) grand (?:que )?possible|\btaille maximale|\brésolution maximale"
)
_WALL = re.compile(r"\bposter|\bplakat|\bmural\b|\bwall[- ]siz|\ba[0-2]\b|\baffiche")


class Larger(Struct, frozen=True):
    """A picture's larger self: its shot, None where it is as large as it gets, and its size.

    `bounded` says that less than what was asked for is possible here.
    """

    shot: Shot | None
    width: int
    height: int
    bounded: bool = False


def times_in(text: str) -> Scalar:
    """How many times as large a sentence wants a picture: a number, `MOST`, or "".

    >>> times_in("upscale it 4x"), times_in("as large as it goes"), times_in("print it 5 x 7")
    (4, 'most', '')
    """
    words = " ".join(text.casefold().split())
    if found := _TIMES.search(words):
        return int(found[1] or found[2])
    if found := _NUMBER.search(words):
        return NUMBERS[found[0]]
    return MOST if _MOST.search(words) or _WALL.search(words) else ""


def wants_larger(text: str) -> bool:
    """Whether a sentence says by how much a picture shall grow, in whatever words."""
    words = " ".join(text.casefold().split())
    much = _TIMES.search(words) or _NUMBER.search(words)
    return bool(_MOST.search(words) or (much and _GROW.search(words)))


def enlarged(record: RenderRecord, wish: Scalar, can: Capabilities) -> Larger:
    """The picture as much larger as wished (see `times_in`), within what the studio has room for.

    Without a number it is brought to print size, and from there to the largest.
    """
    if record.shot.operation in REDRAWN and "profile" not in record.render.versions:
        return _redrawn(record, wish, can)
    return _as_it_is(record, wish, can)


def of_photo(shot: Shot, photo: Photo, wish: Scalar, can: Capabilities) -> Shot:
    """A person's own photo as much larger as wished, or at least twice as large."""
    long = max(photo.width, photo.height)
    room = _room(long, can)
    wanted = max(room) if wish == MOST else float(wish or PRINT_SCALE * NATIVE_SIDE / long)
    scale = next((scale for scale in room if scale >= wanted), max(room))
    return structs.replace(shot, operation="upscale", source=photo.blob, scale=scale)


def can_grow(record: RenderRecord, can: Capabilities) -> bool:
    """Whether there is a larger size than the picture's."""
    return enlarged(record, "", can).shot is not None


def _redrawn(record: RenderRecord, wish: Scalar, can: Capabilities) -> Larger:
    now, render = record.shot.scale, record.render
    room = [scale for scale in can.scales if scale > now]
    if not room:
        return Larger(None, render.width, render.height)
    wanted = _wanted(wish, now, max(room))
    scale = next((scale for scale in room if scale >= wanted), max(room))
    shot = larger(record.shot, scale)
    return Larger(shot, *_size(record, scale / now), bounded=wanted > scale)


def _as_it_is(record: RenderRecord, wish: Scalar, can: Capabilities) -> Larger:
    long = _long(record)
    if NATIVE_SIDE * max(can.scales) < WORTH * long:
        return Larger(None, record.render.width, record.render.height)
    room = _room(long, can)
    now = record.shot.scale if record.shot.operation != "upscale" else PRINT_SCALE
    wanted = max(2.0, _wanted(wish, now, max(room) * now) / now)
    scale = next((scale for scale in room if scale >= wanted), max(room))
    shot = structs.replace(
        record.shot, operation="upscale", source=record.render.blob, scale=scale, sitter=0
    )
    return Larger(shot, *_size(record, scale), bounded=wanted > scale)


def _room(long: int, can: Capabilities) -> list[int]:
    """The factors by which a picture this long may grow; the last step is cut to what there is room
    for, so it may begin as a larger one."""
    most = NATIVE_SIDE * max(can.scales) / long + 0.02
    return [scale for scale in can.scales if 1 < scale <= most] or [2]


def _wanted(wish: Scalar, now: int, most: int) -> float:
    """In multiples of the native size; `now` is what the picture has."""
    if wish == MOST:
        return most
    if not wish:
        return PRINT_SCALE if now < PRINT_SCALE else most
    return now * float(wish)


def _long(record: RenderRecord) -> int:
    return max(record.render.width, record.render.height)


def _size(record: RenderRecord, times: float) -> tuple[int, int]:
    """Width and height, to a pixel or two, within what any studio makes."""
    times = min(times, LONGEST_SIDE / _long(record))
    return round(record.render.width * times), round(record.render.height * times)
