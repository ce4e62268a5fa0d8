"""What can go wrong in the engine.

    EngineError           code, detail
    |- PhotoRejected      the upload cannot be used (code says why)
    |- WeightsMissing     a model file is not on this machine
    |- FetchFailed        a model file could not be brought to this machine
    |- StudioFailed       the picture could not be made
    |   |- NoAdultFound   the sampler found nobody above its age floor
    |   `- ProcessSpoiled the driver gave this process up; a new one can go on
    `- EngineUnavailable  no worker, closing, or out of disk

Codes are keys of the replies file, so each has one sentence for the user; foreign exceptions are
translated where they are caught, with `from`.
"""


class EngineError(Exception):
    """Root of the engine's errors. `code` names the user's sentence; `detail` is for logs."""

    code = "engine_failed"

    def __init__(self, detail: str = "", *, code: str | None = None, **facts: str | int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts
        if code:
            self.code = code


class PhotoRejected(EngineError):
    """The upload cannot be used.

    Codes: photo_unreadable, photo_truncated, photo_not_an_image, photo_animated, photo_too_small,
    photo_too_many_pixels, photo_too_heavy, photo_no_person, photo_several_people.
    """

    code = "photo_unreadable"


class WeightsMissing(EngineError):
    """A model file is absent. `facts["name"]` is the name `northlight models fetch` takes."""

    code = "weights_missing"


class FetchFailed(EngineError):
    """A model file could not be fetched; `detail` is one sentence for the terminal.

    Codes: fetch_failed (nobody delivered), fetch_wrong_hash, fetch_folder (read-only), disk_full.
    """

    code = "fetch_failed"


class StudioFailed(EngineError):
    """The picture could not be made."""

    code = "studio_failed"


class NoAdultFound(StudioFailed):
    """The sampler found no face above its age floor for this request."""

    code = "no_adult_found"


class ProcessSpoiled(StudioFailed):
    """Nothing more will succeed in this process, such as after a fault on a graphics card.

    A worker leaves without an answer, so that its job is made again by the next one.
    """


class EngineUnavailable(EngineError):
    """The engine cannot take work now. Codes: engine_unavailable, disk_full, worker_died."""

    code = "engine_unavailable"


class JobCancelled(EngineError):
    """Raised inside a studio when the person called the job off."""

    code = "cancelled"
