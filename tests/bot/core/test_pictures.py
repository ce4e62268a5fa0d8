"""What can be done to a finished picture, by tap and by word."""

from support.sittings import PERSON, WORDS, Sitting


async def test_a_correction_after_the_picture_shoots_the_same_seed_again(guest: Sitting) -> None:
    """ "No, butterfly" keeps the sitter and changes the light."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.say("no, butterfly")
    await guest.pictures(2)
    first, second = await guest.history.renders(PERSON)
    assert first.render.seed == second.render.seed
    assert second.shot.spec["lighting"] == "butterfly"


async def test_every_tap_under_a_picture_makes_the_picture_it_names(guest: Sitting) -> None:
    """Again is another seed; warmer, another backdrop and upscale keep the seed."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    for number, label in enumerate(("Warmer", "Upscale", "Again"), 2):
        await guest.tap(label)
        await guest.pictures(number)
    first, warm, large, other = await guest.history.renders(PERSON)
    assert int(warm.shot.spec["warmth"]) == int(first.shot.spec["warmth"]) + 1
    assert large.shot.scale > first.shot.scale
    assert warm.render.seed == large.render.seed == first.render.seed != other.render.seed


async def test_other_backdrop_offers_backdrops_and_keeps_the_sitter(guest: Sitting) -> None:
    """One tap for the list, one for the choice."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.tap("Other backdrop")
    await guest.tap(WORDS.label("backdrop", "canvas-dark"))
    await guest.pictures(2)
    first, second = await guest.history.renders(PERSON)
    assert second.shot.backdrop.id == "canvas-dark"
    assert first.render.seed == second.render.seed


async def test_a_deleted_picture_is_gone_and_says_so(guest: Sitting) -> None:
    """Delete removes the file; its other buttons explain themselves."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    gallery = await guest.pictures()
    warmer = guest.choice("Warmer").id
    await guest.tap("Delete")
    assert gallery.pictures[0].full in guest.discarded
    await guest.tap_id(warmer)
    assert guest.says[-1] == WORDS.say("picture_gone")


async def test_picture_words_work_like_their_taps(guest: Sitting) -> None:
    """ "Bigger" and "another" speak of the current picture."""
    await guest.say("bigger")
    assert WORDS.say("no_picture_yet") in guest.says
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.say("bigger")
    await guest.pictures(2)
    await guest.say("another")
    await guest.pictures(3)


async def test_a_deleted_picture_leaves_its_gallery(guest: Sitting) -> None:
    """No page goes on showing what was deleted."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.tap("Delete")
    gallery = await guest.pictures()
    assert gallery.pictures == ()
    assert gallery.choices == ()


async def test_again_after_a_deletion_is_another_sitter_still(guest: Sitting) -> None:
    """Whoever throws a picture away does not want the same one back."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    again = guest.choice("Again").id
    await guest.tap_id(again)
    await guest.pictures(2)
    _, unwanted = await guest.history.renders(PERSON)
    await guest.tap("Delete")
    await guest.tap_id(again)
    await guest.until(lambda _: not guest.is_shooting)
    _, fresh = await guest.history.renders(PERSON)
    assert fresh.render.seed != unwanted.render.seed
