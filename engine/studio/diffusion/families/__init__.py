"""What sets the families of models apart: one module each, one object each."""

from engine.studio.diffusion.families.base import Family


def family_of(name: str) -> Family:
    """The family by its name in a profile. Raises KeyError for another one."""
    from engine.studio.diffusion.families.flux2_klein import Flux2Klein
    from engine.studio.diffusion.families.sd import Sd, Sdxl
    from engine.studio.diffusion.families.z_image import ZImage

    known = {each.name: each for each in (Sdxl, Sd, Flux2Klein, ZImage)}
    return known[name]()
