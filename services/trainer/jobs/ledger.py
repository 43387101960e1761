"""The job ledger: requests, leases, checkpoints and outcomes below `jobs/<job_id>/`. See docs/decisions/0002.

request.json             the accepted request, written once
lease-<token>.json       who works on it until when; a higher token fences off every lower one
failure-<token>.json     an attempt that ended in an error which may pass, or without a word
checkpoints/<token>.pt   the newest state of each attempt
done.json                how it ended, written once
announced.json           the outcome has been announced
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ValidationError

from services.trainer.jobs.entries import Failure, Held, Job, LedgerEntry, Outcome, killed
from shared.contracts.blobs import BlobStore, job_prefix
from shared.contracts.errors import BackdropError, BadRequest, Transient
from shared.contracts.events import TrainingRequested

JSON = "application/json"
_REQUEST = re.compile(r"^jobs/([^/]+)/request\.json$")
M = TypeVar("M", bound=BaseModel)


class LeaseLost(Transient):
    """Another worker has taken this job over; whatever we do now must not count."""


@dataclass(frozen=True)
class Ledger:
    """All jobs of one bucket. Leases last `ttl_s` by `clock`; a wrong clock costs work, never correctness.

    `trace` is asked, of each request that is accepted, for the trace it came with.
    """

    blobs: BlobStore
    holder: str
    ttl_s: float = 60.0
    clock: Callable[[], float] = time.time
    trace: Callable[[], str | None] = lambda: None
    _finished: set[str] = field(default_factory=set)
    given_back: set[str] = field(default_factory=set)  # leases of this process that ended in order, and may not say so

    def accept(self, request: TrainingRequested) -> bool:
        """Write the request down once. Raises BadRequest when the job id belongs to a different request."""
        key = job_prefix(request.job_id) + "request.json"
        entry = LedgerEntry(request=request, received=self.clock(), trace=self.trace())
        if self.blobs.put_if_absent(key, entry.model_dump_json().encode(), JSON):
            return True
        known = self._parsed(key, LedgerEntry)
        if known is None or known.request != request:
            raise BadRequest("job_id_taken", f"job `{request.job_id}` exists with other parameters; choose another id")
        return False

    def unfinished(self) -> list[Job]:
        """Jobs that have no announced outcome, oldest first."""
        keys = list(self.blobs.keys("jobs/"))
        self._finished.update(key.rsplit("/", 1)[0] for key in keys if key.endswith("/announced.json"))
        open_keys = [key for key in keys if _REQUEST.match(key) and key.rsplit("/", 1)[0] not in self._finished]
        return sorted((self._job(key) for key in open_keys), key=lambda job: (job.received, job.job_id))

    def _job(self, key: str) -> Job:
        segment, entry = key.split("/")[1], self._parsed(key, LedgerEntry)
        if entry is None or job_prefix(entry.request.job_id) != f"jobs/{segment}/":
            return Job(unquote(segment), None)
        return Job(entry.request.job_id, entry.request, entry.received, entry.trace)

    def take(self, job_id: str) -> "Lease | None":
        """The lease on a job, or None while another holds it or was quicker."""
        token = self.newest_token(job_id)
        held = self._held(job_id, token) if token else None
        if held and held.expires > self.clock():
            return None
        lease = Lease(self, job_id, token + 1)
        if not self.blobs.put_if_absent(lease.key, lease.until(self.ttl_s), JSON):
            return None
        if held and not held.released and Lease(self, job_id, token).key not in self.given_back:
            self._note(job_id, token, killed(held.holder))
        return lease

    def anything_to_do(self) -> bool:
        """Whether a job is free, or waits for its next try; one that another worker holds is that worker's to do.

        Right after that worker died it still looks held: who leaves for want of work waits longer than a lease lasts.
        """
        return any(not self._in_other_hands(job.job_id) for job in self.unfinished())

    def _in_other_hands(self, job_id: str) -> bool:
        token = self.newest_token(job_id)
        held = self._held(job_id, token) if token else None
        return held is not None and not held.released and held.expires > self.clock()

    def newest_token(self, job_id: str) -> int:
        """The fencing token in force; 0 when nobody ever held the job."""
        return len(list(self.blobs.keys(job_prefix(job_id) + "lease-")))

    def _held(self, job_id: str, token: int) -> Held:
        """Who holds the job; a lease that cannot be read holds nothing."""
        return self._parsed(Lease(self, job_id, token).key, Held) or Held(holder="unknown", expires=0.0)

    def _parsed(self, key: str, model: type[M]) -> M | None:
        try:
            return model.model_validate_json(self.blobs.get(key))
        except ValidationError:
            return None

    def outcome(self, job_id: str) -> Outcome | None:
        """How the job ended, if it did; an outcome that cannot be read ended it as well."""
        key = job_prefix(job_id) + "done.json"
        if self.blobs.find(key) is None:
            return None
        unreadable = Outcome(reason="outcome_unreadable", detail=f"{key} is no outcome; ask for the job anew")
        return self._parsed(key, Outcome) or unreadable

    def finish(self, lease: "Lease", outcome: Outcome) -> Outcome:
        """Write the outcome once; the first one counts and is returned."""
        lease.check()
        key = job_prefix(lease.job_id) + "done.json"
        self.blobs.put_if_absent(key, outcome.model_dump_json(indent=1).encode(), JSON)
        return self.outcome(lease.job_id) or outcome

    def mark_announced(self, job_id: str) -> None:
        """The outcome has been announced; nobody needs to look at this job again."""
        self.blobs.put_if_absent(job_prefix(job_id) + "announced.json", b"{}", JSON)
        self._finished.add(job_prefix(job_id).rstrip("/"))

    def note_failure(self, lease: "Lease", error: Exception) -> int:
        """Write down a failed attempt; returns how many there have been."""
        self._note(
            lease.job_id, lease.token, Failure(error=type(error).__name__, message=str(error), holder=self.holder)
        )
        return len(self.failures(lease.job_id))

    def _note(self, job_id: str, token: int, failure: Failure) -> None:
        key = f"{job_prefix(job_id)}failure-{token:06d}.json"
        self.blobs.put_if_absent(key, failure.model_dump_json().encode(), JSON)

    def failures(self, job_id: str) -> list[Failure]:
        """The attempts that ended in an error or without a word, oldest first."""
        keys = self.blobs.keys(job_prefix(job_id) + "failure-")
        return [self._parsed(key, Failure) or Failure(error="unknown") for key in keys]


@dataclass
class Lease:
    """The right to work on a job, as long as nobody holds a higher token."""

    ledger: Ledger
    job_id: str
    token: int
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def key(self) -> str:
        """Where this lease is written."""
        return f"{job_prefix(self.job_id)}lease-{self.token:06d}.json"

    def until(self, seconds: float, *, released: bool = False) -> bytes:
        """The lease's bytes: ours for so many seconds from now, or nobody's and free after them."""
        expires = self.ledger.clock() + seconds
        return Held(holder=self.ledger.holder, expires=expires, released=released).model_dump_json().encode()

    def check(self) -> None:
        """Raises LeaseLost when a higher token exists; asked before every effect that others can see."""
        if self.lost.is_set() or self.ledger.newest_token(self.job_id) != self.token:
            self.lost.set()
            raise LeaseLost("lease_lost", f"another worker has taken job `{self.job_id}` over")

    def renew(self) -> None:
        """Ours for another `ttl_s`."""
        self.check()
        self.ledger.blobs.put(self.key, self.until(self.ledger.ttl_s), JSON)

    def release(self, *, after_s: float = 0.0) -> None:
        """Anyone may take the job, after a pause if one is wanted; once it expires, where the store hears nothing."""
        if not self.lost.is_set():
            self.ledger.given_back.add(self.key)
            self.ledger.blobs.put(self.key, self.until(after_s, released=True), JSON)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renewed from a thread of its own: loading a model may take longer than a lease lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._keep, args=(ended,), name=f"lease-{self.job_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _keep(self, ended: threading.Event) -> None:
        while not ended.wait(self.ledger.ttl_s / 3):
            try:
                self.renew()
            except LeaseLost:
                return
            except BackdropError:  # the store is down: the next beat tries again, and a takeover would fence us off
                continue
