"""Portraits of people who do not exist, drawn to a wish, every one of them judged an adult."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import NoAdultFound
from engine.studio.generate.atlas import Atlas, load_atlas
from engine.studio.generate.critic import Critic, Reading
from engine.studio.generate.nets import LATENT, FaceNets, Latent, Pixels, Weights
from engine.studio.generate.ranking import change_for, rejected, score
from engine.studio.generate.request import FaceRequest
from engine.studio.generate.traits import TRAITS, Traits, index

TRIES = 4
"""Pictures drawn at most for each candidate that was asked for."""

DRIFT = 0.3
"""Share of a fresh random face mixed into an atlas entry: another person, the same kind."""

REACH = 2.2
"""Longest steered step in standard deviations; further out faces melt."""


@dataclass(frozen=True)
class Watch:
    """The caller's hooks: asked before each drawing, told after each accepted one."""

    cancelled: Callable[[], bool] = lambda: False
    on_step: Callable[[int, int], None] = lambda done, of: None


@dataclass(frozen=True, eq=False)
class Candidate:
    """One judged portrait.

    Attributes:
        image: Picture, (1024, 1024, 3) uint8 sRGB.
        latent: Its style vector, (512,) float32; `vary` and `adjust` start from it.
        seed: The seed it was drawn with.
        reading: What the critic saw.
        score: Fit and quality, 0..1.
    """

    image: Pixels
    latent: Latent
    seed: int
    reading: Reading
    score: float


@dataclass(frozen=True)
class Adjustment:
    """Small changes to one person.

    Attributes:
        smile: Smile units, -2..2; 1 is a clear step.
        years: Older (positive) or younger, -20..20.
        hair: L* of the hair, lighter (positive) or darker, -25..25.
    """

    smile: float = 0.0
    years: float = 0.0
    hair: float = 0.0

    def traits(self) -> Traits:
        """The change as a trait vector (T,)."""
        change = np.zeros(len(TRAITS), np.float32)
        change[index("smile")] = np.clip(self.smile, -2.0, 2.0)
        change[index("gap")] = 0.05 * change[index("smile")]
        change[index("age")] = np.clip(self.years, -20.0, 20.0)
        change[index("hair_l")] = np.clip(self.hair, -25.0, 25.0)
        return change


class FaceSampler:
    """Draws, judges and ranks faces. One instance serves one thread at a time."""

    def __init__(self, weights: Weights, *, atlas: Atlas | None = None, threads: int = 0) -> None:
        """Load the networks (about 2 s, 1 GB) and the atlas.

        Args:
            weights: Resolves the folders `random-face-mapping`, `random-face-synthesis` and
                `age-gender`, and the files `yunet` and `face-landmarks`.
            atlas: Another atlas than the one in this package.
            threads: CPU threads of the generator; 0 leaves the choice to OpenVINO.

        Raises:
            FileNotFoundError: A weight or the atlas is missing.
        """
        self._atlas = atlas or load_atlas()
        self._nets = FaceNets(weights, threads=threads)
        self._critic = Critic(weights)

    def candidates(
        self,
        request: FaceRequest,
        seed: int,
        count: int = 4,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        on_step: Callable[[int, int], None] = lambda done, of: None,
    ) -> list[Candidate]:
        """Draw `count` different people for a wish, best first.

        The same request, seed and count give the same bytes on one machine. Fewer than `count` come
        back when the floor refuses too many, or when `cancelled` turns true between two drawings.

        Raises:
            NoAdultFound: Nobody passed the critic within `TRIES` drawings per candidate.
        """
        near = self._atlas.nearest(request)
        rng = np.random.default_rng([seed, 1])
        order = _shuffled(near, self._atlas.cost(request)[near], rng)
        latents = (
            self._person(request, int(order[turn % len(order)]), near, rng)
            for turn in range(TRIES * count)
            if len(order)
        )
        return self._judge(latents, request, seed, count, Watch(cancelled, on_step))

    def vary(
        self,
        latent: Latent,
        seed: int,
        strength: float = 0.25,
        count: int = 4,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        on_step: Callable[[int, int], None] = lambda done, of: None,
    ) -> list[Candidate]:
        """Draw relatives of one face: strength .1 is a twin, .25 a sibling, .6 another person.

        Raises:
            NoAdultFound: No variation passed the critic.
        """
        rng = np.random.default_rng([seed, 2])
        share = float(np.clip(strength, 0.0, 1.0))
        latents = (_moved(latent, share * self._stranger(rng)) for _ in range(TRIES * count))
        return self._judge(latents, FaceRequest(), seed, count, Watch(cancelled, on_step))

    def adjust(self, latent: Latent, change: Adjustment, seed: int = 0) -> Candidate:
        """Change one person a little; the step is halved until the critic sees an adult.

        Raises:
            NoAdultFound: Even the smallest step is not above the floor.
        """
        wanted = change.traits()
        steps = (
            _moved(latent, self._atlas.step(wanted * share, REACH))
            for share in (1.0, 0.5, 0.25, 0.1)
        )
        return self._judge(steps, FaceRequest(), seed, 1, Watch())[0]

    def _person(
        self, request: FaceRequest, first: int, near: NDArray[np.intp], rng: np.random.Generator
    ) -> Latent:
        """A new latent near one entry: blended with a neighbour, drifted, steered to the wish."""
        atlas = self._atlas
        second = self._partner(first, near, rng)
        share = float(rng.uniform(0.55, 0.85))
        base = share * atlas.latents[first] + (1 - share) * atlas.latents[second]
        known = share * atlas.traits[first] + (1 - share) * atlas.traits[second]
        start = base + DRIFT * self._stranger(rng)
        change = change_for(request, known + atlas.predict(start) - atlas.predict(base))
        return (start + atlas.step(change, REACH)).astype(np.float32)

    def _partner(self, first: int, near: NDArray[np.intp], rng: np.random.Generator) -> int:
        """A neighbour of the same gender, hair and skin to blend with, else the entry itself."""
        atlas = self._atlas
        same = atlas.hair[near] == atlas.hair[first]
        same &= atlas.skin[near] == atlas.skin[first]
        man = atlas.traits[:, index("man")] > 0
        same &= (man[near] == man[first]) & (near != first)
        choices = near[same]
        return int(rng.choice(choices)) if len(choices) else first

    def _stranger(self, rng: np.random.Generator) -> Latent:
        """The trait-neutral part of a random face, as a step from the mean."""
        noise = rng.standard_normal((1, LATENT)).astype(np.float32)
        return self._atlas.neutral(self._nets.styles(noise)[0] - self._atlas.mean)

    def _judge(
        self, latents: Iterable[Latent], request: FaceRequest, seed: int, count: int, watch: Watch
    ) -> list[Candidate]:
        """Draw until `count` pictures pass, then rank them."""
        passed: list[Candidate] = []
        reasons: Counter[str] = Counter()
        for latent in latents:
            if len(passed) == count or watch.cancelled():
                break
            image = self._nets.portrait(latent)
            reading = self._critic.read(image)
            reason = rejected(reading, request)
            if reading is None or reason is not None:
                reasons[reason or "faces"] += 1
                continue
            passed.append(Candidate(image, latent, seed, reading, score(reading, request)))
            watch.on_step(len(passed), count)
        if not passed and not watch.cancelled():
            raise NoAdultFound(f"no face passed for {request}: {dict(reasons)}")
        return sorted(passed, key=lambda one: -one.score)


def _shuffled(
    near: NDArray[np.intp], cost: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.intp]:
    """The entries in a seeded random order that favours the cheap ones (Gumbel ranks)."""
    return near[np.argsort(2.0 * cost + rng.gumbel(size=len(near)), kind="stable")]


def _moved(latent: Latent, step: Latent) -> Latent:
    return np.asarray(latent + step, np.float32)
