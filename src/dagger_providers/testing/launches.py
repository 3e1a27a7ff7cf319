"""Which containers an engine started through its Docker client, and how each of them ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from dagger_providers.card import Card, loads
from dagger_providers.errors import DaggerProvidersError, MissingValueError
from dagger_providers.execution import index_from, node_path, open_run
from dagger_providers.execution.chunks import is_chunk
from dagger_providers.execution.failures import read_failure
from dagger_providers.storage import read_commit
from dagger_providers.storage.commits import FILE_NAME
from dagger_providers.storage.store import open_parent


@dataclass(slots=True)
class Launch:
    """One container.

    Attributes:
        command: Its command and arguments, with all placeholders filled in.
        status: Its exit status; None when the engine did not learn it.
        error: Why it could not be started.
        last: The last line that it wrote.
    """

    command: Sequence[str]
    status: int | None = None
    error: str = ""
    last: str = ""

    def option(self, name: str) -> str:
        """Return the value of an option of the node command; empty when it is not given."""
        words = list(self.command)
        return words[words.index(name) + 1] if name in words else ""

    @property
    def index(self) -> str:
        """Which item of each loop around its node, or several of them."""
        words = list(self.command)
        return ".".join(words[n + 1] for n, word in enumerate(words) if word == "--index")

    @property
    def card(self) -> Card | None:
        """The card that it runs; None when the container runs something else."""
        try:
            text = self.option("--card")
            if not text and (place := self.option("--card-file")):
                store, name = open_parent(place)
                text = store.read_bytes(name).decode()
            return loads(text) if text else None
        except DaggerProvidersError:
            return None

    @property
    def node(self) -> str:
        """The address of the node that it runs; empty when it runs something else."""
        card = self.card
        return card.address if card else self.option("--node-name")

    def problem(self) -> str:
        """Return in one line why its work is not done; empty when it is."""
        if self.error:
            return f"it could not be started: {self.error}"
        ended = f"exit status {self.status}: {self.last}".removesuffix(": ") if self.status else ""
        store, node, card = self.option("--store"), self.node, self.card
        index = self.index
        if not store or not node or is_chunk(index) or (card is not None and not card.executes):
            return ended  # a loop's indices, several items, or nothing of ours: no one record tells
        run = open_run(store, self.option("--run-id"), {})
        place = node_path(node, index_from(index))
        if self.status:
            failure = read_failure(run.store, place)
            return str(failure) if failure else ended
        try:
            read_commit(run.store, place)
        except MissingValueError as error:
            return "" if self.is_idle else f"it left no result: {error}"
        except DaggerProvidersError as error:
            return f"it left no result: {error}"
        return ""

    @property
    def is_idle(self) -> bool:
        """Whether it ran a hook that did not apply: it ended well, and left nothing."""
        card = self.card
        if card is None or not card.when or self.status != 0 or is_chunk(self.index):
            return False
        run = open_run(self.option("--store"), self.option("--run-id"), {})
        path = node_path(card.address, index_from(self.index))
        return not run.store.exists(f"{path}/{FILE_NAME}")


@dataclass(slots=True)
class Recorder:
    """Notes what is run through Docker clients.

    Attributes:
        launches: All containers, in the order in which they were started.
        tell: Hears of each when it starts, and again when it has ended; by one thread at a time.
    """

    launches: list[Launch] = field(default_factory=list)
    tell: Callable[[Launch], None] | None = None
    _lock: Any = field(default_factory=threading.Lock)

    def client(self, client: Any) -> Any:
        """Return a client that does what the given one does, noting containers and their ends."""
        containers = SimpleNamespace(run=lambda *args, **kw: self._run(client, *args, **kw))
        return SimpleNamespace(
            containers=containers, images=client.images, info=client.info, close=client.close
        )

    def _run(self, client: Any, image: str, command: Sequence[str], **options: Any) -> Any:
        launch = Launch(tuple(command))
        with self._lock:
            self.launches.append(launch)
        try:
            self._tell(launch)
            # An engine that removes a container by itself may not know its status any more.
            container = client.containers.run(image, command, **{**options, "auto_remove": False})
        except Exception as error:  # the engine's affair: it is raised again
            launch.error = f"{type(error).__name__}: {error}"
            raise

        def wait() -> Any:
            try:
                ended = container.wait()
            finally:
                container.remove(force=True)
            launch.status = ended["StatusCode"]
            self._tell(launch)
            return ended

        def logs(**given: Any) -> Iterator[bytes]:
            for chunk in container.logs(**given):
                lines = chunk.decode(errors="replace").split("\n")
                launch.last = next((line for line in reversed(lines) if line.strip()), launch.last)
                yield chunk

        return SimpleNamespace(logs=logs, wait=wait)

    def _tell(self, launch: Launch) -> None:
        if self.tell is not None:
            with self._lock:
                self.tell(launch)
