"""With a picture model a wish about a picture goes the way that keeps most of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.model_studio import ModelStudio
from support.sittings import PERSON, WORDS, Sitting, photo, sitting

from bot.core.replies import Ask, Gallery
from bot.core.session import Session
from bot.core.spec import SetSlot, SpecPatch, merge
from bot.core.ways import invented, operation_of, way, wider
from bot.core.wishes import Heard, wish_in
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Capabilities
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.shots import Operation, Scalar, Shot
from engine.studio.wish import capabilities

PLAIN = capabilities()
CAN = ModelStudio(DiskBlobs(Path())).capabilities()
DRAWN = Shot(
    "generate", 7, {"expression": "soft-smile", "wardrobe": "cream sweater", "shot": "close-up"}
)
OWN = Shot("swap", 7, {"backdrop": "seamless-cream", "shot": "medium"}, source="p.png")
PAINTED = structs.replace(DRAWN, operation="inpaint", region="background", drawn_as={"age": "40s"})
LESS = structs.replace(
    CAN, honours={op: slots for op, slots in CAN.honours.items() if op not in ("edit", "outpaint")}
)


@pytest.mark.parametrize(
    ("shot", "changes", "can", "operation"),
    [
        (DRAWN, {"wardrobe": "navy blazer"}, CAN, "inpaint"),
        (DRAWN, {"backdrop": "library-dark"}, CAN, "inpaint"),
        (DRAWN, {"backdrop": "library-dark", "warmth": 1}, CAN, "inpaint"),
        (DRAWN, {"expression": "laughing"}, CAN, "edit"),
        (DRAWN, {"expression": "laughing"}, LESS, "vary"),
        (DRAWN, {"wardrobe": "navy blazer", "backdrop": "library-dark"}, CAN, "edit"),
        (DRAWN, {"shot": "medium"}, CAN, "outpaint"),
        (DRAWN, {"aspect": "1:1"}, CAN, "outpaint"),
        (DRAWN, {"warmth": 1}, CAN, None),
        (DRAWN, {"key_side": "right"}, CAN, "edit"),
        (DRAWN, {"lighting": "split"}, LESS, None),
        (PAINTED, {"key_side": "right"}, CAN, "edit"),
        (PAINTED, {"warmth": 1}, CAN, "edit"),
        (PAINTED, {"warmth": 1}, LESS, "vary"),
        (PAINTED, {"wardrobe": "navy blazer"}, CAN, "inpaint"),
        (OWN, {"key_side": "right"}, CAN, None),
        (DRAWN, {"gender": "man"}, CAN, None),
        (DRAWN, {"shot": "medium"}, LESS, None),
        (OWN, {"backdrop": "canvas-dark"}, CAN, None),
        (OWN, {"wardrobe": "navy blazer"}, CAN, "inpaint"),
        (OWN, {"expression": "laughing"}, CAN, "edit"),
        (OWN, {"expression": "laughing"}, LESS, None),
        (DRAWN, {"wardrobe": "navy blazer"}, PLAIN, None),
        (OWN, {"wardrobe": "navy blazer"}, PLAIN, None),
    ],
)
def test_each_wish_has_its_way(
    shot: Shot, changes: dict[str, Scalar], can: Capabilities, operation: Operation | None
) -> None:
    """One place is repainted, what concerns the whole picture is drawn anew, the rest is developed;
    a real person is never varied, and a photo's own way comes first."""
    assert way(shot, changes, can) == operation


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("vary it a little", Heard("vary", "subtle")),
        ("give me a wildly different variation", Heard("vary", "strong")),
        ("Vary it a lot!", Heard("vary", "strong")),
        ("more room please", Heard("room")),
        ("how was this picture made?", Heard("made")),
        ("how did you make this", Heard("made")),
        ("a full studio portrait of me in a navy blazer", Heard("portrait")),
        ("turn my selfie into a studio portrait", Heard("portrait")),
        ("put me on a navy backdrop", None),
        ("a portrait of a woman, full of light", None),
        ("how much room is there", None),
    ],
)
def test_wishes_for_a_model_are_heard(said: str, heard: Heard | None) -> None:
    """And nothing else is taken for one."""
    assert wish_in(said) == heard


def test_more_room_ends_where_all_is_shown() -> None:
    """There is no step behind full-body."""
    assert wider(DRAWN) == "medium"
    assert wider(structs.replace(DRAWN, spec={"shot": "full-body"})) == ""


@pytest.mark.parametrize(
    ("said", "then", "can", "operation"),
    [
        ({"backdrop": "canvas-dark"}, "", CAN, "swap"),
        ({"backdrop": "canvas-dark", "film": "portra-400"}, "", CAN, "swap"),
        ({"wardrobe": "navy blazer"}, "", CAN, "edit"),
        ({"backdrop": "canvas-dark"}, "portrait", CAN, "edit"),
        ({"wardrobe": "navy blazer"}, "portrait", PLAIN, "swap"),
    ],
)
def test_a_photo_is_swapped_unless_more_is_wished(
    said: dict[str, Scalar], then: str, can: Capabilities, operation: Operation
) -> None:
    """A backdrop alone touches nobody; clothes, or a whole portrait, are an edit."""
    draft = merge(Session("a", "a").draft, SpecPatch(tuple(SetSlot(s, v) for s, v in said.items())))
    session = Session("a", "a", draft=draft, mode="swap", then=then)  # type: ignore[arg-type] # a literal
    assert operation_of(session, can) == operation


class Open:
    """A person in a studio, and what the studio was given to make."""

    def __init__(self, guest: Sitting, studio: ModelStudio) -> None:
        self.guest, self.studio = guest, studio

    async def drawn(self) -> None:
        await self.guest.say(
            "LinkedIn headshot, woman in her 40s, soft smile, cream sweater, grey backdrop"
        )
        await self.guest.say("shoot")
        await self.guest.pictures()

    async def photographed(self, said: str) -> None:
        await self.guest.send(photo(), said)
        await self.guest.tap("Yes, go ahead")

    def labels(self) -> list[str]:
        shown = [e for e in self.guest.channel.entries if isinstance(e, Gallery)][-1]
        return [choice.label for choice in shown.choices]

    def said(self, key: str) -> bool:
        head = WORDS.phrases.say(key, **dict.fromkeys(WORDS.phrases.vars(key), "#")).split("#")[0]
        return any(text.startswith(head) for text in self.guest.says)


async def opened(folder: Path, able: tuple[Operation, ...] | None) -> AsyncIterator[Open]:
    blobs = DiskBlobs(folder / "blobs")
    studio = ModelStudio(blobs) if able is None else ModelStudio(blobs, able)
    engine = InProcessEngine(studio)
    async with sitting(folder, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        yield Open(guest, studio)


@pytest.fixture
async def model(tmp_path: Path) -> AsyncIterator[Open]:
    async for each in opened(tmp_path, None):
        yield each


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[Open]:
    async for each in opened(tmp_path, ()):
        yield each


async def test_a_drawn_picture_can_be_varied(model: Open) -> None:
    """A little or a lot: from the picture itself, with a seed of the same family."""
    await model.drawn()
    first, shown = model.studio.shots[-1], await model.guest.pictures()
    await model.guest.tap("Vary a lot")
    await model.guest.pictures(2)
    shot = model.studio.shots[-1]
    assert (shot.operation, shot.change) == ("vary", "strong")
    assert shot.source == shown.pictures[0].full
    assert shot.seed != first.seed
    assert invented(shot)
    await model.guest.say("vary it a little")
    await model.guest.pictures(3)
    again = model.studio.shots[-1]
    assert (again.operation, again.change) == ("vary", "subtle")
    assert again.source != shot.source
    assert len({first.seed, shot.seed, again.seed}) == 3


async def test_clothes_are_repainted_in_place(model: Open) -> None:
    """The rest of the picture stays, which is said; the prompt says what should be there."""
    await model.drawn()
    first, shown = model.studio.shots[-1], await model.guest.pictures()
    await model.guest.say("navy blazer instead of cream")
    await model.guest.pictures(2)
    shot = model.studio.shots[-1]
    assert (shot.operation, shot.region) == ("inpaint", "wardrobe")
    assert shot.source == shown.pictures[0].full
    assert shot.seed == first.seed
    assert "navy blazer" in shot.prompt
    assert model.said("edit_inpaint")
    assert "you" not in (await model.guest.pictures(2)).pictures[0].alt.split()


async def test_edits_build_on_each_other(model: Open) -> None:
    """Another backdrop after the blazer is painted into the picture with the blazer."""
    await model.drawn()
    await model.guest.say("navy blazer instead of cream")
    second = await model.guest.pictures(2)
    await model.guest.say("another background")
    await model.guest.tap("Dark canvas")
    await model.guest.pictures(3)
    shot = model.studio.shots[-1]
    assert (shot.operation, shot.region) == ("inpaint", "background")
    assert shot.source == second.pictures[0].full
    assert shot.backdrop.id == "canvas-dark"
    assert shot.spec["wardrobe"] == "navy blazer"
    await model.guest.say("warmer")
    await model.guest.pictures(4)
    whole = model.studio.shots[-1]
    assert (whole.operation, whole.region) == ("edit", ""), "a repainted wall warms no face"
    assert whole.source != shot.source
    assert whole.spec["warmth"] == 1


async def test_another_expression_keeps_the_person(model: Open) -> None:
    """Laughing, which no embedded studio draws, from the picture as it is."""
    await model.drawn()
    shown = await model.guest.pictures()
    await model.guest.say("same but laughing")
    await model.guest.pictures(2)
    shot = model.studio.shots[-1]
    assert (shot.operation, shot.source) == ("edit", shown.pictures[0].full)
    assert shot.spec["expression"] == "laughing"
    assert model.said("edit_person_kept")
    assert not model.said("model_would_add")


async def test_more_room_is_painted_around_the_picture(model: Open) -> None:
    """By tap or by word, up to the whole figure."""
    await model.drawn()
    shown = await model.guest.pictures()
    await model.guest.tap("More room")
    await model.guest.pictures(2)
    shot = model.studio.shots[-1]
    assert (shot.operation, shot.source) == ("outpaint", shown.pictures[0].full)
    assert shot.spec["shot"] == wider(model.studio.shots[0])
    await model.guest.say("more room")
    await model.guest.pictures(3)
    assert model.studio.shots[-1].spec["shot"] == wider(shot)


async def test_a_selfie_becomes_a_whole_portrait(model: Open) -> None:
    """One consent, the photo as reference, nothing assumed of who they are; and it is said."""
    await model.photographed("a full studio portrait of me in a navy blazer on dark canvas")
    await model.guest.pictures()
    shot = model.studio.shots[-1]
    assert shot.operation == "edit"
    assert shot.source == (await model.guest.history.session(PERSON, PERSON)).consented[0]
    assert shot.spec["wardrobe"] == "navy blazer"
    assert not {"subject", "gender", "age", "hair", "skin_tone"} & shot.spec.keys()
    assert model.said("portrait_from_photo")
    assert not {"Vary a little", "Vary a lot", "Series"} & set(model.labels())
    await model.guest.say("white shirt instead")
    await model.guest.pictures(2)
    assert (model.studio.shots[-1].operation, model.studio.shots[-1].region) == (
        "inpaint",
        "wardrobe",
    )
    assert not invented(model.studio.shots[-1])
    assert model.guest.says.count(WORDS.say("consent_ask")) == 1


async def test_a_backdrop_wish_stays_a_swap(model: Open) -> None:
    """The default touches nothing but what stands behind; also after a portrait was wished."""
    await model.photographed("put me on a dark canvas backdrop")
    await model.guest.pictures()
    assert model.studio.shots[-1].operation == "swap"
    await model.guest.tap("Warmer")
    await model.guest.pictures(2)
    assert model.studio.shots[-1].operation == "swap"
    await model.guest.say("vary it a little")
    assert model.said("vary_not_you")


async def test_the_card_of_a_portrait_from_a_photo_keeps_what_is_wished(model: Open) -> None:
    """Clothes are not marked as impossible, and nothing of the person is made up."""
    await model.photographed("a full studio portrait of me in a navy blazer")
    for _ in range(4):
        await model.guest.say("skip")
    cards = [e.brief for e in model.guest.channel.entries if isinstance(e, Ask) and e.brief]
    lines = {line.slot: line for line in cards[-1].lines}
    assert lines["wardrobe"].honoured
    assert "expression" not in lines


async def test_without_a_model_nothing_of_it_is_offered(plain: Open) -> None:
    """Neither taps nor ways."""
    await plain.drawn()
    assert not {"Vary a little", "Vary a lot", "More room"} & set(plain.labels())
    await plain.guest.say("another background")
    await plain.guest.tap("Dark canvas")
    await plain.guest.pictures(2)
    assert plain.studio.shots[-1].operation == "generate"


async def test_what_a_model_would_add_is_said_once(plain: Open) -> None:
    """Where somebody asks for what only a model does, with the command that brings one."""
    await plain.drawn()
    hint = WORDS.say("model_would_add")
    await plain.guest.say("same but laughing")
    assert "northlight models fetch flux2-klein" in hint
    await plain.guest.say("with glasses, and give her a red dress")
    await plain.guest.say("vary it a lot")
    cards = [e.brief for e in plain.guest.channel.entries if isinstance(e, Ask) and e.brief]
    noted = [note for card in cards for note in card.notes]
    assert len([text for text in (*plain.guest.says, *noted) if hint in text]) == 1


async def test_a_brief_hears_it_too(plain: Open) -> None:
    """Clothes for a photo's sitter, before anything is shot."""
    await plain.photographed("put me on a grey backdrop in a navy blazer")
    await plain.guest.pictures()
    assert plain.studio.shots[-1].operation == "swap"
    assert plain.guest.says.count(WORDS.say("model_would_add")) == 1


async def test_an_old_tap_explains_itself_without_the_model(tmp_path: Path) -> None:
    """The model may be gone since the tap was offered."""
    studio = ModelStudio(DiskBlobs(tmp_path / "blobs"))
    engine = InProcessEngine(studio)
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        here = Open(guest, studio)
        await here.drawn()
        studio._able = ()
        await guest.tap("Vary a little")
        assert guest.says[-1] == WORDS.say("no_generative_model")


async def test_how_a_picture_was_made_is_told(model: Open) -> None:
    """Seed, model, versions, and the id that makes it again; by tap and in words."""
    await model.drawn()
    (record,) = await model.guest.history.renders(PERSON)
    await model.guest.tap("How was it made?")
    told = model.guest.says[-1]
    assert record.id in told
    assert str(record.shot.seed) in told
    assert "torch 2" in told
    await model.guest.say("how did you make this?")
    assert model.guest.says[-1] == told
