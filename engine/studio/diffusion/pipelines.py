"""A model in memory: diffusers' pipeline of a family, behind what the studio asks of it."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StudioFailed, WeightsMissing
from engine.profiles import INDEX, Profile, folder_of, repo_folder
from engine.studio.diffusion.families import Family, family_of
from engine.studio.diffusion.libraries import Foreign, diffusers
from engine.studio.diffusion.planning import Options
from engine.studio.diffusion.speed import job, lighten, prepare, release

if TYPE_CHECKING:
    from engine.studio.diffusion.previews import Decode

log = logging.getLogger(__name__)

GIB = 1024**3
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError)
"""What libraries raise for files that are not what they should be."""
TILE = 512
"""Pixels of a tile's side where the autoencoder works in tiles; a quarter of it overlaps."""


class Pipeline:
    """One loaded model. Denoise under `lock`; nothing of it is kept from picture to picture.

    `pipe` is diffusers' text-to-image pipeline of the family, which serves every task (see
    walk.py). `fixed` says that batches must not shrink, since compiled graphs know their size.
    `most` is the largest batch that is known to fit, None while nothing is known.
    """

    def __init__(self, profile: Profile, pipe: Foreign, device: str) -> None:
        self.profile, self.device = profile, device
        self.pipe: Foreign = pipe
        self.family: Family = family_of(profile.family)
        self.lock = threading.Lock()
        self.fixed = False
        self.most: int | None = None
        self.tiled = self.offloaded = False
        self.look: Decode | None = None
        self.way = "eager"
        self._config = pipe.scheduler.config

    def scheduler(self) -> Foreign:
        """A new scheduler: they count steps, so no two batches may share one."""
        name = self.profile.scheduler
        kind = getattr(diffusers(), name) if name else type(self.pipe.scheduler)
        return kind.from_config(self._config, **self.profile.scheduler_options)

    def size_gb(self) -> float:
        """Memory its weights take on the device, GiB; what waits beside a card does not count."""
        kind = self.device.split(":")[0]
        tensors = [t for p in self.parts().values() for t in (*p.parameters(), *p.buffers())]
        return sum(t.numel() * t.element_size() for t in tensors if t.device.type == kind) / GIB

    def parts(self) -> dict[str, Foreign]:
        """Its networks by name."""
        found = self.pipe.components.items()
        return {name: part for name, part in found if hasattr(part, "parameters")}

    def move_in(self, encoders: bool) -> None:
        """Bring the text encoders, or all the rest, to the device; what is parked stays."""
        for name, part in self.parts().items():
            if name.startswith("text_encoder") is encoders and not hasattr(part, "_hf_hook"):
                part.to(self.device)

    def tile(self) -> bool:
        """Encode and decode in tiles, whose seams are blended. False when that was so already."""
        if self.tiled:
            return False
        vae = self.pipe.vae
        vae.enable_tiling()
        vae.enable_slicing()
        if hasattr(vae, "tile_sample_min_size"):  # by itself no smaller than the whole picture
            vae.tile_sample_min_size = TILE
            vae.tile_latent_min_size = TILE // int(self.pipe.vae_scale_factor)
        self.tiled = True
        return True

    def offload(self) -> bool:
        """Keep only the part that works on the card. False when that was so, or there is none."""
        if self.offloaded or not self.device.startswith("cuda"):
            return False
        self.pipe.enable_model_cpu_offload(device=self.device)
        self.offloaded = True
        return True

    def lighten(self) -> bool:
        """Let go of recorded passes, which hold their activations. False when there are none."""
        return lighten(self)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[Foreign]:
        """diffusers' pipeline for one batch, alone, by the fastest way that is ready."""
        with self.lock, on(self.device), job(self) as way:
            try:
                yield self.pipe
            finally:
                self.way = way()
                # The batch's own scheduler holds on to its latents.
                self.pipe.scheduler = self.scheduler()

    def versions(self) -> dict[str, str]:
        """What a picture depends on, for its record: the same again gives the same picture."""
        import torch

        profile = self.profile
        said = {
            "profile": profile.name,
            "revision": profile.revision,
            "scheduler": profile.scheduler or type(self.pipe.scheduler).__name__,
            "steps": str(profile.steps),
            "guidance": f"{profile.guidance:g}",
            "dtype": dtype_on(profile, self.device),
            "torch": str(torch.__version__),
            "diffusers": str(diffusers().__version__),
            "device": device_name(self.device),
            "path": self.way,
        }
        return said | ({"vae": "tiled"} if self.tiled else {})

    def release(self) -> None:
        """Let go of the memory; the object is of no use afterwards."""
        release(self)
        self.pipe = self.look = None  # the tensors' only owners
        empty_cache()


def load(
    profile: Profile,
    folder: Path,
    device: str,
    options: Options | None = None,
    extras: Mapping[str, Path] | None = None,
    offload: bool = False,
) -> Pipeline:
    """The model in `folder`, on `device`, prepared for speed. Never asks the network.

    `extras` are folders by role: a `vae` replaces the model's own, a `lora` is fused in.
    With `offload` only the part that works is on the card, and nothing is done for speed.
    Raises `WeightsMissing` when files are absent, `StudioFailed` when they are another family's
    or cannot be read.
    """
    begun = time.monotonic()
    extras = extras or {}
    made = Pipeline(profile, _read(profile, folder, device, extras.get("vae")), device)
    if "lora" in extras:
        _fuse(made, extras["lora"])
    if not (offload and made.offload()):
        _settle(made, options or Options())
    took = time.monotonic() - begun
    said = (profile.name, made.size_gb(), took, memory_said(device))
    log.info("loaded %s: %.1f GiB in %.1f s; %s", *said)
    return made


def _settle(made: Pipeline, options: Options) -> None:
    """Onto the device, text encoders last: `prepare` may have them wait beside a small card."""
    made.move_in(encoders=False)
    prepare(made, options, name=f"{made.profile.name}@{made.profile.revision}")
    made.move_in(encoders=True)


def places(profile: Profile, models_dir: Path) -> tuple[Path, dict[str, Path]]:
    """The model's folder and its extras' folders by role."""
    extras = {extra.role: repo_folder(extra.repo, models_dir) for extra in profile.extras}
    return folder_of(profile, models_dir), {str(role): where for role, where in extras.items()}


def _read(profile: Profile, folder: Path, device: str, vae: Path | None) -> Foreign:
    import torch

    if not (folder / INDEX).is_file():
        raise missing(profile)
    asked = {
        "dtype": getattr(torch, dtype_on(profile, device)),
        "local_files_only": True,
        "use_safetensors": True,
    }
    try:
        own = {"vae": diffusers().AutoencoderKL.from_pretrained(vae, **asked)} if vae else {}
        variant = profile.variant or None
        pipe = diffusers().DiffusionPipeline.from_pretrained(
            folder, variant=variant, **asked, **own
        )
    except OSError as error:
        log.warning("%s is incomplete: %s", profile.name, error)
        raise missing(profile) from error
    except UNREADABLE as error:
        if "out of memory" in str(error).lower():
            raise
        raise StudioFailed(f"{folder} cannot be loaded: {error}") from error
    if type(pipe).__name__ not in family_of(profile.family).classes:
        raise StudioFailed(f"{profile.name} is a {type(pipe).__name__}, not {profile.family}")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _fuse(made: Pipeline, folder: Path) -> None:
    """Fuse the profile's LoRA into the weights, so that it costs nothing afterwards."""
    extra = made.profile.extra("lora")
    if extra is None or not (folder / extra.files[0]).is_file():
        raise missing(made.profile)
    try:
        made.pipe.load_lora_weights(str(folder), weight_name=extra.files[0], local_files_only=True)
        made.pipe.fuse_lora()
        made.pipe.unload_lora_weights()
    except UNREADABLE as error:
        raise StudioFailed(f"{extra.files[0]} cannot be fused in: {error}") from error


def missing(profile: Profile) -> WeightsMissing:
    """The error for a profile whose files are not all here."""
    return WeightsMissing(f"the model {profile.name} is not on this machine", name=profile.name)


def best_device() -> str:
    """ "cuda" where there is a card (ROCm too), "mps" on Apple's, else "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def device_name(device: str) -> str:
    """The card's own name, where it has one."""
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def total_gb(device: str) -> float | None:
    """The card's memory in GiB; None where there is no card of its own."""
    import torch

    return torch.cuda.mem_get_info(device)[1] / GIB if device.startswith("cuda") else None


def memory_said(device: str) -> str:
    """One line about the card's memory."""
    import torch

    if not device.startswith("cuda"):
        return f"on {device}"
    free, total = torch.cuda.mem_get_info(device)
    peak = torch.cuda.max_memory_allocated(device)
    return f"VRAM {(total - free) / GIB:.1f} of {total / GIB:.1f} GiB, peak {peak / GIB:.1f}"


def on(device: str) -> AbstractContextManager[None]:
    """Have streams and events be those of this card, of several, inside the block."""
    import torch

    cuda = device.startswith("cuda")
    return torch.cuda.device(device) if cuda else contextlib.nullcontext()


def empty_cache() -> None:
    """Give memory that nothing uses back to the card."""
    import gc

    import torch

    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()


def dtype_on(profile: Profile, device: str) -> str:
    """The profile's number format; processors have no half precision worth the name."""
    return "float32" if device == "cpu" else profile.dtype
