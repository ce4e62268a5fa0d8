"""A set as a job: which frames there are, which to shoot again, and how it is handed over."""

from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.gallery import carried, concerning, picture
from bot.core.ports import History
from bot.core.replies import Gallery, Picture
from bot.core.series_plan import nearer, outliers
from bot.core.session import Action, JobRecord, RenderRecord, Session
from engine.jobs import Check, Job
from engine.shots import Series

AGAIN, LESS = "-again", "-less"
SHEET = "contact-sheet"
OF_A_FRAME = (
    "studio_failed", "no_adult_found", "engine_failed", "worker_died",
    "images_refused", "images_empty", "images_no_face", "images_bad_answer",
)  # fmt: skip
"""Failures that one frame can have while others come out."""
Frames = dict[int, RenderRecord]
"""Finished shots by their number in the series, the contact sheet among them."""


def is_set(series: Series) -> bool:
    """Whether the series ends in a contact sheet of itself."""
    return len(series.shots) > 1 and series.shots[-1].operation == SHEET


def frame_count(series: Series) -> int:
    """How many pictures the series makes, its contact sheet left out."""
    return sum(shot.operation != SHEET for shot in series.shots)


def number_of(record: RenderRecord) -> int:
    """The shot's number in its job, from 0."""
    return int(record.id.rpartition("-")[2])


async def frames_of(history: History, record: JobRecord) -> Frames:
    """What is finished of a set, newest first choice: of this run, of what it goes on from."""
    renders = await history.renders(record.session)
    job, last = record.job, len(record.job.series.shots) - 1
    first = job.id.removesuffix(AGAIN)
    found = {number_of(r): r for r in renders if r.job == first}
    by_blob = {r.render.preview: r for r in renders}
    found |= {n: by_blob[blob] for n, blob in job.made.items() if blob in by_blob}
    found |= {number_of(r): r for r in renders if r.job == job.id}
    return {n: r for n, r in sorted(found.items()) if n <= last}


def made_of(record: JobRecord, frames: Frames) -> dict[int, str]:
    """What need not be made again when this job runs (again)."""
    own = {n: r.render.preview for n, r in frames.items() if r.job == record.job.id}
    return record.job.made | own


def left_out(job: Job) -> list[int]:
    """Frames (from 0) that would not come out, and without which the set was made."""
    return [number for number, blob in job.made.items() if not blob]


def without_failed(record: JobRecord, frames: Frames, code: str) -> Job | None:
    """The job that makes the rest of a set without the frame that failed.

    None where the studio as a whole cannot work, where the contact sheet failed, or where as many
    frames failed as were made. Its id says what it leaves out, so that it is submitted once.
    """
    job = record.job
    known = {**dict.fromkeys(left_out(job), None), **frames}
    failed = next((n for n in range(frame_count(job.series)) if n not in known), None)
    single = [n for n, r in frames.items() if r.shot.operation != SHEET]
    missing = len(left_out(job)) + 1
    if failed is None or code not in OF_A_FRAME or missing > max(len(single), 1):
        return None
    made = made_of(record, frames) | {failed: ""}
    return Job(f"{job.id}{LESS}{failed}", job.owner, job.series, made)


def second_run(record: JobRecord, frames: Frames) -> Job | None:
    """The job that shoots outliers once more; None when there are none, or this is that job."""
    job, series = record.job, record.job.series
    if job.id.endswith(AGAIN):
        return None
    shots, sheet = list(series.shots), len(series.shots) - 1
    apart = outliers(series, _drift(frames, sheet))
    fresh = {n: shot for n, names in apart.items() if (shot := nearer(series, n, names))}
    if not fresh:
        return None
    for number, shot in fresh.items():
        shots[number] = shot
    kept = {n: r.render.preview for n, r in frames.items() if n not in (*fresh, sheet)}
    kept |= dict.fromkeys(left_out(job), "")
    return Job(job.id + AGAIN, job.owner, Series(tuple(shots), series.locked), kept)


def rest(record: JobRecord, frames: Frames, new_id: str) -> Job:
    """The job that makes what is missing of a set that was called off or failed."""
    sheet = len(record.job.series.shots) - 1
    made = {n: r.render.preview for n, r in frames.items() if n != sheet}
    return Job(new_id, record.job.owner, record.job.series, made)


def replaced(record: JobRecord, renders: list[RenderRecord]) -> list[RenderRecord]:
    """Pictures of the first run that this second one stands in for, its contact sheet too."""
    first = record.job.id.removesuffix(AGAIN)
    if first == record.job.id:
        return []
    kept = set(record.job.made)
    return [r for r in renders if r.job == first and number_of(r) not in kept]


async def sheets_with(history: History, record: RenderRecord) -> list[RenderRecord]:
    """The contact sheets that show a picture."""
    found = []
    for sheet in await history.renders(record.session):
        job = await history.job(sheet.job) if sheet.shot.operation == SHEET else None
        if job and record.id != sheet.id:
            frames = await frames_of(history, job)
            found += [sheet] if any(r.id == record.id for r in frames.values()) else []
    return found


async def set_gallery(
    desk: Desk, session: Session, record: JobRecord, frames: Frames, ended: str = ""
) -> Gallery:
    """The set as one reply: its frames, with a tap each, then the contact sheet.

    `ended` is what is said of a set that did not come to its end; the rest can then be shot.
    """
    series = record.job.series
    frames = {n: concerning(session, r) for n, r in frames.items()}
    sheet = frames.get(len(series.shots) - 1)
    single = {n: r for n, r in frames.items() if r.shot.operation != SHEET}
    taps = [Offer(str(n + 1), Action("pick", render=r.id)) for n, r in single.items()]
    if sheet:
        taps.append(Offer("btn_zip", Action("file", render=sheet.id)))
    if ended:
        taps.append(Offer("btn_rest", _rest(record), "primary"))
    elif missing := left_out(record.job):
        again = desk.words("set_try_missing", frames=_numbers(missing))
        taps.append(Offer(again, _rest(record), "primary"))
    told = [ended] if ended else _told(desk, record, single, sheet)
    common = _in_all(single)
    told += [desk.explain(note, **next(iter(single.values())).render.facts) for note in common]
    shown = [_frame_picture(desk, record, n, _less(r, common)) for n, r in single.items()]
    shown += [sheet_picture(desk, sheet, len(single))] if sheet else []
    carry = "photo" if sheet else carried(session, next(iter(single.values())).shot)
    return Gallery(" ".join(told), tuple(shown), await desk.offer(session.id, taps), carry)


def zip_gallery(desk: Desk, sheet: RenderRecord) -> Gallery:
    """All frames as one file."""
    return Gallery(desk.words("gallery_zip"), (sheet_picture(desk, sheet),), carry="file")


def sheet_picture(desk: Desk, sheet: RenderRecord, count: int = 0) -> Picture:
    """The contact sheet of `count` pictures; its file is the ZIP."""
    made = sheet.render
    alt = desk.words("alt_sheet", count=count or len(sheet.shot.frames))
    return Picture(sheet.id, made.preview, made.blob, made.width, made.height, alt)


def _frame_picture(desk: Desk, record: JobRecord, number: int, made: RenderRecord) -> Picture:
    shown = picture(desk, made)
    what = record.job.series.shots[-1].frames[number].caption
    head = desk.words("table_row", number=number + 1, what=what)
    caption = f"{head}. {shown.caption}".strip() if shown.caption else head
    return Picture(
        shown.render, shown.preview, shown.full, shown.width, shown.height, shown.alt, caption
    )


def _in_all(single: Frames) -> tuple[str, ...]:
    """What is to be said of every frame, and so once."""
    notes = [record.render.notes for record in single.values()]
    return tuple(n for n in notes[0] if all(n in other for other in notes)) if notes[1:] else ()


def _less(record: RenderRecord, notes: tuple[str, ...]) -> RenderRecord:
    left = tuple(note for note in record.render.notes if note not in notes)
    return structs.replace(record, render=structs.replace(record.render, notes=left))


def _told(desk: Desk, record: JobRecord, single: Frames, sheet: RenderRecord | None) -> list[str]:
    told = [desk.words("gallery_set", count=len(single))]
    if missing := left_out(record.job):
        told.append(desk.words("set_missing", frames=_numbers(missing)))
    drift = sheet.render.drift if sheet else ()
    checks = [check for frame in drift for check in frame]
    apart = outliers(record.job.series, drift)
    shot_again = _shot_again(record)
    mended = [n for n in shot_again if n not in apart]
    if mended:
        told.append(desk.words("set_mended", frames=_numbers(mended)))
    told += [
        desk.words("set_apart", number=n + 1, what=measures(desk, names))
        for n, names in apart.items()
    ]
    if alike := _alike(single):
        pairs = "; ".join(_numbers(group) for group in alike)
        told.append(desk.words("set_alike", frames=pairs))
    if checks and not apart:
        names = tuple(dict.fromkeys(check.name for check in checks))
        told.append(desk.words("set_agrees", what=measures(desk, names)))
    return told


def _alike(single: Frames) -> list[list[int]]:
    """Frames that came out the same as another, as a photo without room has only one crop."""
    same: dict[str, list[int]] = {}
    for number, record in single.items():
        same.setdefault(record.render.blob, []).append(number)
    return [numbers for numbers in same.values() if len(numbers) > 1]


def measures(desk: Desk, names: tuple[str, ...]) -> str:
    """Measures as words: "backdrop and skin tone"."""
    said = [desk.words(f"measure_{name}") for name in names]
    if len(said) < 2:
        return "".join(said)
    return f"{', '.join(said[:-1])} {desk.words('light_and')} {said[-1]}"


def again_words(desk: Desk, job: Job) -> str:
    """What is said while outliers are shot again."""
    missing = [n for n in range(frame_count(job.series)) if n not in job.made]
    return desk.words("set_again", frames=_numbers(missing))


def _rest(record: JobRecord) -> Action:
    return Action("table", slot="rest", job=record.job.id)


def _shot_again(record: JobRecord) -> list[int]:
    job = record.job
    if not job.id.endswith(AGAIN):
        return []
    return [n for n in range(frame_count(job.series)) if n not in job.made]


def _drift(frames: Frames, sheet: int) -> tuple[tuple[Check, ...], ...]:
    return frames[sheet].render.drift if sheet in frames else ()


def _numbers(numbers: list[int]) -> str:
    return ", ".join(str(n + 1) for n in numbers)
