"""The command line: serve, shoot, renders, forget, brief, console, models, doctor."""

import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from bot import models_cli
from bot.config import Settings, load_settings
from bot.errors import CannotReplay, ConfigError, NorthlightError, code_of, new_error_id
from bot.logs import configure
from engine.errors import EngineError
from prompts.errors import PromptError

if TYPE_CHECKING:
    from bot.app import App
    from bot.core.session import RenderRecord
    from bot.shoot import Shooting
    from engine.jobs import JobEvent

T = TypeVar("T")
CLOSING_S = 9.0
MARKS = {"ok": "ok  ", "warn": "note", "fail": "FAIL"}

cli = typer.Typer(
    help="Northlight, a portrait studio that lives in a chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(models_cli.app, name="models")

Text = Annotated[str, typer.Argument(help="What you want, in your own words.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Seed = Annotated[int | None, typer.Option(help="Same seed and text, same picture.", min=0)]


@cli.command()
def serve() -> None:
    """Open the studio: the web page, and every chat whose token is set."""
    from bot.app import serve as serve_studio

    settings = _settings()
    configure(settings.log_level, settings.log_format)
    _run(
        serve_studio(
            settings,
            lambda url: typer.echo(f"The studio is open: {url}"),
            on_stop=_leave_in_time,
        )
    )


@cli.command()
def console() -> None:
    """Talk to the studio in this terminal."""
    from bot.app import running
    from bot.frontends.console_app import run_console

    settings = _settings()
    _quiet(settings)

    async def talk() -> None:
        async with running(settings) as app:
            await run_console(app.conversation, app.blobs, app.prompts.say)

    _run(talk())


@cli.command()
def brief(text: Text, as_json: Json = False) -> None:
    """Read a brief and stop before the shot: what was understood, and what would be asked."""
    from bot.shoot import brief_json, brief_text, question, read_brief

    async def read(app: "App") -> str:
        found = await read_brief(app, text, seed=0)
        if as_json:
            return json.dumps(brief_json(app, found), ensure_ascii=False)
        return f"{brief_text(app, found)}\n\n{question(app, found)}".rstrip()

    typer.echo(_in_studio(read))


@cli.command()
def shoot(  # noqa: PLR0913, PLR0917 - each is an option of the command
    text: Annotated[str, typer.Argument(help="What you want, in your own words.")] = "",
    photo: Annotated[
        Path | None,
        typer.Option(help="A photo to work on. Using it says that its owner agrees."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path(),
    seed: Seed = None,
    count: Annotated[int | None, typer.Option(help="How many pictures.", min=1, max=12)] = None,
    outside: Annotated[
        bool,
        typer.Option(help="Let the images server draw, where one is set: it costs what it costs."),
    ] = False,
    replay: Annotated[
        str, typer.Option(help="Make this picture of the history again (see `renders`).")
    ] = "",
    fetch: Annotated[
        bool, typer.Option(help="For --replay: bring the weights of then, where they are not here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The whole conversation in one call; what is not said is assumed."""
    from bot.app import new_seed

    if replay:
        _replay(replay, out, as_json, fetch, otherwise=(text, photo, seed, count))
        return
    if fetch:
        _fail("--fetch goes with --replay; `northlight models fetch NAME` brings a model.")
    from bot.shoot import save, shoot_json, would_add
    from bot.shoot import shoot as shoot_text

    options: dict[str, Any] = {"seed": new_seed() if seed is None else seed, "count": count}
    options["outside"] = outside

    async def make(app: "App") -> tuple["Shooting", list[Path], dict[str, object]]:
        shot = await shoot_text(app, text, photo, _progress(as_json), **options)
        paths = await asyncio.to_thread(save, app, shot.renders, out)
        if not as_json and (hint := would_add(app, shot.brief)):
            typer.echo(hint, err=True)
        return shot, paths, shoot_json(app, shot, paths)

    _, paths, result = _in_studio(make)
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(map(str, paths)))


@cli.command()
def renders(
    limit: Annotated[int, typer.Option(help="How many, newest first.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """The pictures of the history, with the ids that `shoot --replay` takes."""
    from bot.app import remembering
    from bot.replay import listed, listed_json

    settings = _settings()
    _quiet(settings)

    async def look() -> "list[RenderRecord]":
        async with remembering(settings) as history:
            return await history.latest(limit)

    for record in _run(look()):
        typer.echo(json.dumps(listed_json(record)) if as_json else listed(record))


@cli.command()
def forget(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what `shoot` has made and was given: pictures, photos, words. Chats keep theirs."""
    from bot.app import remembering
    from bot.shoot import erase
    from engine.blobs import DiskBlobs

    settings = _settings()
    _quiet(settings)
    if not yes:
        typer.confirm("Erase every picture and photo of the command line?", abort=True)

    async def erased() -> int:
        async with remembering(settings) as history:
            return await erase(history, DiskBlobs(settings.data_dir / "blobs"))

    typer.echo(f"{_run(erased())} files erased.")


@cli.command()
def doctor() -> None:
    """Say in plain words what is ready and what is missing."""
    raise typer.Exit(_doctor(_settings()))


def main() -> None:
    """Entry point of the `northlight` script."""
    cli()


def _replay(
    render_id: str, out: Path, as_json: bool, fetch: bool, otherwise: tuple[object, ...]
) -> None:
    import prompts
    from bot.replay import replay, replay_json, replay_text
    from bot.shoot import save
    from bot.then import as_then

    if any(value not in ("", None) for value in otherwise):
        _fail("--replay makes a picture again as it was: leave out the words, photo and seed.")

    async def make(app: "App") -> str:
        made = await replay(app, render_id, _progress(as_json), then.profile)
        paths = await asyncio.to_thread(save, app, (made.now.render,), out)
        if as_json:
            return json.dumps(replay_json(made, paths), ensure_ascii=False)
        return f"{paths[0]}\n{replay_text(app, made, then.newer)}"

    settings = _settings()
    _quiet(settings)
    try:
        then = _run(as_then(settings, render_id, fetch, lambda line: typer.echo(line, err=True)))
    except CannotReplay as error:
        _fail(prompts.load().say(error.code, **error.facts))
    typer.echo(_in_studio(make, then.settings))


def _leave_in_time() -> None:
    """Whatever hangs, the process ends within ten seconds: unfinished jobs are in history."""

    def leave() -> None:
        logging.getLogger(__name__).error("closing took too long: leaving now")
        os._exit(1)

    timer = threading.Timer(CLOSING_S, leave)
    timer.daemon = True
    timer.start()


def _doctor(settings: Settings) -> int:
    from bot.doctor import exit_code, run_checks

    findings = asyncio.run(run_checks(settings))
    for finding in findings:
        typer.echo(f"{MARKS[finding.status]} {finding.name}: {finding.text}")
    return exit_code(findings)


def _settings() -> Settings:
    try:
        return load_settings()
    except ConfigError as error:
        _fail(str(error))


def _in_studio(
    work: Callable[["App"], Coroutine[Any, Any, T]], settings: Settings | None = None
) -> T:
    from bot.app import running

    settings = settings or _settings()
    _quiet(settings)

    async def run() -> T:
        async with running(settings) as app:
            try:
                return await work(app)
            except (NorthlightError, EngineError) as error:
                _fail(_explained(app, error))

    return _run(run())


def _quiet(settings: Settings) -> None:
    # One-shot commands promise one line on stderr; the cause is logged when asked for.
    configure("debug" if settings.log_level == "debug" else "critical", settings.log_format)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except CannotReplay:
        raise
    except (NorthlightError, EngineError, PromptError) as error:
        _fail(str(error) or code_of(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _explained(app: "App", error: NorthlightError | EngineError) -> str:
    from bot.core.desk import explain

    facts = error.facts if isinstance(error, EngineError | CannotReplay) else {}
    sentence = explain(app.prompts, code_of(error), error_id=new_error_id(), **facts)
    return f"{sentence} ({error})" if error.code == "photo_missing" else sentence


def _progress(quiet: bool) -> Callable[["JobEvent"], None]:
    from engine.jobs import Step

    def show(event: "JobEvent") -> None:
        if isinstance(event, Step) and not quiet and sys.stderr.isatty():
            left = f"{event.fraction:4.0%}  {event.remaining_s:3.0f} s left"
            sys.stderr.write(f"\r{left}  {event.name:<16}\x1b[K")
            sys.stderr.write("\n" if event.fraction >= 1 else "")

    return show


def _fail(line: str) -> NoReturn:
    typer.echo(" ".join(line.split()), err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    main()
