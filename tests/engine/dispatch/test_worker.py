"""The worker's desk, without a process around it."""

import io
import threading
from pathlib import Path

from support.studios import CardStudio

from engine.blobs import DiskBlobs
from engine.dispatch.wire import CallOff, to_line
from engine.dispatch.worker import Desk, Mouth


class Settling(dict[int, threading.Event]):
    """Calls that the camera settles just when somebody looks whether they are still there."""

    def __contains__(self, call: object) -> bool:
        return bool(self.pop(int(str(call)), None))


def test_a_call_off_that_comes_as_the_picture_is_done_harms_nobody(tmp_path: Path) -> None:
    studio = CardStudio(DiskBlobs(tmp_path))
    desk = Desk(studio, studio, Mouth(io.BytesIO()))
    desk._called_off = Settling({1: threading.Event()})
    desk.serve([to_line(CallOff(1)), to_line(CallOff(2))])
