"""The map of curated faces: latents, their traits, and the directions between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.studio.generate.nets import Latent
from engine.studio.generate.request import FaceRequest
from engine.studio.generate.traits import EXPRESSIONS, HAIRS, SKINS, Traits, index

ATLAS_FILE = Path(__file__).with_name("atlas.npz")

FEWEST, MOST, SLACK = 16, 60, 0.9
"""Entries a seed may choose from: those within the slack of the best cost, 16 to 60 of them."""

NEIGHBOURS: dict[str, dict[str, float]] = {
    "black": {"brown": 1.0},
    "brown": {"black": 1.0, "blond": 1.5, "red": 1.5},
    "blond": {"brown": 1.5, "grey": 1.5, "red": 1.8},
    "red": {"brown": 1.5, "blond": 1.8},
    "grey": {"blond": 1.5},
}
"""Cost of taking one hair colour for another; pairs not named cost 3."""

BALD_COST = 4.0


@dataclass(frozen=True)
class Atlas:
    """Every entry was looked at: one adult, no hat, no artefact.

    Attributes:
        latents: Style vectors, shape (N, 512).
        traits: Measured traits, shape (N, T).
        hair: Index into `traits.HAIRS`, shape (N,); one past its end is bald.
        expression: Index into `traits.EXPRESSIONS`, shape (N,).
        skin: Index into `traits.SKINS`, shape (N,).
        flaw: Photographic defects by `ranking.flaws`, 0 for none, shape (N,).
        glasses: Whether the face wears spectacles, shape (N,).
        mean: The average style vector, shape (512,).
        read: Linear reading of each trait from a latent, shape (T, 512).
        push: Steps that change one trait by 1 and leave the others, shape (T, 512).
        gram: Squared likelihood length of pushes, shape (T, T); 1 is one standard deviation.
    """

    latents: NDArray[np.float32]
    traits: Traits
    hair: NDArray[np.int8]
    expression: NDArray[np.int8]
    skin: NDArray[np.int8]
    flaw: NDArray[np.float32]
    glasses: NDArray[np.bool_]
    mean: Latent
    read: NDArray[np.float32]
    push: NDArray[np.float32]
    gram: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.latents)

    def cost(self, request: FaceRequest) -> NDArray[np.float32]:
        """How badly each entry fits, shape (N,): 0 is a match, infinity is out of the question."""
        total = self._gender_cost(request) + self._class_cost(request) + 0.5 * self.flaw
        youngest, oldest = request.years()
        ages = self.traits[:, index("age")]
        total += np.maximum(np.maximum(youngest - ages, ages - oldest), 0.0) / 4.0
        if request.backdrop is not None:
            light = self.traits[:, index("backdrop")]
            off = 62.0 - light if request.backdrop == "light" else light - 38.0
            total += np.clip(off / 30.0, 0.0, 1.5)
        return total.astype(np.float32)

    def nearest(self, request: FaceRequest) -> NDArray[np.intp]:
        """Indices of the best-fitting entries, best first, none of them out of the question."""
        cost = self.cost(request)
        order = np.argsort(cost, kind="stable")[:MOST]
        close = (cost[order] <= cost[order[0]] + SLACK) | (np.arange(len(order)) < FEWEST)
        return order[close & np.isfinite(cost[order])]

    def predict(self, latent: Latent) -> Traits:
        """Traits (T,) read linearly from a latent; use differences of it, not its values."""
        return np.asarray(self.read @ (latent - self.mean), np.float32)

    def step(self, change: Traits, limit: float) -> Latent:
        """The latent step (512,) for a change of traits (T,), shortened to a likelihood length."""
        length = float(np.sqrt(max(change @ self.gram @ change, 1e-12)))
        return np.asarray((min(1.0, limit / length) * change) @ self.push, np.float32)

    def neutral(self, step: Latent) -> Latent:
        """Take out of a step (512,) whatever would change a trait."""
        return np.asarray(step - (self.read @ step) @ self.push, np.float32)

    def _gender_cost(self, request: FaceRequest) -> NDArray[np.float32]:
        odds = self.traits[:, index("man")]
        total = np.where(self.glasses == bool(request.glasses), 0.0, np.inf)
        if request.gender is not None:
            right = odds > 1.0 if request.gender == "man" else odds < -1.0
            total = np.where(right, total, np.inf)
        return total.astype(np.float32)

    def _class_cost(self, request: FaceRequest) -> NDArray[np.float32]:
        total = np.zeros(len(self), np.float32)
        if request.hair is not None:
            table = NEIGHBOURS[request.hair]
            each = [0.0 if name == request.hair else table.get(name, 3.0) for name in HAIRS]
            total += np.array([*each, BALD_COST], np.float32)[self.hair]
        if request.expression is not None:
            total += 0.6 * np.abs(self.expression - EXPRESSIONS.index(request.expression))
        if request.skin is not None:
            total += 1.5 * np.abs(self.skin - SKINS.index(request.skin))
        return total


@lru_cache(maxsize=2)
def load_atlas(path: Path = ATLAS_FILE) -> Atlas:
    """Read the atlas, by default the one in this package.

    Raises:
        FileNotFoundError: The file is missing.
        KeyError: The file is not an atlas.
    """
    with np.load(path) as stored:
        fields: dict[str, Any] = {}
        for name in Atlas.__dataclass_fields__:
            values = stored[name]
            fields[name] = values.astype(np.float32) if values.dtype.kind == "f" else values
        return Atlas(**fields)
