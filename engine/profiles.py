"""Which generative models there are, what each can do, and which of them this machine can use.

Plain data: nothing here imports torch, opens a network or reads the environment.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

Family = Literal["flux2-klein", "z-image", "sdxl", "sd"]
Ability = Literal["generate", "img2img", "inpaint", "edit", "negative", "lora"]
Role = Literal["vae", "lora", "preview"]
Dialect = Literal["clip", "prose", "structured"]
DType = Literal["bfloat16", "float16", "float32"]

FAMILIES: dict[str, Family] = {
    "Flux2KleinPipeline": "flux2-klein",
    "ZImagePipeline": "z-image",
    "StableDiffusionXLPipeline": "sdxl",
    "StableDiffusionPipeline": "sd",
}
"""The family by the `_class_name` of a diffusers folder's model_index.json."""
INDEX = "model_index.json"
REVISION = re.compile(r"[0-9a-f]{7,64}")
COMPLETE = ".northlight-complete"
"""Written last into a fetched folder; see `stamp`."""
OWN_SETTINGS = "northlight.toml"
"""In a folder of one's own: the keys of a profile that differ from its family's."""
FORMATS = ("3:4", "2:3", "4:5", "1:1")
GRAIN = 16
"""Sides are multiples of this: eight pixels a latent, two latents a token."""


class Extra(Struct, frozen=True, forbid_unknown_fields=True):
    """Another repository that a profile uses; see the head of `models.toml`."""

    role: Role
    repo: str
    revision: str
    files: tuple[str, ...]
    licence: str
    commercial: bool


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """One generative model and how it is driven; see the head of `models.toml`.

    `sizes` are (width, height) in pixels by format. `min_vram_gb` is 0 where no card is needed.
    `folder` is set for a diffusers folder of one's own, which has neither repo nor revision.

    Raises:
        ValueError: A format has no size, or a size is no multiple of 16.
    """

    name: str
    family: Family
    licence: str
    commercial: bool
    min_vram_gb: float
    dtype: DType
    steps: int
    guidance: float
    dialect: Dialect
    can: tuple[Ability, ...]
    sizes: dict[str, tuple[int, int]]
    strengths: dict[Literal["subtle", "strong"], float]
    purpose: str = ""
    repo: str = ""
    revision: str = ""
    files: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    variant: str = ""
    licence_url: str = ""
    terms: str = ""
    disk_gb: float = 0.0
    scheduler: str = ""
    scheduler_options: dict[str, str | float | bool] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    folder: str = ""

    def __post_init__(self) -> None:
        """Demand a whole table of sizes and strengths."""
        if missing := [name for name in FORMATS if name not in self.sizes]:
            raise ValueError(f"'{self.name}' has no size for {', '.join(missing)}")
        if any(side % GRAIN for size in self.sizes.values() for side in size):
            raise ValueError(f"'{self.name}': sides must be multiples of {GRAIN}")
        if set(self.strengths) != {"subtle", "strong"}:
            raise ValueError(f"'{self.name}' needs the strengths subtle and strong")

    def extra(self, role: Role) -> Extra | None:
        """Its extra repository in that role, if it has one."""
        return next((extra for extra in self.extras if extra.role == role), None)

    def at(self, revision: str) -> "Profile":
        """The same model at a revision, in a folder of its own; itself at its own, or at "".

        Its name is then "name@revision", which `named` reads.
        """
        if revision in ("", self.revision) or self.folder:
            return self
        name, repo = self.name.partition("@")[0], self.repo.partition("@")[0]
        return msgspec.structs.replace(
            self, name=f"{name}@{revision}", repo=f"{repo}@{revision[:12]}", revision=revision
        )


class _Profiles(Struct, frozen=True, forbid_unknown_fields=True, rename={"profiles": "profile"}):
    profiles: tuple[Profile, ...]


def read_profiles(text: str) -> dict[str, Profile]:
    """Profiles by name, best first.

    Raises:
        msgspec.ValidationError: A key is unknown or missing, or a value cannot be.
        ValueError: Two profiles share a name.
    """
    profiles = msgspec.toml.decode(text, type=_Profiles).profiles
    named = {profile.name: profile for profile in profiles}
    if len(named) < len(profiles):
        raise ValueError("two profiles share a name")
    return named


def load_profiles() -> dict[str, Profile]:
    """The profiles that ship with the engine."""
    return read_profiles(files("engine").joinpath("models.toml").read_text(encoding="utf-8"))


def folder_of(profile: Profile, models_dir: Path) -> Path:
    """Where its diffusers folder lies, or will; profiles of one repository share it."""
    return Path(profile.folder) if profile.folder else repo_folder(profile.repo, models_dir)


def repo_folder(repo: str, models_dir: Path) -> Path:
    """Where a repository of the hub lies, or will."""
    return models_dir / "diffusers" / repo.replace("/", "--")


def present(profile: Profile, models_dir: Path) -> bool:
    """Whether it is whole on this machine, with the extras it cannot do without."""
    if profile.folder:
        return (Path(profile.folder) / INDEX).is_file()
    needed = (profile, *(extra for extra in profile.extras if extra.role != "preview"))
    return all(complete(part, repo_folder(part.repo, models_dir)) for part in needed)


def stamp(part: Profile | Extra) -> str:
    """What a whole folder's `COMPLETE` says: profiles of one repository may want other files."""
    return "\n".join((part.revision, *part.files))


def complete(part: Profile | Extra, folder: Path) -> bool:
    """Whether the folder holds all that the part wants of its repository."""
    try:
        return (folder / COMPLETE).read_text(encoding="utf-8") == stamp(part)
    except OSError:
        return False


def choose(
    profiles: Iterable[Profile], vram_gb: float, here: Callable[[Profile], bool]
) -> Profile | None:
    """The best profile that is `here` and fits a card of `vram_gb`; None where there is none.

    Without a card (0 GB) none is chosen: minutes a picture are something to ask for by name.
    """
    fitting = (p for p in profiles if vram_gb and p.min_vram_gb <= vram_gb)
    return next((profile for profile in fitting if here(profile)), None)


def recommended(profiles: Iterable[Profile], vram_gb: float) -> Profile | None:
    """The best profile for a card of `vram_gb` GB, here or not; without a card the one for none."""
    return next((p for p in profiles if p.min_vram_gb <= vram_gb), None)


def named(wanted: str, profiles: Mapping[str, Profile]) -> Profile:
    """The profile called `wanted`, perhaps "name@revision", or one's own diffusers folder there.

    Raises:
        ValueError: It is neither, in a sentence that says what there is.
    """
    if wanted in profiles:
        return profiles[wanted]
    name, _, revision = wanted.partition("@")
    if name in profiles and REVISION.fullmatch(revision):
        return profiles[name].at(revision)
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return own(folder, profiles.values())
    raise ValueError(
        f"No model is called {wanted!r}; there are: {', '.join(profiles)}, or the path of a "
        f"diffusers folder"
    )


def own(folder: Path, profiles: Iterable[Profile]) -> Profile:
    """A profile for a diffusers folder of one's own: as its family, and as its northlight.toml.

    Raises:
        ValueError: The folder holds no pipeline of a known family, or its settings are wrong.
    """
    family = _family(folder)
    like = [profile for profile in profiles if profile.family == family][-1]
    asked = _own_settings(folder)
    base = msgspec.structs.replace(
        like,
        name=folder.name,
        purpose="a folder of your own",
        repo="",
        revision="",
        files=(),
        skip=(),
        variant="",
        licence="its own; see where you have it from",
        licence_url="",
        terms="",
        disk_gb=0.0,
        extras=(),
        folder=str(folder),
    )
    try:
        return msgspec.convert(msgspec.to_builtins(base) | asked, Profile)
    except msgspec.ValidationError as error:
        raise ValueError(f"{folder / OWN_SETTINGS}: {error}") from error


def _family(folder: Path) -> Family:
    try:
        kind = msgspec.json.decode((folder / INDEX).read_bytes())["_class_name"]
        return FAMILIES[kind]
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        known = ", ".join(FAMILIES)
        raise ValueError(f"{folder} holds no pipeline that I know ({known}).") from error


def _own_settings(folder: Path) -> dict[str, object]:
    path = folder / OWN_SETTINGS
    try:
        return msgspec.toml.decode(path.read_bytes()) if path.is_file() else {}
    except (OSError, msgspec.DecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
