"""Do something to a pipeline that waits in a pod, while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cluster.access import Cluster, wait_until

NODES = ("begin", "wait", "end")


@dataclass(frozen=True)
class Watched:
    """One run of `patient`, as the folder tells that its pods share with the test.

    Attributes:
        folder: That folder.
    """

    folder: Path

    def pods_of(self, node: str) -> list[str]:
        """The pods that have begun to run a node, one entry for each time."""
        log = self.folder / node
        return log.read_text().split() if log.exists() else []

    def wait_for_pod(self, number: int = 1) -> str:
        """Wait until the node `wait` runs for the given time; returns its pod's name."""
        wait_until(lambda: len(self.pods_of("wait")) >= number, seconds=240)
        return self.pods_of("wait")[number - 1]

    def times(self) -> dict[str, int]:
        """How often each node has run."""
        return {node: len(pods) for node in NODES if (pods := self.pods_of(node))}

    def go(self) -> None:
        """Let the node `wait` end."""
        (self.folder / "go").touch()


def watch(cluster: Cluster) -> Watched:
    """Make the folder of a run."""
    folder = cluster.shared / uuid4().hex
    folder.mkdir()
    return Watched(folder)


@contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """Do something beside what the block does; its failure is the block's."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    yield
    thread.join(timeout=240)
    assert not thread.is_alive(), "what was to be done meanwhile is not done"
    if failures:
        raise failures[0]
