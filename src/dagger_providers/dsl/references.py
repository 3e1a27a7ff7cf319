"""What stands for a value that does not exist yet, and refuses what only a value can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from dagger_providers.errors import BuildError

if TYPE_CHECKING:
    from dagger_providers.dsl.recording import Recording

Tree = tuple[Any, ...]
"""Where a value comes from, with the passes of loops left out: comparable and hashable.

``("param", name, path)``, ``("node", number, path)``, ``("item", axis, path)``,
``("value", data)``, ``("list", elements)``, ``("each", axis, elements)``.
"""

Passes = dict[int, int]
"""For each axis that a value depends on, in which pass of its loop it was recorded."""


class State:
    """What a reference knows: the recording, the tree, the passes and what to call it."""

    __slots__ = ("label", "passes", "recording", "tree")

    def __init__(self, recording: Recording, tree: Tree, passes: Passes, label: str) -> None:
        self.recording = recording
        self.tree = tree
        self.passes = passes
        self.label = label


class Reference:
    """A result, a parameter or an item of a pipeline that is being recorded."""

    __slots__ = ("__state",)

    def __init__(self, state: State) -> None:
        object.__setattr__(self, "_Reference__state", state)

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("_"):
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        return _part(self, ("attribute", name), f".{name}")

    def __getitem__(self, key: object) -> Reference:
        if isinstance(key, slice):
            _refuse(self, "slice", "slice in a task")
        if isinstance(key, Reference):
            _refuse(self, "take a part by another result of", "look it up in a task")
        if not isinstance(key, str | int) or isinstance(key, bool):
            _refuse(self, f"take the part {key!r} of", "use a str or int key, or select in a task")
        return _part(self, ("key", key), f"[{key!r}]")

    def __iter__(self) -> Iterator[Reference]:
        state = state_of(self)
        return state.recording.open_loop(state)

    def __repr__(self) -> str:
        return f"<reference to {state_of(self).label}>"


def state_of(reference: Reference) -> State:
    """Return what a reference knows."""
    state: State = object.__getattribute__(reference, "_Reference__state")
    return state


def _part(reference: Reference, step: tuple[str, Any], label: str) -> Reference:
    state = state_of(reference)
    kind, origin, path = state.tree
    tree = (kind, origin, (*path, step))
    return Reference(State(state.recording, tree, state.passes, state.label + label))


def _refuse(reference: Reference, action: str, instead: str) -> NoReturn:
    raise BuildError(
        f"cannot {action} {state_of(reference).label} while a pipeline is recorded: it has no "
        f"value yet; {instead}"
    )


_IN_TASK = "do it in a task"
_REFUSED = {
    "use the truth of": (("__bool__",), "decide in a task, or give a default in a task"),
    "make a str of": (("__str__", "__format__", "__bytes__", "__fspath__"), "format it in a task"),
    "compare": (("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"), "compare in a task"),
    "use in a set or as a dict key": (("__hash__",), "use a list, or a key of your own"),
    "take the length of": (("__len__", "__length_hint__"), "count in a task"),
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
        tuple(
            f"__{prefix}{name}__"
            for name in (
                "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift"
            ).split()
            for prefix in ("", "r", "i")
        )
        + ("__neg__", "__pos__", "__abs__", "__invert__"),
        _IN_TASK,
    ),
    "copy or pickle": (("__reduce_ex__", "__copy__", "__deepcopy__"), "pass it on as it is"),
    "use in 'with'": (("__enter__", "__exit__"), "open it in a task"),
    "await": (("__await__", "__aiter__"), _IN_TASK),
}


def _refusal(action: str, instead: str) -> Any:
    def refused(self: Reference, *_: object, **__: object) -> NoReturn:
        _refuse(self, action, instead)

    return refused


for _action, (_names, _instead) in _REFUSED.items():
    for _name in _names:
        setattr(Reference, _name, _refusal(_action, _instead))
