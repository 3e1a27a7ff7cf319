"""What stands for a value that does not exist yet, and refuses what only a value can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn, Protocol

from dagger_providers.errors import BuildError

Tree = tuple[Any, ...]
"""Where a value comes from, with the passes of loops left out: comparable and hashable.

``("param", name, path)``, ``("node", number, path)``, ``("item", axis, path)``,
``("artifact", stored, path)``, ``("value", data, type)``, ``("list", elements)``,
``("each", axis, elements)``, ``("unfolded", elements)``.
"""

Passes = dict[int, int]
"""For each axis that a value depends on, in which pass of its loop it was recorded."""


class Recorder(Protocol):
    """What a reference asks of the recording that it belongs to.

    Attributes:
        place: What messages call the pipeline.
    """

    place: str

    def open_loop(self, state: State) -> Iterator[Reference]:
        """Start a loop over a reference."""

    def label(self, tree: Tree) -> str:
        """Return what messages call a value."""


class State:
    """What a reference knows: its recording, and the tree and passes of its value."""

    __slots__ = ("passes", "recording", "tree")

    def __init__(self, recording: Recorder, tree: Tree, passes: Passes) -> None:
        self.recording = recording
        self.tree = tree
        self.passes = passes

    @property
    def label(self) -> str:
        """What messages call the value."""
        return self.recording.label(self.tree)


class Reference:
    """A result, a parameter or an item of a pipeline that is being recorded."""

    __slots__ = ("__state",)

    def __init__(self, state: State) -> None:
        _set_state(self, state)

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("_"):
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        return _part(self, ("attribute", name))

    def __getitem__(self, key: object) -> Reference:
        if isinstance(key, slice):
            _refuse(self, "take a slice of", "slice in a task")
        if isinstance(key, Reference):
            _refuse(self, "take a part by another result of", "look it up in a task")
        if not isinstance(key, str | int) or isinstance(key, bool):
            _refuse(self, f"take the part {key!r} of", "use a str or int key, or select in a task")
        return _part(self, ("key", key))

    def __iter__(self) -> Iterator[Reference]:
        state: State = state_of(self)
        return state.recording.open_loop(state)

    def __len__(self) -> int:
        # list() asks for a length too, and goes on without when the answer is a TypeError.
        raise NoLengthError(_refusal_text(self, "take the length of", "count in a task"))

    def __repr__(self) -> str:
        return f"<reference to {state_of(self).label}>"


class NoLengthError(BuildError, TypeError):
    """The length of a value that does not exist yet was asked for."""


_set_state = Reference.__dict__["_Reference__state"].__set__
state_of: Any = Reference.__dict__["_Reference__state"].__get__
"""Returns the `State` of a reference."""


def _part(reference: Reference, step: tuple[str, Any]) -> Reference:
    state = state_of(reference)
    kind, origin, path = state.tree
    return Reference(State(state.recording, (kind, origin, (*path, step)), state.passes))


def path_text(path: tuple[tuple[str, Any], ...]) -> str:
    """Return steps as code shows them: ``['a'].b[0]``."""
    return "".join(f"[{name!r}]" if kind == "key" else f".{name}" for kind, name in path)


def _refusal_text(reference: Reference, action: str, instead: str) -> str:
    state: State = state_of(reference)
    return (
        f"{state.recording.place}: cannot {action} {state.label} while it is recorded: it has no "
        f"value yet; {instead}"
    )


def _refuse(reference: Reference, action: str, instead: str) -> NoReturn:
    raise BuildError(_refusal_text(reference, action, instead))


_IN_TASK = "do it in a task"
_OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "divmod", "pow", "matmul"),
    *("and", "or", "xor", "lshift", "rshift"),
)
_REFUSED = {
    "use the truth of": (("__bool__",), "decide in a task"),
    "make a str of": (("__str__", "__format__", "__bytes__", "__fspath__"), "format it in a task"),
    "compare": (
        ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"),
        "compare or sort in a task",
    ),
    "use in a set or as a dict key": (("__hash__",), "use a list, or a key of your own"),
    "search in": (("__contains__",), "search in a task"),
    "reverse": (("__reversed__",), "reverse it in a task"),
    "call": (("__call__",), "call its methods in a task"),
    "change": (
        ("__setattr__", "__delattr__", "__setitem__", "__delitem__"),
        "return a changed value from a task",
    ),
    "make a number of": (
        ("__int__", "__float__", "__complex__", "__index__", "__round__"),
        _IN_TASK,
    ),
    "compute with": (
        (
            *(f"__{side}{name}__" for name in _OPERATORS for side in ("", "r", "i")),
            *("__neg__", "__pos__", "__abs__", "__invert__", "__trunc__", "__floor__", "__ceil__"),
        ),
        _IN_TASK,
    ),
    "copy or pickle": (("__reduce_ex__", "__copy__", "__deepcopy__"), "pass it on as it is"),
    "use in 'with'": (("__enter__", "__exit__"), "open it in a task"),
    "await": (("__await__", "__aiter__", "__aenter__", "__aexit__"), _IN_TASK),
    "take the next item of": (("__next__",), "select in a task"),
}


def _refusal(action: str, instead: str) -> Any:
    def refused(self: Reference, *_: object, **__: object) -> NoReturn:
        _refuse(self, action, instead)

    return refused


for _action, (_names, _instead) in _REFUSED.items():
    for _name in _names:
        setattr(Reference, _name, _refusal(_action, _instead))
