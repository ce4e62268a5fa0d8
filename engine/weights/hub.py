"""Brings a generative model's repositories to this machine, from the Hugging Face hub."""

import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.errors import FetchFailed
from engine.profiles import COMPLETE, Extra, Profile, complete, repo_folder, stamp
from engine.weights.lock import exclusive

log = logging.getLogger(__name__)
Part = Profile | Extra
"""A repository at a revision, with the patterns of the files to take."""
_SPARE = 1.05
"""Halves of files lie beside the whole ones while they arrive."""


class Hub(Protocol):
    """Where repositories come from. Implementations: the hub, and a folder in tests."""

    def bring(self, wanted: Part, folder: Path) -> None:
        """Make the files lie in `folder`; resumes halves. Raises `FetchFailed`."""
        ...


class HuggingFace:
    """The hub, through its own client, which shows the progress and resumes broken downloads."""

    def bring(self, wanted: Part, folder: Path) -> None:
        """See `Hub`."""
        try:
            from huggingface_hub import errors, snapshot_download
        except ImportError as error:
            raise _not_installed() from error
        try:
            snapshot_download(
                wanted.repo.partition("@")[0],  # "owner/name@revision" names its folder
                revision=wanted.revision,
                local_dir=folder,
                allow_patterns=list(wanted.files),
                ignore_patterns=list(getattr(wanted, "skip", ())) or None,
            )
        except errors.GatedRepoError as error:
            raise _gated(wanted.repo) from error
        except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
            raise _gone(wanted.repo) from error
        except OSError as error:
            raise _unreachable(wanted.repo, error) from error
        except Exception as error:
            # The client raises httpx's, xet's and its own errors for one and the same cut cable.
            log.exception("fetching %s", wanted.repo)
            raise _unreachable(wanted.repo, error) from error


def fetch_profile(
    profile: Profile,
    models_dir: Path,
    hub: Hub | None = None,
    tell: Callable[[str], None] = lambda _: None,
    free_at: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> Path:
    """Make a profile's repositories lie in `models_dir`; what is here costs nothing.

    `tell` hears, in a sentence each, what is brought and what had to be left out; `free_at` says
    how many bytes a folder's disk has left. Returns the folder of the profile.

    Raises:
        FetchFailed: Why it cannot be had, in one sentence.
        ValueError: The profile is a folder of one's own.
    """
    if profile.folder:
        raise ValueError(f"'{profile.name}' is a folder of your own: there is nothing to fetch")
    hub = hub or HuggingFace()
    _demand_room(profile, models_dir, free_at)
    folder = _have(profile, models_dir, hub, tell)
    for extra in profile.extras:
        try:
            _have(extra, models_dir, hub, tell)
        except FetchFailed as error:
            if extra.role != "preview":
                raise
            tell(f"First looks will be rough: {error.detail}")
    return folder


def _have(part: Part, models_dir: Path, hub: Hub, tell: Callable[[str], None]) -> Path:
    folder = repo_folder(part.repo, models_dir)
    lock = models_dir / ".locks" / folder.name
    try:
        with exclusive(lock, lambda: tell(f"{part.repo}: another studio is fetching it")):
            if not complete(part, folder):
                tell(f"{part.repo}, revision {part.revision[:7]}")
                folder.mkdir(parents=True, exist_ok=True)
                hub.bring(part, folder)
                (folder / COMPLETE).write_text(stamp(part), encoding="utf-8")
    except OSError as error:
        raise _folder_trouble(models_dir, error) from error
    return folder


def _demand_room(profile: Profile, models_dir: Path, free_at: Callable[[Path], int]) -> None:
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _folder_trouble(models_dir, error) from error
    folder = repo_folder(profile.repo, models_dir)
    here = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    need = profile.disk_gb * 1e9 * _SPARE - here
    free = free_at(models_dir)
    if free < need:
        text = f"'{profile.name}' needs {need / 1e9:.1f} GB more, and {models_dir} has room for "
        text += f"{free / 1e9:.1f} GB. Free some, or set NORTHLIGHT_MODELS_DIR to a larger disk."
        raise FetchFailed(text, code="disk_full", name=profile.name)


def _folder_trouble(models_dir: Path, error: OSError) -> FetchFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FetchFailed(f"The disk of {models_dir} is full.", code="disk_full")
    text = f"The models folder {models_dir} cannot be written ({error.strerror or error})."
    return FetchFailed(text, code="fetch_folder")


def _not_installed() -> FetchFailed:
    text = (
        "Fetching it needs the GPU parts of Northlight: make run EXTRAS=studio,web,gpu brings them."
    )
    return FetchFailed(text, code="fetch_failed")


def _gated(repo: str) -> FetchFailed:
    text = (
        f"{repo} is only for those who have accepted its terms: accept them on its page on "
        f"huggingface.co, then set HF_TOKEN to your access token and try again."
    )
    return FetchFailed(text, code="fetch_failed", name=repo)


def _gone(repo: str) -> FetchFailed:
    text = f"{repo} is not on the hub any more, or not in this revision: choose another model."
    return FetchFailed(text, code="fetch_failed", name=repo)


def _unreachable(repo: str, error: Exception) -> FetchFailed:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FetchFailed("The disk is full; what has arrived is kept.", code="disk_full")
    offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE") == "1" else ""
    text = (
        f"{repo} could not be fetched{offline}: check the network and try again; what has arrived "
        f"is kept."
    )
    return FetchFailed(text, code="fetch_failed", name=repo)
