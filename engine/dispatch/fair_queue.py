"""Whose turn it is: round robin over owners, first come first served within one owner."""

from collections import OrderedDict, deque
from itertools import chain, zip_longest


class FairQueue:
    """Job ids in the order they will be taken. Pure: no clock, no loop, no I/O.

    Owners stand in a ring. The owner at the front gives one job and goes to the back; a new owner
    joins at the back. So with n owners waiting, anybody's first job is among the next n taken,
    however many jobs the others have.
    """

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[str]] = OrderedDict()
        self._owners: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._owners

    def put(self, job_id: str, owner: str) -> None:
        """Add a job at the end of its owner's line. Raises ValueError when it already waits."""
        if job_id in self._owners:
            raise ValueError(f"job already waits: {job_id!r}")
        self._owners[job_id] = owner
        self._lines.setdefault(owner, deque()).append(job_id)

    def remove(self, job_id: str) -> bool:
        """Take a job out of the queue, whatever its place. False when it does not wait."""
        owner = self._owners.pop(job_id, None)
        if owner is None:
            return False
        line = self._lines[owner]
        line.remove(job_id)
        if not line:
            del self._lines[owner]
        return True

    def pull(self, job_id: str) -> bool:
        """Take this job, whoever is in front; its owner goes to the back. False for another."""
        owner = self._owners.get(job_id, "")
        if not self.remove(job_id):
            return False
        if owner in self._lines:
            self._lines.move_to_end(owner)
        return True

    def waiting(self) -> list[str]:
        """Every waiting job id, in the order they would be taken if nobody else came."""
        rounds = zip_longest(*self._lines.values())
        return [job_id for job_id in chain.from_iterable(rounds) if job_id is not None]
