"""Builds of a collection as jobs. At most one is queued; changes that come before it begins are added to it.

A job is stored in the same file as the changes it is for. The supervisor of builds first takes the queued job, which
counts the attempt, and then starts a process for it: an attempt counts however early that process dies. After that the
job is queued again, each time with a longer delay, and after :data:`MOST_ATTEMPTS` attempts it has failed.

A job that is cancelled while it runs is ``cancelling`` until its process has ended. The changes it was asked for stay:
the next build takes them.
"""

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

from index.collection.store import Collection

State = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]

WAITING = "waiting for another build"
"""The stage of a build that has begun and is not at work yet."""

KEPT = 200
"""Finished jobs that are remembered."""

MOST_ATTEMPTS = 3

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
"""Seconds before the second attempt, doubled before each further one, and what they never exceed."""

_FIELDS = "id, state, changes, attempts, created, due, started, finished, stage, done, total, version, report, error"


@dataclass(frozen=True, slots=True)
class Job:
    """A build, or what became of it. Times are seconds since 1970.

    ``changes`` counts the writes it was asked for, ``attempts`` how often it began, or the job began whose work it took
    over; ``done`` of ``total`` (0: not known) of ``stage`` are done, 1 of 1 when it succeeded. ``report`` is what a
    build that succeeded did.
    """

    id: int
    state: State
    changes: int
    attempts: int
    created: float
    due: float
    started: float | None
    finished: float | None
    stage: str | None
    done: int
    total: int
    version: str | None
    report: dict[str, Any] | None
    error: str | None


class Jobs:
    """The jobs of one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def ask(self, connection: sqlite3.Connection, delay: float, longest: float) -> Job:
        """Ask for a build, inside of the transaction of a change: the job that waits, or a new one.

        It is due ``delay`` seconds from now; further changes put that off, but not beyond ``longest`` seconds after
        the first, and they don't hasten the next attempt of one that died.
        """
        now = time.time()
        found = self._one(connection, "state = 'queued'")
        if found is None:
            row = connection.execute(
                "INSERT INTO jobs(state, changes, attempts, created, due, done, total) "
                "VALUES ('queued', 1, 0, ?, ?, 0, 0)",
                (now, now + delay),
            ).lastrowid
        else:
            row = found.id
            due = min(now + delay, max(found.created + longest, now))
            due = max(due, found.due) if found.attempts else due
            connection.execute("UPDATE jobs SET changes = changes + 1, due = ? WHERE id = ?", (due, row))
        return self._known(connection, f"id = {row}")

    def waiting(self) -> Job | None:
        """The queued job."""
        return self.where("state = 'queued'")

    def is_due(self, longest: float) -> bool:
        """Whether a job waits and should begin now. A clock that was set back makes it begin at once."""
        job = self.waiting()
        return job is not None and not time.time() < job.due <= time.time() + max(longest, _LONGEST_WAIT)

    def take(self) -> Job | None:
        """Begin the queued job; None when there is none."""
        with self._collection.transaction() as connection:
            job = self._one(connection, "state = 'queued'")
            if job is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, started = ?, stage = NULL, done = 0, "
                "total = 0 WHERE id = ?",
                (time.time(), job.id),
            )
            return self._known(connection, f"id = {job.id}")

    def report_progress(self, job: Job, stage: str, done: int, total: int) -> None:
        """Note how far a job is."""
        with self._collection.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET stage = ?, done = ?, total = ? WHERE id = ?", (stage, done, total, job.id)
            )

    def finish(self, job: Job, version: str | None, report: dict[str, Any] | None, error: str | None) -> None:
        """Note what became of a job; it failed if there is an ``error``, and keeps how far it came."""
        with self._collection.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, finished = ?, version = ?, report = ?, error = ? WHERE id = ?",
                ("failed" if error else "succeeded", time.time(), version, json.dumps(report), error, job.id),
            )
            if not error:
                connection.execute("UPDATE jobs SET stage = NULL, done = 1, total = 1 WHERE id = ?", [job.id])
            connection.execute(
                "DELETE FROM jobs WHERE finished IS NOT NULL AND id NOT IN "
                "(SELECT id FROM jobs WHERE finished IS NOT NULL ORDER BY id DESC LIMIT ?)",
                [KEPT],
            )

    def cancel(self, job_id: int) -> Job | None:
        """Cancel a job that waits or runs, and leave one that has ended as it is; None when there is none."""
        with self._collection.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', finished = ?, error = 'it was cancelled before it began' "
                "WHERE id = ? AND state = 'queued'",
                (time.time(), job_id),
            )
            connection.execute("UPDATE jobs SET state = 'cancelling' WHERE id = ? AND state = 'running'", [job_id])
            return self._one(connection, f"id = {int(job_id)}")

    def give_back(self, reason: str) -> None:
        """Let jobs that were ended on purpose wait again, as if they had not begun; call it when no builder runs."""
        with self._collection.transaction() as connection:
            connection.execute("UPDATE jobs SET attempts = attempts - 1 WHERE state = 'running'")
        self.recover(reason, wait=False)

    def recover(self, reason: str, wait: bool = True) -> None:
        """Let jobs whose process died wait again; call it when no builder runs. One that died too often has failed.

        :param reason: what ended the process, for those who ask what became of the job.
        :param wait: whether the next attempt is put off, the longer the more there were.
        """
        with self._collection.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', finished = ?, error = 'it was cancelled' "
                "WHERE state = 'cancelling'",
                [time.time()],
            )
            for (row,) in connection.execute("SELECT id FROM jobs WHERE state = 'running' ORDER BY id").fetchall():
                job = self._known(connection, f"id = {row}")
                later = self._one(connection, "state = 'queued'")
                due = time.time() + (_wait_after(job.attempts) if wait else 0)
                if job.attempts >= MOST_ATTEMPTS:
                    self._end(connection, job, f"the build died {job.attempts} times ({reason}): look into the log")
                elif later:
                    connection.execute(
                        "UPDATE jobs SET changes = changes + ?, attempts = ?, due = max(due, ?) WHERE id = ?",
                        (job.changes, job.attempts, due, later.id),
                    )
                    self._end(connection, job, f"the build died ({reason}); job {later.id} does its work")
                else:
                    connection.execute("UPDATE jobs SET state = 'queued', due = ? WHERE id = ?", (due, row))

    def _end(self, connection: sqlite3.Connection, job: Job, error: str) -> None:
        connection.execute(
            "UPDATE jobs SET state = 'failed', finished = ?, error = ? WHERE id = ?", (time.time(), error, job.id)
        )

    def get(self, job_id: int) -> Job | None:
        """A job by its id."""
        return self.where("id = ?", job_id)

    def latest(self, limit: int = 20) -> list[Job]:
        """The newest jobs, the newest first."""
        found = self._collection.rows(f"SELECT {_FIELDS} FROM jobs ORDER BY id DESC LIMIT ?", [limit])
        return [_job(row) for row in found]

    def last_failure(self) -> Job | None:
        """The job that ended last, if it failed: what was written since the last good build is not in the index."""
        found = self._collection.rows(f"SELECT {_FIELDS} FROM jobs WHERE finished IS NOT NULL ORDER BY id DESC LIMIT 1")
        job = _job(found[0]) if found else None
        return job if job and job.state == "failed" else None

    def last_success(self) -> Job | None:
        """The newest job that succeeded."""
        found = self._collection.rows(f"SELECT {_FIELDS} FROM jobs WHERE state = 'succeeded' ORDER BY id DESC LIMIT 1")
        return _job(found[0]) if found else None

    def counts(self) -> dict[State, int]:
        """How many jobs that are remembered are in each state."""
        counted = self._collection.rows("SELECT state, count(*) FROM jobs GROUP BY state")
        return {**dict.fromkeys(get_args(State), 0), **dict(counted)}

    def where(self, condition: str, *parameters: Any) -> Job | None:
        """The first job for which an SQL condition holds."""
        found = self._collection.rows(f"SELECT {_FIELDS} FROM jobs WHERE {condition} ORDER BY id", parameters)
        return _job(found[0]) if found else None

    def _one(self, connection: sqlite3.Connection, condition: str) -> Job | None:
        row = connection.execute(f"SELECT {_FIELDS} FROM jobs WHERE {condition}").fetchone()
        return _job(row) if row else None

    def _known(self, connection: sqlite3.Connection, condition: str) -> Job:
        job = self._one(connection, condition)
        assert job is not None
        return job


def _wait_after(attempts: int) -> float:
    return min(_FIRST_WAIT * 2.0 ** max(0, attempts - 1), _LONGEST_WAIT)


def _job(row: tuple[Any, ...]) -> Job:
    values = dict(zip(_FIELDS.split(", "), row, strict=True))
    return Job(**{**values, "report": json.loads(values["report"]) if values["report"] else None})
