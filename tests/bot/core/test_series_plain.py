"""A set in a studio that draws heads only: what the table promises, and what is heard under it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.set_studio import Heads
from support.sets import card
from support.sittings import PERSON, WORDS, Sitting, sitting

from bot.core.replies import Gallery
from bot.core.series_plan import effective
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[Sitting]:
    """The embedded studio's promises: it cannot draw a laugh, nor clothes."""
    engine = InProcessEngine(Heads(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


async def test_a_table_never_promises_what_the_studio_cannot_do(plain: Sitting) -> None:
    """The nearest stands in the row and is said to; what has none is refused, the table stays."""
    await plain.say("LinkedIn headshot, woman in her 40s, brown hair, smiling, grey backdrop")
    await plain.say("a set of three")
    await plain.say("1 laughing")
    assert WORDS.say("edit_nearest", what="smile") in plain.says
    session = await plain.history.session(PERSON, PERSON)
    assert session.plan
    assert session.plan.rows[0]["expression"] == "smile"
    await plain.say("all in a red dress")
    assert plain.says[-1] == WORDS.say("cannot_dress")
    after = (await plain.history.session(PERSON, PERSON)).plan
    assert after
    assert after.rows == session.plan.rows


async def test_the_figures_under_a_set_are_heard(plain: Sitting) -> None:
    """ "2" picks it, "3 on navy" changes that one, "zip" brings all of them."""
    await plain.say("LinkedIn headshot, woman in her 40s, brown hair, smiling, grey backdrop")
    await plain.say("a set of three")
    await plain.say("shoot")
    await plain.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 4 for e in es))
    frames = await plain.history.renders(PERSON)
    await plain.say("2")
    assert (await plain.history.session(PERSON, PERSON)).current == frames[1].id
    await plain.say("3 on navy")
    new = WORDS.say("gallery_generated", width=1, height=1).partition(",")[0]
    await plain.until(lambda es: isinstance(es[-1], Gallery) and es[-1].text.startswith(new))
    shot = (await plain.history.renders(PERSON))[-1].shot
    assert shot.backdrop.id == "seamless-navy"
    assert shot.spec["expression"] == frames[2].shot.spec["expression"]
    await plain.say("zip please")
    assert plain.channel.entries[-1].text == WORDS.say("gallery_zip")  # pyright: ignore[reportAttributeAccessIssue] - a gallery


async def test_a_change_to_all_leaves_no_two_frames_alike(plain: Sitting) -> None:
    """ "Smiling" takes one reason away in which frames differed; others come in."""
    await plain.say("give me a set of six for my site")
    await plain.say("a woman in her 30s, blond, smiling")
    plan = (await plain.history.session(PERSON, PERSON)).plan
    assert plan
    assert plan.base["expression"] == "smile"
    looks = [tuple(sorted(effective(plan, row).items())) for row in plan.rows]
    assert len(set(looks)) == len(looks) >= 2


async def test_a_set_of_nobody_says_so(plain: Sitting) -> None:
    """Until somebody is described."""
    await plain.say("give me a set of six for my site")
    assert WORDS.say("table_who") in card(plain)
    await plain.say("a woman in her 30s, blond")
    assert WORDS.say("table_who") not in card(plain)
    await plain.say("mumble grumble")
    assert plain.says[-1].endswith(WORDS.say("table_change")), "the table is what is open"


async def test_a_set_of_a_photo_that_is_awaited_is_of_nobody_else(plain: Sitting) -> None:
    """Shooting it asks for the photo; somebody invented comes only after a tap that says so."""
    await plain.say("I want pictures of myself, I'll send a selfie")
    await plain.say("a set of three")
    plan = (await plain.history.session(PERSON, PERSON)).plan
    assert plan
    assert plan.operation == "swap"
    await plain.say("shoot")
    assert not await plain.history.jobs()
    assert plain.says[-1] == WORDS.say("swap_photo_awaited")
    await plain.tap(WORDS.say("btn_invent"))
    await plain.say("shoot")
    plan = (await plain.history.session(PERSON, PERSON)).plan
    assert plan
    assert plan.operation == "generate"


async def test_a_yes_after_a_set_shoots_nothing(plain: Sitting) -> None:
    """Nor does the number of its frames stay with the brief."""
    await plain.say("woman in her 40s, brown hair, smiling, grey backdrop, for linkedin")
    await plain.say("a set of three")
    await plain.say("shoot")
    await plain.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 4 for e in es))
    await plain.say("yes")
    assert not await plain.history.jobs()
    assert not (await plain.history.session(PERSON, PERSON)).draft.spec.said("count")
