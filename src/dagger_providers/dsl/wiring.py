"""Check that what nodes give is what their readers take, as far as both are annotated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import Enum
from io import BytesIO
from typing import Any, Literal

from dagger_providers.dsl.arriving import Arriving, Scope, annotations_of, elements_of, root
from dagger_providers.dsl.compatible import class_of, data_fits, fits, items_of
from dagger_providers.dsl.parts import NoPartError, part_of
from dagger_providers.errors import BuildError, DeserializationError, UsageError
from dagger_providers.model import (
    DAG,
    FromArtifact,
    FromList,
    FromNodeOutput,
    FromParam,
    FromValue,
    Repeat,
    Switch,
    Task,
    thaw,
)
from dagger_providers.serializers import SerializerSpec, is_json_native, load, spec_for
from dagger_providers.serializers.codecs.classes import is_model
from dagger_providers.serializers.typeforms import is_union, type_name, unwrap

_JSON = SerializerSpec("json")
_OF_JSON = (str, int, float, list, dict)
_FRAME_LIBRARIES = ("pandas", "polars", "pyarrow")


def check_wiring(dag: DAG) -> None:
    """Check every edge of a pipeline whose two ends are annotated, in nested pipelines too.

    What is refused could surely not work: a data frame for an int, a loop over a mapping, a key
    that a typed dict does not have. An end without annotation, or with `Any`, gives and takes
    anything, and so does a function that cannot be imported here.

    Args:
        dag: A pipeline that is no node of another.

    Raises:
        BuildError: An edge does not fit; the message names both ends, and what to do.
    """
    _Check().pipeline(root(dag))


class _Check:
    """What has been found good: edges between the same two functions are compared once."""

    def __init__(self) -> None:
        self._good: set[Any] = set()
        self._annotations: dict[str, Mapping[str, Any]] = {}

    def pipeline(self, scope: Scope) -> None:
        dag = scope.dag
        _check_loops(scope)
        alike: set[int] = set()
        for name, node in dag.nodes.items():
            if id(node) in alike:
                continue
            alike.add(id(node))
            match node:
                case Task():
                    self._task(scope, name, node)
                case DAG():
                    self._nested(scope, name, node)
                case Switch():
                    _check_selector(scope, name, node)
                    self.pipeline(scope.inside(name, node))
                case Repeat():
                    _check_turns(scope, name, node)
                    self.pipeline(scope.inside(name, node))
        _check_results(scope)

    def _task(self, scope: Scope, name: str, task: Task) -> None:
        function, nodes, good = task.function, scope.dag.nodes, self._good
        annotations = self._annotations.get(function)
        if annotations is None:
            annotations = self._annotations[function] = annotations_of(function)
        for argument, source in task.inputs.items():
            key: Any = None
            if isinstance(source, FromNodeOutput):
                giver, path = nodes[source.node], (source.output, source.path)
                if isinstance(giver, Task):
                    key = (function, argument, giver.function, id(giver.outputs), path)
                    if key in good:
                        continue
            elif isinstance(source, FromValue) and type(source.value) is annotations.get(argument):
                continue
            _Edge(scope, name, argument, annotations).check(source)
            if key is not None:
                good.add(key)

    def _nested(self, scope: Scope, name: str, dag: DAG) -> None:
        annotations = annotations_of(dag.function)
        for parameter, source in dag.inputs.items():
            _Edge(scope, name, parameter, annotations).check(source)
        inner = scope.inner(name, dag)
        key = (id(dag.nodes), *((n, str(a.annotation)) for n, a in inner.parameters.items()))
        if key not in self._good:
            self.pipeline(inner)
            self._good.add(key)


class _Edge:
    """An argument of a node, and where it comes from."""

    def __init__(
        self, scope: Scope, node: str, argument: str, annotations: Mapping[str, Any]
    ) -> None:
        self.scope = scope
        self.argument = argument
        self.wanted = annotations.get(argument, Any)
        self.taker = f"{scope.place}: argument {argument!r} of node {node!r} takes"

    def check(self, source: Any) -> None:
        if isinstance(source, FromParam) and source.name is None:
            source = source.having(name=self.argument)
        problem = _problem(self.scope, source, self.wanted)
        if problem:
            raise BuildError(f"{self.taker} {type_name(unwrap(self.wanted))}, but {problem}")


def _problem(scope: Scope, source: Any, wanted: Any) -> str:
    """Say what is wrong with an edge; nothing where all may be well."""
    if isinstance(source, FromList):
        return _problem_of_list(scope, source, wanted)
    if isinstance(source, FromValue):
        return _problem_of_data("it is given", source.value, wanted, scope)
    for given in scope.every(source):
        if not fits(given.annotation, wanted, exact=given.exact):
            if isinstance(source, FromArtifact) and not source.path:
                return f"{given.shown}; say what it is: {_said(source, wanted)}"
            return f"{given.shown}; {_advice(given.annotation, wanted)}"
    if isinstance(source, FromParam) and source.name not in scope.parameters:
        declared = scope.dag.inputs.get(source.name or "")
        default = getattr(declared, "default", None)
        if default is not None and not source.path:
            what = f"the default of parameter {source.name!r} is"
            return _problem_of_data(what, default, wanted, scope)
    return ""


def _problem_of_list(scope: Scope, source: FromList, wanted: Any) -> str:
    """Say which element of a fan-in does not fit; of a union, one member is enough."""
    wanted = unwrap(wanted)
    if is_union(wanted):
        problems = [_problem_of_list(scope, source, one) for one in wanted.__args__]
        return "" if "" in problems else max(problems, key=lambda text: "element" in text)
    if not fits(list, wanted, exact=True):
        return "it is given a list; annotate it as list[...], or give it one value"
    for item in items_of(wanted):
        for element in elements_of(source):
            problem = _problem(scope, element, item)
            if problem:
                return f"an element does not fit: {problem}"
    return ""


def _problem_of_data(what: str, data: Any, wanted: Any, scope: Scope) -> str:
    """Say what is wrong with a literal, which its reader's annotation restores."""
    data = thaw(data)
    shown = f"{what} {data!r:.60}"
    try:
        spec = None if is_json_native(wanted) else spec_for(wanted)
    except UsageError:  # a class whose annotations cannot be resolved
        return ""
    if spec is None or spec.name not in {"json", "path"}:
        return "" if data_fits(data, wanted) else f"{shown}; {_advice(type(data), wanted)}"
    if scope.dag.function is not None:
        return ""  # recording has written it by its annotation
    try:
        load(_JSON, wanted).read(BytesIO(json.dumps(data).encode()))  # type: ignore[union-attr]
    except DeserializationError as error:
        return f"{shown}: {error}"
    return ""


def _said(source: FromArtifact, wanted: Any) -> str:
    name = source.uri.rpartition("/")[2]
    return f"artifact('.../{name}', {type_name(unwrap(wanted))}), if it is one"


def _advice(given: Any, wanted: Any) -> str:
    given, wanted = unwrap(given), unwrap(wanted)
    has, wants = items_of(given), items_of(wanted)
    if class_of(given, exact=True) is list and any(fits(x, wanted, exact=True) for x in has):
        return "loop over it, or take one item of it in a task"
    if class_of(wanted, exact=True) is list and any(fits(given, x, exact=True) for x in wants):
        return "give it in a list"
    if wanted is not given and type_name(given) == type_name(wanted):
        modules = " and ".join(str(getattr(x, "__module__", "")) for x in (given, wanted))
        return f"these are two classes, of {modules}: use one"
    if class_of(given) in _OF_JSON and class_of(wanted) not in (None, *_OF_JSON):
        shown = type_name(wanted)
        return f"annotate it as {shown} where it comes from, or convert it in a task between them"
    return "correct the annotation that is wrong, or convert the value in a task between them"


# Switches and repetitions


def _check_selector(scope: Scope, name: str, switch: Switch) -> None:
    """Check that a selector may have the value of some case."""
    values = tuple(case.value for case in switch.cases)
    plain: Any = int | str if switch.default is not None else Literal[values]
    problem = _problem(scope, switch.selector, plain | Enum)  # a member counts as its value
    if problem:
        raise BuildError(
            f"{scope.place}: switch {name!r} chooses by {type_name(plain)}, but {problem}"
        )


def _check_turns(scope: Scope, name: str, repeat: Repeat) -> None:
    """Check what the first turn gets, and what a turn gives to the next one."""
    turn = repeat.node
    if not isinstance(turn, Task | DAG):
        return
    annotations = annotations_of(turn.function)
    given = Arriving(annotations.get("return", Any), True, f"the result of node {name!r}")
    for argument, source in repeat.inputs.items():
        _Edge(scope, name, argument, annotations).check(source)
        _check_key(scope.place, given, argument, annotations.get(argument, Any))
    _check_key(scope.place, given, repeat.until, bool)


def _check_key(place: str, given: Arriving, key: str, wanted: Any) -> None:
    """Check what a turn gives under a key, if it gives it."""
    try:
        found = part_of(given.annotation, "key", key)
    except NoPartError:
        return
    if not fits(found, wanted, exact=True):
        taker = "ends the loop, as bool" if wanted is bool else f"is the next turn's {key!r}, as "
        shown = "" if wanted is bool else type_name(unwrap(wanted))
        raise BuildError(
            f"{place}: [{key!r}] of {given.giver} {taker}{shown}, but it is "
            f"{type_name(unwrap(found))}; correct the annotation that is wrong"
        )


# Loops


def _check_loops(scope: Scope) -> None:
    for name, loop in scope.dag.loops.items():
        if loop.over is not None and not isinstance(loop.over, FromList):
            _check_loop(scope, scope.walked(name))


def _check_loop(scope: Scope, over: Arriving) -> None:
    annotation = unwrap(over.annotation)
    members = annotation.__args__ if is_union(annotation) else (annotation,)
    reasons = [_no_source(class_of(unwrap(member))) for member in members]
    if all(reasons):
        raise BuildError(f"{scope.place} loops over {over.giver}, but that is {_why(over)}")


def _why(over: Arriving) -> str:
    annotation = unwrap(over.annotation)
    first = annotation.__args__[0] if is_union(annotation) else annotation
    return f"{type_name(annotation)}, which {_no_source(class_of(unwrap(first)))}"


def _no_source(kind: Any) -> str:
    """Say why values of a class are no source of a loop, as whoever writes them will."""
    if kind is None:
        return ""
    if issubclass(kind, str | bytes | bytearray | memoryview):
        return "is one value: return a list"
    if issubclass(kind, Mapping) or is_model(kind):
        return "has named parts: return a list, of its items() say"
    if issubclass(kind, Set):
        return "has no order: return sorted(...)"
    if kind.__module__.partition(".")[0] in _FRAME_LIBRARIES:
        return "is one value: return a list of pieces of it"
    return "" if issubclass(kind, Iterable) else "has no items: return a list"


# Results


def _check_results(scope: Scope) -> None:
    """Compare what a pipeline returns with its own annotation."""
    wanted = annotations_of(scope.dag.function).get("return", Any)
    for name, source, part in _results(scope.dag, wanted):
        problem = _problem(scope, source, part)
        if problem:
            what = "result" if name == "return_value" else f"result {name!r}"
            shown = type_name(unwrap(part))
            raise BuildError(f"{scope.place}: its {what} is annotated as {shown}, but {problem}")


def _results(dag: DAG, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
    for name, source in dag.outputs.items():
        part = wanted
        if list(dag.outputs) != ["return_value"]:
            try:
                part = part_of(wanted, "key", name)
            except NoPartError as error:
                shown = type_name(unwrap(wanted))
                raise BuildError(
                    f"pipeline {dag.name!r} returns {name!r}, but is annotated as {shown}: {error}"
                ) from None
        yield name, source, part
