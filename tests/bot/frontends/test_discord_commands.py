"""Discord's commands: each arrives, suggests what the studio knows, and speaks four languages."""

import re
from pathlib import Path
from typing import Any, Self

import discord
import pytest
from support.conversations import ScriptedConversation
from support.desktops import Desktop, desktop, discord_app, menu_of, taps
from support.sittings import WORDS, Sitting, photo, reading, sitting

from bot.core.deliveries import Deliveries
from bot.core.desk import Desk
from bot.core.events import Tally
from bot.core.session import Session
from bot.core.vocabulary import named
from bot.frontends.chat_commands import MENU
from bot.frontends.discord_commands import PICKED
from bot.frontends.discord_form import SLOTS
from bot.history.memory import MemoryHistory
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Capabilities

NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = ("de", "es-ES", "es-419", "fr")


class Listening(ScriptedConversation):
    """A conversation that only listens; as much of a sitting as Discord needs."""

    @property
    def conversation(self) -> Self:
        return self

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(Desk(MemoryHistory(), WORDS), Tally())

    async def owner(self, choice: str) -> str:
        """Everybody's choices are their own."""
        return ""


@pytest.mark.parametrize(
    ("command", "options", "intent", "text"),
    [
        ("portrait", {}, "restart", ""),
        ("portrait", {"text": "a man"}, None, "a man"),
        (
            "portrait",
            {"text": "a man", "look": "LinkedIn", "backdrop": "Dark canvas", "lighting": "hard"},
            None,
            "a man, linkedin, backdrop: dark canvas, hard light",
        ),
        ("backdrop", {}, "other_backdrop", ""),
        ("backdrop", {"text": "blue"}, None, "blue backdrop behind me"),
        ("series", {}, "series", ""),
        ("series", {"count": 4}, "series", "4"),
        ("upscale", {}, "upscale", ""),
        ("cutout", {}, "cutout", ""),
        ("print", {"size": "5x7"}, "print", "5x7"),
        ("cancel", {}, "cancel", ""),
        ("undo", {}, "undo", ""),
        ("history", {}, "history", ""),
        ("settings", {}, "settings", ""),
        ("help", {}, "help", ""),
        ("privacy", {}, "privacy", ""),
        ("forget", {}, "forget", ""),
    ],
)
async def test_every_command_arrives(
    tmp_path: Path, command: str, options: dict[str, Any], intent: str, text: str
) -> None:
    """Acknowledged in private; as what it means where that is plain, else as words to be read."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:
        result = await alex.slash(command, **options)
        assert result.acknowledged
        assert result.ephemeral
        (turn,) = listening.turns
        assert (turn.intent, turn.text.lower()) == (intent, text)
        assert (turn.session, turn.person) == (alex.session, f"discord:{alex.user.id}")
        assert turn.client_id
        assert f"discord:{alex.channel.id}" in turn.places


async def test_no_command_is_missing(tmp_path: Path) -> None:
    """What the other chats have, Discord has."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:
        assert set(alex.member.available_commands(alex.channel)) == set(MENU)


@pytest.mark.parametrize("order", ["stats", "pause", "resume", "drain", "whoami"])
async def test_who_manages_a_guild_finds_the_orders_there(tmp_path: Path, order: str) -> None:
    """As the word that is said on every platform; whether it is obeyed, the core decides."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:
        role = alex.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
        boss = alex.guild.add_member(alex.env.create_user("kim"), roles=[role])
        assert "studio" in boss.available_commands(alex.channel)
        await boss.slash(alex.channel, "studio", order=order)
        await alex.settled()
        (turn,) = listening.turns
        assert (turn.text, turn.intent) == (order, None)


async def test_a_command_takes_a_photo_and_words(tmp_path: Path) -> None:
    """/backdrop photo: is the selfie swap."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:
        await alex.slash("backdrop", photo=("me.png", photo()), text="Dark canvas")
        (turn,) = listening.turns
        assert turn.photo and turn.photo.data == photo()
        assert turn.text == "backdrop: dark canvas"


@pytest.mark.parametrize(
    ("command", "option", "typed", "label"),
    [
        ("portrait", "look", "link", "LinkedIn"),
        ("portrait", "backdrop", "paint", "Dark canvas"),
        ("portrait", "lighting", "remb", "Rembrandt light"),
        ("backdrop", "text", "brick", "Red brick wall"),
    ],
)
async def test_it_suggests_while_one_types(
    tmp_path: Path, command: str, option: str, typed: str, label: str
) -> None:
    """By label and by other names; nothing typed shows the first 25."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:
        found = await alex.member.autocomplete(alex.channel, command, option, typed)
        assert any(label in choice["name"] for choice in found), found
        every = await alex.member.autocomplete(alex.channel, command, option, "")
        assert 0 < len(found) < len(every) <= 25
        assert await alex.member.autocomplete(alex.channel, command, option, "qqqq") == []


@pytest.mark.parametrize("slot", dict.fromkeys((*PICKED, *SLOTS)))
async def test_what_is_picked_is_understood(slot: str) -> None:
    """Every value's words mean that value to whoever reads without a language model."""
    lexicon = LexiconInterviewer(WORDS)
    values = named(WORDS, Capabilities("card", {}), slot)
    assert len(values) >= 4
    for value in values:
        read = await lexicon.read(Session("a", "a"), f"a man, {value.spoken}")
        said = {change.slot: change.value for change in read.patch.set}
        assert WORDS.label(slot, said[slot]) == value.label


async def test_commands_speak_other_languages(guest: Sitting, tmp_path: Path) -> None:
    """Names, descriptions, options and menus, in lower case where Discord wants it so."""
    tree = discord_app(guest.conversation, tmp_path).client
    async with desktop(guest, tmp_path) as alex:
        tree = alex.app.client.tree
        payloads = [
            await command.get_translated_payload(tree, tree.translator)  # type: ignore[arg-type]  # it was set
            for command in tree.walk_commands()
        ]
    assert len(payloads) == len(MENU) + 1  # and the one for whoever runs the studio
    for payload in payloads:
        for part in (payload, *payload["options"]):
            assert set(LOCALES) <= set(part["name_localizations"]), part["name"]
            assert set(LOCALES) <= set(part["description_localizations"])
            for name in part["name_localizations"].values():
                assert NAME.fullmatch(name) and name == name.lower()
    assert "Porträt" in payloads[0]["description_localizations"]["de"]


@pytest.mark.parametrize("locale", ["de", "es", "fr"])
def test_translated_names_are_not_given_twice(locale: str) -> None:
    """Discord refuses all commands when two of them share a name."""
    names = [WORDS.locales.say(locale, f"name_{command}") for command in MENU]
    assert None not in names
    assert len(set(names)) == len(names)


async def test_a_command_that_breaks_is_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With an id that the log line carries too."""
    listening = Listening()
    async with desktop(listening, tmp_path) as alex:

        async def broken(*_: object) -> None:
            raise ZeroDivisionError("a secret")

        alex.app.menus._own.tell = broken  # type: ignore[method-assign]  # a programming error
        message = await alex.say("no photo here")
        await alex.menu("Use as selfie", message)
        text = alex.answers()[-1].content
        (record,) = [r for r in caplog.records if r.levelname == "ERROR"]
        assert record.error_id in text  # type: ignore[attr-defined]  # the log's own field
        assert "secret" not in text
        alex.env.errors.clear()


# --- menus, selects, forms, in a real conversation ---


async def test_a_question_with_many_answers_is_a_menu(tmp_path: Path) -> None:
    """Values in a menu, the shortcuts beside it as buttons; picking is answering."""
    async with (
        sitting(tmp_path, {"a woman": reading(gender="woman")}) as guest,
        desktop(guest, tmp_path) as alex,
    ):
        await alex.slash("portrait", text="a woman")
        asked = alex.answers()[-1]
        labels = [option.label for option in menu_of(asked).options]
        assert len(labels) > 5
        assert list(taps(asked)) == [WORDS.say("btn_surprise"), WORDS.say("btn_just_shoot")]
        await alex.pick(asked, labels[1])
        session = await guest.history.session(alex.session, "unknown")
        assert WORDS.label("backdrop", session.draft.spec.value("backdrop") or "") == labels[1]


async def test_the_brief_is_a_form_too(guest: Sitting, tmp_path: Path) -> None:
    """It opens with what stands there; what is changed is said, the rest is not."""
    async with desktop(guest, tmp_path) as alex:
        shown, values = await opened_form(alex)
        backdrops = values["backdrop"]
        assert [o["label"] for o in backdrops["options"] if o.get("default")] == ["Dark canvas"]
        other = next(o for o in backdrops["options"] if "brick" in o["value"])
        await alex.submit(shown, backdrop=[other["value"]], own_words="in her 30s")
        heard = await heard_texts(guest, alex.session)
        assert heard[-1] == f"{other['value']}, in her 30s"


async def test_an_unchanged_form_changes_nothing(guest: Sitting, tmp_path: Path) -> None:
    """And says so."""
    async with desktop(guest, tmp_path) as alex:
        shown, values = await opened_form(alex)
        before = await heard_texts(guest, alex.session)
        await alex.submit(shown, backdrop=[default_of(values["backdrop"])])
        assert alex.answers()[-1].content == WORDS.say("form_unchanged")
        assert await heard_texts(guest, alex.session) == before


async def test_a_form_survives_a_restart(guest: Sitting, tmp_path: Path) -> None:
    """Somebody was typing while the bot was started again."""
    async with desktop(guest, tmp_path) as alex:
        shown, _ = await opened_form(alex)
        alex.app = discord_app(guest.conversation, tmp_path)
        await alex.env.restart_bot(alex.app.client)
        await alex.submit(shown, own_words="blue")
        assert (await heard_texts(guest, alex.session))[-1] == "blue"


async def opened_form(alex: Desktop) -> tuple[Any, dict[str, Any]]:
    """The brief's form, and its fields by name."""
    await alex.slash("portrait", text="canvas")
    shown = await alex.tap(alex.answers()[-1], WORDS.say("btn_edit_brief"))
    fields = [label["component"] for label in shown.modal["components"]]
    return shown, {field["custom_id"]: field for field in fields}


def default_of(field: dict[str, Any]) -> str:
    return next(o["value"] for o in field["options"] if o.get("default"))


async def heard_texts(guest: Sitting, session: str) -> list[str]:
    entries = [posted.entry for posted in await guest.conversation.transcript(session)]
    return [entry.text for entry in entries if type(entry).__name__ == "Heard"]  # type: ignore[union-attr]  # by its name


async def test_a_photo_pointed_at_is_asked_about(guest: Sitting, tmp_path: Path) -> None:
    """Nothing is done with a face before somebody answers for it, and only the asker sees that."""
    async with desktop(guest, tmp_path) as alex:
        posted = await alex.stranger.send(alex.channel, "me", attachments=[("sam.png", photo())])
        await alex.menu(WORDS.say("menu_selfie"), posted)
        assert alex.answers()[-1].content == WORDS.say("consent_ask")
        assert not alex.public()
        assert not alex.answers(alex.stranger)
        session = await guest.history.session(alex.session, "unknown")
        assert session.photo and not session.consented


async def test_a_message_without_a_photo_is_said_to_be_one(guest: Sitting, tmp_path: Path) -> None:
    """No silence, and no guess."""
    async with desktop(guest, tmp_path) as alex:
        await alex.menu(WORDS.say("menu_selfie"), await alex.say("words only"))
        assert alex.answers()[-1].content == WORDS.say("menu_no_photo")


async def test_a_finished_picture_can_be_enlarged_from_its_message(
    guest: Sitting, tmp_path: Path
) -> None:
    """The one in that message, not the latest."""
    async with desktop(guest, tmp_path) as alex:
        first = await made(alex)
        await alex.tap(first, WORDS.say("btn_again"))
        await alex.until(lambda: len([m for m in alex.answers() if m.attachments]) == 2)
        await alex.menu(WORDS.say("menu_upscale"), first)
        await alex.until(lambda: len([m for m in alex.answers() if m.attachments]) == 3)
        renders = await guest.history.renders(alex.session)
        assert [r.shot.operation for r in renders] == ["generate", "generate", "upscale"] or (
            renders[-1].shot.scale > renders[0].shot.scale
        )
        assert renders[-1].shot.seed == renders[0].shot.seed


async def test_somebody_elses_picture_is_not_enlarged(guest: Sitting, tmp_path: Path) -> None:
    """Nor one that was not made here."""
    async with desktop(guest, tmp_path) as alex:
        await alex.tap(await made(alex), WORDS.say("btn_share"))
        (shared,) = alex.public()
        await alex.menu(WORDS.say("menu_upscale"), shared, who=alex.stranger)
        assert alex.answers(alex.stranger)[-1].content == WORDS.say("menu_not_made_here")


async def made(alex: Desktop) -> discord.Message:
    """Words and a tap become a picture."""
    await alex.slash("portrait", text="a woman")
    await alex.tap(alex.answers()[-1], WORDS.say("btn_just_shoot"))
    return await alex.picture()
