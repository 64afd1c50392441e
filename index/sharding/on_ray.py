"""Shards on a Ray cluster: each is an application of Ray Serve, with several replicas on different machines.

What an application is made of is in its name: the data folder or bucket, the version, the shard, the number of
replicas, and this package's own version. So every service on the same finds the same ones, and whatever changes comes
up beside what is there. What the current version does not need goes some time after its own shards came up.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from index.sharding.cluster import cluster
from index.sharding.errors import ClusterError, LostError
from index.sharding.layout import Layout, shard_folder
from index.sharding.remote import Answer, Remote
from index.sharding.shard import Shard
from index.storage.snapshot import Manifest
from index.storage.versions import Versions

REPLICAS = 2
"""Of every shard."""

START_SECONDS = 30.0
"""That shards may take to come up before a version is refused for now; they go on coming up."""

OLD_SECONDS = 30.0
"""After which shards that nobody needs go: until then, questions that began with them have ended, and every service has
switched.
"""

_LOOK_SECONDS = 0.25
_TRIES = 3
_PROCESS_BYTES = 250_000_000
_SOME_PROCESSOR = 0.01
"""Memory decides where a shard runs; but a machine that offers no processors gets none."""

_log = logging.getLogger("pullquote.shards")
_starting = threading.Lock()


class Source(Protocol):
    """Where the processes of shards have these from. The service itself has the folder of the version, with at least
    what is about all shards, and the manifest of each.
    """

    def identity(self, folder: Path) -> str:
        """What services have in common that share the shards of the version in ``folder``."""

    def opener(self, folder: Path, number: int) -> Callable[[], Shard]:
        """What opens a shard of it in its process, on whatever machine that is. It can be pickled."""

    def is_current(self, folder: Path) -> bool:
        """Whether it is the version that answers now."""


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A data folder that every machine has under the same path. With ``verify``, a process computes the checksums of
    its files before it answers.
    """

    verify: bool = True

    def identity(self, folder: Path) -> str:
        """See :meth:`Source.identity`."""
        return str(folder.parent.parent.resolve())

    def opener(self, folder: Path, number: int) -> Callable[[], Shard]:
        """See :meth:`Source.opener`."""
        return partial(Shard.open, shard_folder(folder.absolute(), number), self.verify)

    def is_current(self, folder: Path) -> bool:
        """See :meth:`Source.is_current`."""
        return Versions(folder.parent.parent).current() == folder


class Replica:
    """A shard in a process of Ray Serve."""

    def __init__(self, open_shard: Callable[[], Shard]) -> None:
        self._shard = open_shard()

    def call(self, method: str, *arguments: Any) -> Any:
        """See :meth:`index.sharding.shard.Shard.call`."""
        return self._shard.call(method, *arguments)


class OnServe:
    """A shard that Ray Serve runs: a call goes to one of its replicas."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle.options(method_name="call")

    def begin(self, method: str, *arguments: Any) -> Answer:
        """See :meth:`index.sharding.remote.Remote.begin`."""
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import RayServeException

        gone = (RayError, RayServeException, TimeoutError)
        try:
            response = self._handle.remote(method, *arguments)
        except gone as error:
            raise LostError(_line(error)) from None

        def answer(seconds: float) -> Any:
            try:
                return response.result(timeout_s=seconds)
            except RayTaskError as error:
                raise error.cause from None
            except gone as error:
                response.cancel()
                raise LostError(_line(error)) from None

        return answer

    def close(self) -> None:
        """Nothing: other services may be asking it."""


@dataclass(frozen=True, slots=True)
class OnRay:
    """Has the shards of versions run on a cluster.

    ``address`` is that of :func:`index.sharding.cluster.cluster`.
    """

    address: str
    replicas: int = REPLICAS
    source: Source = SharedFolder()

    def start(self, folder: Path) -> list[str]:
        """Start the shards of the version in ``folder`` that don't run, and wait until all have come up; their names.

        A shard that was up and is lost is not awaited: its part of the answers is missing until it is back.

        :raises ClusterError: when the cluster can't be used, or shards don't come up in time.
        :raises SnapshotError: when the version is in no shards, or damaged.
        """
        cluster(self.address)
        from ray import serve

        names = self._names(folder)
        with _starting:
            serve.start(proxy_location="Disabled")
            known = serve.status().applications
            missing = [at for at, name in enumerate(names) if name not in known or known[name].status == "DELETING"]
            if missing:
                targets = [serve.RunTarget(self._application(folder, at), names[at], None) for at in missing]
                serve.run_many(targets, wait_for_applications_running=False)
        _await(names)
        return names

    def connect(self, folder: Path, layout: Layout) -> Sequence[Remote]:  # noqa: ARG002
        """Reach the shards of the version in ``folder``, which begins to answer.

        :raises SnapshotError: as :meth:`start`.
        """
        names = self.start(folder)
        from ray import serve

        later = threading.Timer(OLD_SECONDS, self._remove_others, [folder, names])
        later.daemon = True
        later.start()
        return [OnServe(serve.get_app_handle(name)) for name in names]

    def _remove_others(self, folder: Path, needed: Sequence[str]) -> None:
        """Remove the shards that the version in ``folder`` does not need, if that is still the current one. If it is
        not, they may be answering until the current one has come up, which then removes them.
        """
        from ray import serve

        try:
            if self.source.is_current(folder):
                running = [name for name in serve.status().applications if name.startswith(self._prefix(folder))]
                for name in sorted({*running} - {*needed}):
                    serve.delete(name, _blocking=False)
        except Exception as error:  # the next version tries it again
            _log.error("shards of old versions can't be removed: %s", _line(error))

    def _application(self, folder: Path, number: int) -> Any:
        from ray import serve

        files = Manifest.read(shard_folder(folder, number)).files.values()
        deployment = serve.deployment(
            Replica,
            num_replicas=self.replicas,
            ray_actor_options={
                "num_cpus": _SOME_PROCESSOR,
                "memory": _PROCESS_BYTES + sum(file.bytes for file in files),
            },
            health_check_period_s=2,
            health_check_timeout_s=10,
            max_constructor_retry_count=_TRIES,
        )
        return deployment.bind(self.source.opener(folder, number))

    def _names(self, folder: Path) -> list[str]:
        count = len(Layout.read(folder).parts)
        made_of = f"{version('pullquote')} {self.replicas} {count}"
        prefix = f"{self._prefix(folder)}{folder.name}-{_digest(made_of)}"
        return [f"{prefix}-{number:05d}" for number in range(count)]

    def _prefix(self, folder: Path) -> str:
        return f"pullquote-{_digest(self.source.identity(folder))}-"


def _await(names: Sequence[str]) -> None:
    """Wait until all shards came up.

    :raises ClusterError: when one can't, or not in time.
    """
    from ray import serve

    until = time.monotonic() + START_SECONDS
    while True:
        known = serve.status().applications
        found = {name: known[name] for name in names if name in known}
        for name, application in found.items():
            if application.status == "DEPLOY_FAILED":
                serve.delete(name, _blocking=False)
                raise ClusterError(f"a shard can't be started ({_said(application)})", "shard_not_started")
        up = sum(application.status in ("RUNNING", "UNHEALTHY") for application in found.values())
        if up == len(names):
            return
        if time.monotonic() > until:
            said = "".join(f"; {line}" for line in dict.fromkeys(map(_said, found.values())) if line)
            raise ClusterError(f"{up} of {len(names)} shards are up, the others come{said}", "shards_starting")
        time.sleep(_LOOK_SECONDS)


def _said(application: Any) -> str:
    """The last line of what Ray Serve tells of an application: of an exception, that with its message."""
    messages = [deployment.message.strip() for deployment in application.deployments.values()]
    return "; ".join(message.splitlines()[-1] for message in messages if message)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {(str(error).strip() or 'no more is known').splitlines()[0]}"
