"""A batch of pictures, denoised together; each is what it would be alone.

Noise is drawn on the processor, a generator a member, so that neither the card nor the neighbours
decide what comes out. What is asked differently (size, start, references) is run one after another.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError, JobCancelled, StudioFailed
from engine.studio.diffusion.families.base import to_pixels
from engine.studio.diffusion.libraries import Foreign
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.previews import Decode, Previewer
from engine.studio.diffusion.request import Picture, Request
from engine.studio.diffusion.walk import Hold, Walk, path

if TYPE_CHECKING:
    import torch

__all__ = ["Picture", "Request", "Tell", "denoise"]

log = logging.getLogger(__name__)

Tell = Callable[[int, float], None]
"""`tell(member, fraction)` after each step; raises `JobCancelled` where that member is called off.
Members are numbered as the requests; the last thousandths are decoding."""
WALKED = 0.95
"""The fraction of the work that is denoising; the rest is decoding."""


class _NobodyLeft(Exception):
    """Every member was called off."""


def denoise(
    pipeline: Pipeline,
    requests: Sequence[Request],
    tell: Tell,
    previewer: Previewer | None = None,
    look: Decode | None = None,
) -> list[Picture | EngineError]:
    """The pictures in the requests' order; a member that is called off ends as `JobCancelled`.

    Looks go to `previewer`, made by `look`. Raises what the library raises, running out of memory
    above all; see memory.py.
    """
    results: dict[int, Picture | EngineError] = {}
    for numbers in _alike(requests):
        batch = _Batch(pipeline, requests, numbers, tell)
        batch.previews(previewer, look)
        results |= batch.run()
    return [results[number] for number in range(len(requests))]


def _alike(requests: Sequence[Request]) -> list[list[int]]:
    """Numbers of requests that one call can make."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, each in enumerate(requests):
        seen = tuple(id(picture) for picture in each.references)
        kind = (each.image is None, each.mask is None, each.strength, seen)
        groups.setdefault((each.width, each.height, *kind), []).append(number)
    return list(groups.values())


class _Batch:
    """One call of the pipeline. `self._rows` says which member each row of the latents is."""

    def __init__(
        self, pipeline: Pipeline, requests: Sequence[Request], numbers: list[int], tell: Tell
    ) -> None:
        self._pipeline, self._tell = pipeline, tell
        self._pipe, self._family = pipeline.pipe, pipeline.family
        self._requests = {number: requests[number] for number in numbers}
        self._rows = list(numbers)
        self._off: dict[int, EngineError] = {}
        self._previewer: Previewer | None = None
        self._look: Decode | None = None
        self._done_on_card: Foreign = None
        first = requests[numbers[0]]
        self._shape = self._family.shape(self._pipe, first.width, first.height)
        self._generators = [_generator(requests[number].seed) for number in numbers]
        self._total, start = path(pipeline.profile.steps, first.strength)
        self._walk = Walk(pipeline.scheduler(), start)

    def previews(self, previewer: Previewer | None, look: Decode | None) -> None:
        """Where looks go, and how they are made."""
        self._previewer, self._look = previewer, look

    def run(self) -> dict[int, Picture | EngineError]:
        """Results by number."""
        import torch

        with self._pipeline.at_work(), torch.no_grad():
            try:
                self._tell_all(0.0)
                latents = self._denoised()
                return self._decoded(latents) | self._off
            except _NobodyLeft:
                return dict(self._off)

    def _denoised(self) -> "torch.Tensor":
        """Plain latents, one row a member of `self._rows`."""
        family, pipe, requests = self._family, self._pipe, list(self._requests.values())
        profile, first = self._pipeline.profile, requests[0]
        latents = self._begin(requests)
        shrinks = family.may_shrink(pipe, requests, profile.guidance) and not self._pipeline.fixed
        carried = [name for name in family.carried if shrinks or name == "latents"]
        pipe.scheduler = self._walk.scheduler
        out = pipe(
            **family.words(pipe, requests, profile.guidance),
            **family.looks(requests),
            width=first.width,
            height=first.height,
            num_inference_steps=self._total,
            latents=latents,
            generator=self._generators,
            output_type="latent",
            return_dict=False,
            callback_on_step_end=lambda _pipe, step, _time, kwargs: self._after(
                step, kwargs, shrinks
            ),
            callback_on_step_end_tensor_inputs=carried,
        )
        return family.result(pipe, out[0])

    def _begin(self, requests: list[Request]) -> "torch.Tensor":
        """Noise, or pictures under the noise of where the walk begins."""
        import torch

        family, pipe, walk = self._family, self._pipe, self._walk
        device, dtype = pipe._execution_device, family.dtype(pipe)
        drawn = [torch.randn((1, *self._shape), generator=each) for each in self._generators]
        noise = torch.cat(drawn).to(device)
        if requests[0].image is None:
            return family.given(noise.to(dtype))
        family.schedule(pipe, walk.scheduler, self._total, self._shape[1:])
        plain = self._encoded(requests)
        late = walk.start > 0
        begun = walk.noised(plain, noise, 0) if late else noise
        walk.hold = Hold(family.walked(plain), family.walked(noise), self._mask(requests, device))
        return family.given(family.first(walk.scheduler, begun, late).to(dtype))

    def _encoded(self, requests: list[Request]) -> "torch.Tensor":
        """Plain latents of the pictures to start from, one at a time, as each would be alone."""
        import torch

        device = self._pipe._execution_device
        pixels = [
            to_pixels([each.image], each.width, each.height).to(device)
            for each in requests
            if each.image is not None
        ]
        return torch.cat([self._family.encode(self._pipe, each) for each in pixels])

    def _mask(self, requests: list[Request], device: Foreign) -> "torch.Tensor | None":
        """Masks as the scheduler sees latents; soft edges stay soft."""
        import cv2
        import numpy as np
        import torch

        masks = [each.mask for each in requests if each.mask is not None]
        if not masks:
            return None
        _, rows, columns = self._shape
        small = [cv2.resize(m, (columns, rows), interpolation=cv2.INTER_AREA) for m in masks]
        stack = torch.from_numpy(np.stack(small).astype(np.float32).clip(0, 1))
        return self._family.walked(stack[:, None].to(device))

    def _after(self, step: int, carried: dict[str, Any], shrinks: bool) -> dict[str, Any]:
        self._pace()
        walked = self._total - self._walk.start
        self._show(carried["latents"])
        before = list(self._rows)
        self._tell_all(WALKED * (step + 1) / walked)
        if shrinks and (gone := [n for n in before if n in self._off]):
            rows = [row for row, number in enumerate(before) if number not in gone]
            self._rows = [before[row] for row in rows]
            self._walk.keep(rows, len(before))
            # In place: a scheduler that draws noise at each step holds on to this very list.
            self._generators[:] = [self._generators[row] for row in rows]
            carried = self._family.kept(carried, rows, len(before))
        return carried

    def _tell_all(self, fraction: float) -> None:
        for number in self._rows:
            if number not in self._off:
                self._hear(number, fraction)
        if all(number in self._off for number in self._rows):
            raise _NobodyLeft

    def _hear(self, number: int, fraction: float) -> None:
        try:
            self._tell(number, fraction)
        except JobCancelled as error:
            self._off[number] = error

    def _pace(self) -> None:
        """Let the card be at most one step behind, so that what is told of it is true."""
        import torch

        if not self._pipeline.device.startswith("cuda"):
            return
        if self._done_on_card is not None:
            self._done_on_card.synchronize()
        self._done_on_card = torch.cuda.Event()
        self._done_on_card.record()

    def _show(self, latents: "torch.Tensor") -> None:
        previewer, look = self._previewer, self._look
        if previewer is None or look is None or not previewer.due():
            return
        clean = self._walk.clean()
        plain = self._family.plain(latents.float() if clean is None else clean, self._shape)
        there = [(row, n) for row, n in enumerate(self._rows) if n not in self._off]
        colours = look(plain[[row for row, _ in there]]).cpu()
        previewer.offer([number for _, number in there], colours)

    def _decoded(self, latents: "torch.Tensor") -> dict[int, Picture | EngineError]:
        """One at a time: it takes no longer on a card, and a fraction of the memory."""
        made: dict[int, Picture | EngineError] = {}
        for row, number in enumerate(self._rows):
            if number in self._off:
                continue
            self._hear(number, WALKED)
            if number not in self._off:
                made[number] = self._picture(latents[row : row + 1], number)
        return made

    def _picture(self, latents: "torch.Tensor", number: int) -> Picture | EngineError:
        import torch

        pixels = self._family.decode(self._pipe, latents)[0]
        if not bool(torch.isfinite(pixels).all()):
            return StudioFailed(f"{self._pipeline.profile.name} overflowed in {pixels.dtype}")
        levels = ((pixels.float() / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        rgb = levels.permute(1, 2, 0).contiguous().cpu().numpy()
        return Picture(rgb, self._requests[number].seed)


def _generator(seed: int) -> "torch.Generator":
    import torch

    return torch.Generator("cpu").manual_seed(seed)
