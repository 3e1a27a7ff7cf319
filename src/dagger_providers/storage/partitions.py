"""Values that are written and read one item at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from dagger_providers.errors import SerializationError
from dagger_providers.serializers.contract import AnySerializer, is_path_serializer
from dagger_providers.serializers.records import Record
from dagger_providers.serializers.spec import SerializerSpec
from dagger_providers.storage.artifact import Artifact, Parts, contents, names, packed
from dagger_providers.storage.documents import canonical_list
from dagger_providers.storage.hashing import identity_of_list
from dagger_providers.storage.store import Store
from dagger_providers.storage.values import read_file, write_value, write_value_at

MANIFEST = "partitions.json"
"""Lists the names of a partitioned value's files, in order; written last."""

_FRAME_LIBRARIES = ("pandas", "polars", "pyarrow")


class Partitions(Record, Sequence[Any]):
    """A lazy list: each item is read, and verified, when it is asked for, every time anew.

    It may be read any number of times, in any order, by any number of readers, and pickled. It
    equals a list, or another of its kind, with equal items in the same order.

    Attributes:
        store: Where its parts lie.
        parts: Its items in order: files, or partitioned values of their own.
        serializer: What reads each item.
    """

    store: Store
    parts: Sequence[Artifact]
    serializer: AnySerializer

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> Partitions: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            return Partitions(self.store, self.parts[at], self.serializer)
        return read_value(self.store, self.parts[at], self.serializer)

    def __iter__(self) -> Iterator[Any]:
        for part in self.parts:
            yield read_value(self.store, part, self.serializer)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | Partitions):
            return NotImplemented
        if len(self) != len(other):
            return False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        first = f" from {self.store.join(self.parts[0].uri)}" if self.parts else ""
        return f"<{len(self)} partitions{first}>"


def write_partitions(
    store: Store,
    path: str,
    items: Iterable[Any],
    serializer: AnySerializer,
    spec: SerializerSpec,
    *,
    depth: int = 1,
) -> Artifact:
    """Write items as files `0`, `1`, ... and then `partitions.json`, one item at a time.

    What the items' generator raises arrives unchanged; then no `partitions.json` is written.

    Args:
        store: Where to.
        path: Path of the directory in the store.
        items: The items; with a `depth` of two, iterables of items, and so on.
        serializer: What writes each item.
        spec: What the artifact says of the serializer.
        depth: How many levels of lists to write: a nested gather is a directory of such.

    Raises:
        SerializationError: `items` is no source of partitions, or an item cannot be written.
    """
    check_source(items)
    parts = packed(path, spec, _written(store, path, items, serializer, spec, depth))
    store.write_atomic(f"{path}/{MANIFEST}", canonical_list(names(parts)))
    return partitioned_artifact(path, parts, spec)


def _written(
    store: Store, path: str, items: Iterable[Any], serializer: AnySerializer,
    spec: SerializerSpec, depth: int,
) -> Iterator[Artifact]:  # fmt: skip
    for at, item in enumerate(items):
        place = f"{path}/{at}"
        try:
            if depth > 1:
                part = write_partitions(store, place, item, serializer, spec, depth=depth - 1)
            elif is_path_serializer(serializer):
                part = write_value(store, place, item, serializer, spec)  # a file keeps its suffix
            else:
                part = write_value_at(store, place, item, serializer, spec)
        except SerializationError as error:
            raise SerializationError(f"item {at}: {error}") from (error.__cause__ or error)
        yield part


def partitioned_artifact(path: str, parts: Parts, spec: SerializerSpec) -> Artifact:
    """The artifact of a list whose items are `parts`."""
    measured = all(sha for sha, _ in contents(parts))
    sha256 = identity_of_list(sha for sha, _ in contents(parts)) if measured else ""
    size = sum(size for _, size in contents(parts))
    return Artifact(path, sha256, size, spec, "partitioned", parts)


def read_value(store: Store, artifact: Artifact, serializer: AnySerializer) -> Any:
    """Read what an artifact names: a value, or the lazy handle of a partitioned one.

    Raises:
        MissingValueError: Nothing is there.
        CorruptValueError: Something else is there.
        DeserializationError: The bytes are as written, but the serializer expects others.
    """
    if artifact.kind == "partitioned":
        return Partitions(store, artifact.parts or (), serializer)
    return read_file(store, artifact, serializer)


def check_source(items: Any) -> None:
    """Refuse what has items in Python but is one value in a pipeline.

    Raises:
        SerializationError: It is text, a mapping, a set, a data frame or a model, or has no items.
    """
    kind = type(items)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    what = ""
    if isinstance(items, str | bytes | bytearray | memoryview):
        what = "is one value"
    elif isinstance(items, Mapping) or hasattr(kind, "model_dump"):
        what = "has named parts: yield its items(), or return it whole"
    elif isinstance(items, set | frozenset):
        what = "has no order: return sorted(...)"
    elif kind.__module__.partition(".")[0] in _FRAME_LIBRARIES:
        what = "is one value: yield pieces of it, or return it whole"
    elif not isinstance(items, Iterable):
        what = "has no items"
    if what:
        raise SerializationError(f"expected a list or generator of partitions, got {name}: {what}")
