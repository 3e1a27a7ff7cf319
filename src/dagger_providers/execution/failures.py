"""Tell another process of an exception, exactly, and make it again there when that is possible."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from dagger_providers.errors import (
    MissingValueError,
    StorageError,
    TaskFailed,
    exit_status,
    one_line,
)
from dagger_providers.storage import Store, new_attempt_id
from dagger_providers.storage.documents import read_document, write_document

FORMAT = "dagger-providers.failure"
MAJOR = 1


def describe(error: BaseException) -> dict[str, Any]:
    """Return an exception as JSON data: its type, message and traceback as Python prints them.

    The traceback begins where the user's code does. One that another process told of is described
    as it was there.
    """
    told = error if isinstance(error, TaskFailed) else error.__cause__
    if isinstance(told, TaskFailed) and told.traceback_text:
        return _description(told.type_name, told.message, told.traceback_text)
    from traceback import format_exception

    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    text = "".join(format_exception(kind, error, _of_the_user(error.__traceback__)))
    return _description(f"{module}{kind.__qualname__}", _message(error), text)


def _of_the_user(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out the frames of this package, and of what it retries with, before the user's code."""
    frame = traceback
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == _CALLER:
            traceback = frame.tb_next
        frame = frame.tb_next
    while traceback is not None and traceback.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        traceback = traceback.tb_next
    return traceback


_FOLDER = os.path.dirname(os.path.abspath(__file__))
_CALLER = os.path.join(_FOLDER, "node.py")
_PACKAGE = os.path.join(os.path.dirname(_FOLDER), "")


def summary(error: BaseException) -> str:
    """Return an exception in one line: ``ValueError: no such flight``."""
    described = describe(error)
    return one_line(f"{described['type']}: {described['message']}".removesuffix(": "), 2000)


def _description(kind: str, message: str, traceback: str) -> dict[str, Any]:
    document = f"{FORMAT}/{MAJOR}"
    return {"format": document, "type": kind, "message": message, "traceback": traceback}


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:
        return f"<its __str__ raises {type(broken).__name__}>"


def stand_in(description: dict[str, Any]) -> TaskFailed:
    """Return the exception that stands for a described one; Python prints its traceback too."""
    text = description.get("traceback", "")
    error = TaskFailed(description["type"], description["message"], text)
    if text:
        error.add_note(f"\nIn the other process:\n{text.rstrip()}")
    return error


def mark(error: BaseException, address: str, index: str) -> None:
    """Note on an exception which execution it ended: address, and index as text."""
    error.__dict__[_PLACE] = (address, index)


def place_of(error: BaseException) -> tuple[str, str] | None:
    """Return the innermost execution that an exception has ended, if one is noted."""
    found = error.__dict__.get(_PLACE)
    return None if found is None else (found[0], found[1])


_PLACE = "__dagger_place__"


def write_failure(
    store: Store, node_path: str, error: BaseException, started: int | None = None
) -> None:
    """Leave a description of a failure beside where the commit record would be.

    It says with which status a command ends by it: 1 is final, infrastructure is not. It says which
    execution failed: one inside, of a node that runs several. Its attempt's id tells whether it
    came after one that was committed; and if an engine says how often it has ``started`` the
    process before, that tells of which of its tries it is.
    """
    described = {
        **describe(error),
        "exit_status": exit_status(error),
        "place": place_of(error),
        "attempt": new_attempt_id(),
    }
    if started is not None:
        described["started"] = started
    try:
        write_document(store, f"{node_path}/failure.json", described)
    except StorageError as problem:
        # The user's exception matters more than the record of it.
        error.add_note(f"the failure could not be recorded: {problem}")


def read_failure(store: Store, node_path: str) -> TaskFailed | None:
    """Return the stand-in for the last failure of an execution, if there was one."""
    document = failure_document(store, node_path)
    if document is None:
        return None
    error = stand_in(document)
    if document.get("place"):
        mark(error, *document["place"])
    return error


def failure_document(store: Store, node_path: str) -> dict[str, Any] | None:
    """Return what `write_failure` left, if it did."""
    try:
        return read_document(store, f"{node_path}/failure.json", FORMAT, MAJOR)
    except MissingValueError:
        return None


def final_failure(store: Store, node_path: str, started: int) -> dict[str, Any] | None:
    """Return how an execution failed for good in the try before this one, if it did.

    An engine may not tell a lost node from a failure in the user's code, and try again after both.
    This try then fails as the one before, and tells the next one. What failed in a try that is
    not the one before is of an earlier generation: a user had the engine begin again.

    Args:
        store: The run's folder.
        node_path: The execution's folder in it.
        started: How often the engine has started the process before.
    """
    document = failure_document(store, node_path)
    if document is None or document.get("started") != started - 1:
        return None
    if document.get("exit_status") not in _FINAL:
        return None
    write_document(store, f"{node_path}/failure.json", {**document, "started": started})
    return document


_FINAL = (1, 2)
"""Statuses after which trying again gives the same; see `errors.exit_status`."""


def pack(error: BaseException) -> dict[str, Any]:
    """Return an exception for a process of the same program: described, and pickled if it can be.

    One whose class does not make the same again from its pickle has only its description.
    """
    import base64
    import pickle

    described = {**describe(error), "place": place_of(error)}
    try:
        pickled = pickle.dumps(error, protocol=5)
        again = pickle.loads(pickled)  # noqa: S301 - made on the line above
        same = type(again) is type(error) and _message(again) == described["message"]
    except Exception:
        same = False
    if same:
        described["pickle"] = base64.b64encode(pickled).decode()
    return described


def unpack(packed: dict[str, Any]) -> BaseException:
    """Return the exception that `pack` was given, caused by its stand-in; else the stand-in."""
    import base64
    import pickle

    error: BaseException
    error = told = stand_in(packed)
    try:
        rebuilt = pickle.loads(base64.b64decode(packed["pickle"]))  # noqa: S301 - our own worker's
    except Exception:
        rebuilt = None
    if isinstance(rebuilt, BaseException):
        error = rebuilt
        error.__cause__ = told
    if packed["place"] is not None:
        mark(error, *packed["place"])
    return error
