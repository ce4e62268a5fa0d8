"""The model that drew a picture, as it was then: here, to be fetched, or another by now."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from bot.app import remembering
from bot.config import Settings
from bot.core.session import RenderRecord
from bot.errors import CannotReplay
from engine.profiles import Profile, load_profiles, present
from engine.weights.hub import Hub, fetch_profile


class Then(Struct, frozen=True):
    """The settings of a studio that can draw a picture again, and the profile to draw it with.

    `profile` is "" where no model drew it. `newer` is the revision of then, where today's is used
    instead, "" elsewhere.
    """

    settings: Settings
    profile: str = ""
    newer: str = ""


async def as_then(
    settings: Settings,
    render_id: str,
    fetch: bool,
    tell: Callable[[str], None],
    hub: Hub | None = None,
) -> Then:
    """What to open the studio with to make a picture again. Blocks while something is fetched.

    Where the very weights are not here they are fetched, or today's are used, if those are.
    Raises `CannotReplay`, and `FetchFailed` with a sentence.
    """
    async with remembering(settings) as history:
        record = await history.render(render_id)
    wanted = record and _wanted(record, settings)
    if not wanted:
        return Then(settings)
    then, today = wanted
    here = settings.models_dir
    if fetch and not present(then, here):
        tell(f"{then.name}: {then.disk_gb:.1f} GB. Licence: {then.licence}")
        fetch_profile(then, here, hub, tell)
    if present(then, here):
        return Then(_with(settings, then), then.name)
    if not present(today, here):
        raise CannotReplay("replay_model_missing", render_id, name=today.name)
    return Then(_with(settings, today), today.name, newer=then.revision)


def _wanted(record: RenderRecord, settings: Settings) -> tuple[Profile, Profile] | None:
    """The profile as it was, and as it is; None where none of the shipped ones drew this."""
    versions = record.render.versions
    name, revision = versions.get("profile", "").partition("@")[0], versions.get("revision", "")
    if not name or record.shot.profile == "hosted":
        return None
    today = load_profiles().get(name)
    if today:
        return today.at(revision), today
    if Path(settings.model).expanduser().name == name:
        return None  # a folder of one's own, which the studio opens anyway
    raise CannotReplay("replay_folder_gone", record.id, name=name)


def _with(settings: Settings, profile: Profile) -> Settings:
    return settings.model_copy(update={"model": profile.name})
