"""Tell another process of an exception, exactly, and make it again there when that is possible."""

from __future__ import annotations

from typing import Any

from dagger_providers.errors import MissingValueError, StorageError, TaskFailed
from dagger_providers.storage import Store
from dagger_providers.storage.documents import read_document, write_document

FORMAT = "dagger-providers.failure"
MAJOR = 1


def describe(error: BaseException) -> dict[str, Any]:
    """Return an exception as JSON data: its type, message and traceback as Python prints them."""
    from traceback import format_exception

    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return {
        "format": f"{FORMAT}/{MAJOR}",
        "type": f"{module}{kind.__qualname__}",
        "message": str(error),
        "traceback": "".join(format_exception(error)),
    }


def stand_in(description: dict[str, Any]) -> TaskFailed:
    """Return the exception that stands for a described one."""
    return TaskFailed(
        description["type"], description["message"], description.get("traceback", "")
    )


def write_failure(store: Store, node_path: str, error: BaseException) -> None:
    """Leave a description of a failure beside where the commit record would be."""
    try:
        write_document(store, f"{node_path}/failure.json", describe(error))
    except StorageError as problem:
        # The user's exception matters more than the record of it.
        error.add_note(f"the failure could not be recorded: {problem}")


def read_failure(store: Store, node_path: str) -> TaskFailed | None:
    """Return the stand-in for the last failure of an execution, if there was one."""
    try:
        return stand_in(read_document(store, f"{node_path}/failure.json", FORMAT, MAJOR))
    except MissingValueError:
        return None


def pack(error: BaseException) -> dict[str, Any]:
    """Return an exception for a process of the same program: described, and pickled if it can be.

    An exception whose class cannot be rebuilt from its arguments has only its description.
    """
    import base64
    import pickle

    described = describe(error)
    try:
        pickled = pickle.dumps(error, protocol=5)
        same = type(pickle.loads(pickled)) is type(error)  # noqa: S301 - made on the line above
    except Exception:  # noqa: BLE001 - any failure of a user's class means: not rebuildable
        same = False
    if same:
        described["pickle"] = base64.b64encode(pickled).decode()
    return described


def unpack(packed: dict[str, Any]) -> BaseException:
    """Return the exception that `pack` was given, or its stand-in."""
    if "pickle" in packed:
        import base64
        import pickle

        rebuilt = pickle.loads(base64.b64decode(packed["pickle"]))  # noqa: S301 - our own worker's
        if isinstance(rebuilt, BaseException):
            rebuilt.__cause__ = stand_in(packed)
            return rebuilt
    return stand_in(packed)
