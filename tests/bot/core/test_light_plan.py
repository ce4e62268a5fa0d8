"""The light plan of a photo: its sitter's own light, as it was read, before the shot."""

from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sittings import PERSON, SCRIPT, WORDS, photo, sitting

from bot.core.light_plan import light_plan
from bot.core.policy import complete
from bot.core.replies import Ask, Gallery
from bot.core.spec import Field, PortraitSpec
from engine.base import Box, KeyLight, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

LIGHT = KeyLight(side=0.6, height=0.4, hardness=0.2, confidence=0.9)
SPEC = complete(PortraitSpec(), WORDS, "swap")


class Lit(SetStudio):
    """Reads a key light from the right, as surely as it is told to."""

    confidence = 0.9

    def receive(self, data: bytes) -> Photo:
        light = structs.replace(LIGHT, confidence=self.confidence)
        return structs.replace(super().receive(data), light=light, faces=(Box(1, 2, 3, 4),))


@pytest.mark.parametrize(("confidence", "plans"), [(0.9, 1), (0.1, 0)])
async def test_a_photos_own_light_is_shown_before_the_shot(
    tmp_path: Path, confidence: float, plans: int
) -> None:
    """With the owner's yes, and on the card; as PNG and SVG, theirs alone; never a guess."""
    studio = Lit(DiskBlobs(tmp_path / "blobs"))
    studio.confidence = confidence
    async with sitting(tmp_path, SCRIPT, engine=InProcessEngine(studio)) as guest:
        await guest.send(photo())
        await guest.tap("Yes, go ahead")
        told = [p for e in guest.channel.entries if isinstance(e, Gallery) for p in e.pictures]
        await guest.say("offline")
        cards = [e.brief for e in guest.channel.entries if isinstance(e, Ask) and e.brief]
        shown = [*told, *(brief.plan for brief in cards if brief.plan)]
        assert cards
        assert len(told) == plans
        assert len(shown) == 2 * plans
        for plan in shown:
            assert WORDS.say("plan_own") in plan.alt
            assert plan.caption == WORDS.say("plan_caption_own")
            assert await guest.conversation.may_see(PERSON, plan.vector)
            assert not await guest.conversation.may_see("test:bob", plan.vector)
        assert not studio.shots


def test_it_is_drawn_as_it_was_read() -> None:
    """Side, height and hardness; what cannot be read is not drawn."""
    own = light_plan(SPEC, WORDS, LIGHT)
    assert own.aside > 0
    assert own.above == pytest.approx(28)
    assert (own.fill, own.backdrop) == (0, "")
    assert not {"distance", "camera", "fill", "backdrop"} & set(own.labels)
    assert light_plan(SPEC, WORDS, structs.replace(LIGHT, side=-0.6)).aside == -own.aside
    assert light_plan(SPEC, WORDS, structs.replace(LIGHT, hardness=0.9)).width < own.width


def test_light_from_behind_stands_behind() -> None:
    behind = light_plan(SPEC, WORDS, structs.replace(LIGHT, behind=True))
    assert abs(behind.aside) > 90
    assert "height" not in behind.labels


def test_another_light_that_was_said_is_planned_instead_on_the_photos_side() -> None:
    said = PortraitSpec(SPEC.fields | {"lighting": Field("rembrandt", "said")})
    plan = light_plan(said, WORDS, LIGHT)
    assert plan.labels["title"] == WORDS.label("lighting", "rembrandt")
    assert plan.aside > 0
    assert light_plan(said, WORDS).aside < 0
