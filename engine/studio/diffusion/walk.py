"""The path from noise to picture: one scheduler per batch, started late or held to a picture.

Starting late is img2img (SDEdit, Meng et al. 2022); holding what is not masked to the noised
original after each step is the inpainting that diffusers does for models without mask channels.
Done here rather than by a pipeline of its own per task, one text-to-image pipeline serves every
task and family, masks may be soft, and a member of a batch can leave all of it.
"""

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.diffusion.libraries import Foreign

if TYPE_CHECKING:
    import torch

LATENT_DIMS = 3
"""Latents have at least (batch, tokens, channels); a scheduler's own tables have fewer."""


@dataclass
class Hold:
    """What keeps a batch to its pictures, all in the scheduler's shape, one row a member."""

    original: "torch.Tensor"
    noise: "torch.Tensor"
    mask: "torch.Tensor | None" = None


def path(steps: int, strength: float) -> tuple[int, int]:
    """(steps of the whole path, steps skipped), so that `strength` of `steps` are walked.

    The skip is exact even for four-step models, where counting off whole steps would make
    every small strength the same.
    """
    walked = max(1, math.ceil(steps * strength - 1e-9))
    total = max(walked, round(walked / strength))
    return total, total - walked


class Walk:
    """Wraps a scheduler of one's own; diffusers pipelines use it as they use any."""

    def __init__(self, scheduler: Foreign, start: int = 0) -> None:
        self.scheduler, self.start = scheduler, start
        self.hold: Hold | None = None
        self._done = 0
        self._times: Foreign = None
        self._last: tuple[int, torch.Tensor, torch.Tensor, Foreign] | None = None
        self._wrap("set_timesteps", self._set_timesteps)
        self._wrap("set_begin_index", self._set_begin_index)
        self._wrap("step", self._step)

    def noised(self, original: "torch.Tensor", noise: "torch.Tensor", index: int) -> "torch.Tensor":
        """The original at the noise of step `index`, from 0 where the walk starts."""
        scheduler, time = self.scheduler, self._times[self._skipped() + index][None]
        if hasattr(scheduler, "scale_noise"):
            return scheduler.scale_noise(original, time, noise)
        return scheduler.add_noise(original, noise, time)

    def clean(self) -> "torch.Tensor | None":
        """What the picture is expected to become, as of the last step, float32."""
        if self._last is None:
            return None
        index, sample, output, out = self._last
        found = self._clean(index, sample, output, out)
        if self.hold and self.hold.mask is not None:
            found = _blended(self.hold.original.float(), found, self.hold.mask)
        return found

    def keep(self, rows: list[int], of: int) -> None:
        """Let only these rows of `of` go on: in what is held, and in what a scheduler remembers."""
        if self.hold:
            hold = self.hold
            mask = None if hold.mask is None else hold.mask[rows]
            self.hold = Hold(hold.original[rows], hold.noise[rows], mask)
        for name, value in vars(self.scheduler).items():
            if not callable(value):
                setattr(self.scheduler, name, _kept(value, rows, of))

    def _wrap(self, name: str, around: Foreign) -> None:
        real = getattr(self.scheduler, name, None)
        if real is not None:
            # Pipelines ask for the signature, to know what a scheduler takes.
            setattr(self.scheduler, name, functools.wraps(real)(functools.partial(around, real)))

    def _skipped(self) -> int:
        return self.start * getattr(self.scheduler, "order", 1)

    def _set_timesteps(self, real: Foreign, *args: Foreign, **kwargs: Foreign) -> None:
        real(*args, **kwargs)
        self._done, self._last = 0, None
        self._times = self.scheduler.timesteps
        # The pipeline reads these at once; the scheduler itself counts in the whole path again.
        self.scheduler.timesteps = self._times[self._skipped() :]
        if hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(0)

    def _set_begin_index(self, real: Foreign, begin_index: int = 0) -> None:
        real(begin_index + self._skipped())

    def _step(
        self,
        real: Foreign,
        output: Foreign,
        time: Foreign,
        sample: Foreign,
        *rest: Foreign,
        **named: Foreign,
    ) -> Foreign:
        self.scheduler.timesteps = self._times
        index = self._skipped() + self._done
        out = tuple(real(output, time, sample, *rest, **named))
        self._last = (index, sample, output, out)
        self._done += 1
        if self.hold is None or self.hold.mask is None:
            return out
        original = self.hold.original
        if self._skipped() + self._done < len(self._times):
            original = self.noised(original, self.hold.noise, self._done)
        return (_blended(original, out[0], self.hold.mask), *out[1:])

    def _clean(self, index: int, sample: Foreign, output: Foreign, out: Foreign) -> Foreign:
        if hasattr(self.scheduler, "scale_noise"):
            return sample.float() - float(self.scheduler.sigmas[index]) * output.float()
        if len(out) > 1:
            return out[1].float()
        outputs: list[Foreign] = getattr(self.scheduler, "model_outputs", [])
        known = [x for x in outputs if x is not None]
        return known[-1].float() if known else out[0].float()


def _blended(original: "torch.Tensor", new: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
    return ((1 - mask) * original + mask * new).to(new.dtype)


def _kept(value: Foreign, rows: list[int], of: int) -> Foreign:
    if isinstance(value, list):
        return [_kept(each, rows, of) for each in value]
    per_member = getattr(value, "ndim", 0) >= LATENT_DIMS and len(value) == of
    return value[rows] if per_member else value
