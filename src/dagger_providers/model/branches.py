"""The rules of switches and repetitions: what they hold sees only what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dagger_providers.card.axes import check_cases
from dagger_providers.errors import ModelError, UnknownReferenceError
from dagger_providers.model.names import check_name, listed
from dagger_providers.model.outputs import part_of_outputs, part_of_task
from dagger_providers.model.values import FromArtifact, FromList, FromParam, FromValue, Path

if TYPE_CHECKING:
    from dagger_providers.model.nodes import AnyNode, Repeat, Switch


def check_switch(switch: Switch) -> None:
    """Check a switch's cases, and that its branches read only what it is given.

    Raises:
        ModelError: Something does not fit; the message names it, and what exists.
    """
    if not switch.nodes or not (switch.cases or switch.default):
        raise ModelError("a switch needs at least one branch, and a case or default for it")
    for name, node in switch.nodes.items():
        check_name(name, "branch")
        _check_inside(switch, node, f"branch {name!r}")
    check_cases([case.value for case in switch.cases])
    for name in (*(case.node for case in switch.cases), switch.default or switch.cases[0].node):
        if name not in switch.nodes:
            raise UnknownReferenceError(
                f"a switch names branch {name!r}, which it does not have; its branches: "
                f"{listed(switch.nodes)}"
            )


def check_repeat(repeat: Repeat) -> None:
    """Check that what is repeated reads only what it is given, and says when it is done.

    Raises:
        ModelError: Something does not fit.
    """
    _check_inside(repeat, repeat.node, "what is repeated")
    path: Path = (("key", repeat.until),)
    try:
        check_offered(repeat.node, path)
    except UnknownReferenceError as error:
        raise UnknownReferenceError(
            f"a repetition ends when key {repeat.until!r} of its result is True, and {error}; "
            "return that key, or name another in 'until'"
        ) from None


def _check_inside(outer: Switch | Repeat, node: AnyNode, place: str) -> None:
    if node.within or node.after:
        raise ModelError(f"{place} stands alone: it has no 'within' and no 'after'")
    for name, source in node.inputs.items():
        _check_source(outer, source, name, place)
    if node.kind == "switch":
        _check_source(outer, node.selector, "selector", place)


def _check_source(outer: Switch | Repeat, source: Any, name: str, place: str) -> None:
    if isinstance(source, FromList):
        for item in source.items:
            _check_source(outer, item, name, place)
    elif isinstance(source, FromParam):
        wanted = source.name or name
        if wanted not in outer.inputs and source.required:
            raise UnknownReferenceError(
                f"{place}, input {name!r}, reads {wanted!r}, which it is not given; given: "
                f"{listed(outer.inputs)}"
            )
    elif not isinstance(source, FromValue | FromArtifact):
        raise ModelError(f"{place}, input {name!r}, may read only what the {outer.kind} is given")


def check_offered(node: AnyNode, path: Path) -> None:
    """Check that a node offers a part of its result, whichever branch runs.

    Raises:
        UnknownReferenceError: One does not.
    """
    match node.kind:
        case "task":
            part_of_task(node, path)
        case "dag":
            part_of_outputs(node.name, node.outputs, path)
        case "repeat":
            check_offered(node.node, path)
        case "switch":
            for name, inner in node.nodes.items():
                try:
                    check_offered(inner, path)
                except UnknownReferenceError as error:
                    raise UnknownReferenceError(f"branch {name!r}: {error}") from None
