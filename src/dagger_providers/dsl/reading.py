"""Make the model of a pipeline document, and say where in it something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from dagger_providers.card.functions import reference_of, signature_text
from dagger_providers.dsl.build import build
from dagger_providers.dsl.decorators import DagFunction, Recordable, TaskFunction
from dagger_providers.dsl.outputs import output_of
from dagger_providers.dsl.parameters import with_default
from dagger_providers.dsl.settings import options_of, stand_in_of
from dagger_providers.dsl.shorthand import (
    EXPECTED,
    long_loop,
    long_node,
    long_output,
    long_parameter,
    long_source,
    unknown_type,
)
from dagger_providers.dsl.trust import Trust
from dagger_providers.dsl.validation import adapter_of, annotation_of, validated
from dagger_providers.errors import DaggerProvidersError, ModelError, UsageError, one_line
from dagger_providers.model import (
    DAG,
    FromArtifact,
    FromItem,
    FromKey,
    FromNodeOutput,
    FromParam,
    FromProperty,
    FromReturnValue,
    FromValue,
    FrozenMapping,
    Loop,
    Options,
    Task,
)
from dagger_providers.model.descriptions import description_of
from dagger_providers.model.frozen import one_line as first_problem
from dagger_providers.model.frozen import reading_document
from dagger_providers.model.hooks import HOOKS
from dagger_providers.model.names import listed
from dagger_providers.model.nodes import AnyNode, Repeat, Switch, tasks
from dagger_providers.model.options import check_runtime_options
from dagger_providers.model.values import ForEach, FromList, FromRecord

Place = tuple[str, ...]

_SOURCES: Mapping[str, Any] = {
    "param": FromParam,
    "node": FromNodeOutput,
    "item": FromItem,
    "value": FromValue,
    "artifact": FromArtifact,
    "list": FromList,
    "each": ForEach,
    "record": FromRecord,
}
_OUTPUTS: Mapping[str, Any] = {
    "return_value": FromReturnValue,
    "key": FromKey,
    "property": FromProperty,
}
_KINDS: Mapping[str, Any] = {"task": Task, "dag": DAG, "switch": Switch, "repeat": Repeat}
_CLOSE = 0.75
"""From here on a name is taken for a misspelling of another."""


class Reader:
    """One document that is being read.

    Args:
        folder: The folder that it lies in.
        any_callable: Whether it may name functions that are not decorated.
        strict: Whether a name that nothing knows is refused, instead of ignored.
    """

    def __init__(self, folder: str, any_callable: bool, *, strict: bool) -> None:
        self._trust = Trust(folder, any_callable)
        self._strict = strict

    def root(self, data: Mapping[str, Any]) -> DAG:
        """Return the model of a whole document.

        Raises:
            DaggerProvidersError: Something is wrong; the message starts with its place.
        """
        token = reading_document.set(True)
        try:
            dag = self._dag(data, (), self._parameter)
        finally:
            reading_document.reset(token)
        for place, why in self._trust.check(data):
            raise UsageError(f"{place}: {why}")
        for address, task in tasks(dag):
            with _at("node", address):
                self._trust.stand_in(task.on_failure, task.function)
        return dag

    # Pipelines

    def _dag(
        self, data: Mapping[str, Any], place: Place, as_input: Callable[[Any, Place], Any]
    ) -> DAG:
        self._known(data, (*DAG.model_fields, "format"), place, strict=self._strict)
        if data.get("function"):
            with _at(*place, "function"):
                self._trust.pipeline(data["function"])
        inputs = self._each(data, "inputs", place, as_input)
        outputs = self._each(data, "outputs", place, self._source)
        loops = self._each(data, "loops", place, self._loop)
        nodes = {
            name: _Node(self, node, (*place, "nodes", name))
            for name, node in self._mapping(data, "nodes", place).items()
        }
        read = set(_reads([*outputs.values(), *(n for one in nodes.values() for n in one.sources)]))
        over = [loop.over for loop in loops.values() if loop.over is not None]
        whole = {(s.node, s.output) for s in over if isinstance(s, FromNodeOutput) and not s.path}
        made = {
            name: one.made(name, read | set(_reads(over)), whole) for name, one in nodes.items()
        }
        rest = {key: data[key] for key in DAG.model_fields if key in data}
        rest |= {key: self._hook(data, key, place) for key in HOOKS if data.get(key)}
        with _at(*place):
            return DAG(
                **{**rest, "nodes": made, "inputs": inputs, "outputs": outputs, "loops": loops}
            )

    def _hook(self, data: Mapping[str, Any], name: str, place: Place) -> AnyNode:
        """Return a hook: the name of a decorated task, or a task whose one input is the record."""
        found, place = data[name], (*place, name)
        found = {"function": found} if isinstance(found, str) else found
        if isinstance(found, Mapping) and "signature" in found:  # written by a program
            with _at(*place, "function"):
                if self._trust.is_hook(found.get("function"), name, data.get("function")):
                    return _Node(self, found, place)._as_written({})
        elif isinstance(found, Mapping) and not found.get("inputs"):
            with _at(*place, "function"):
                argument = next(iter(self._trust.task(found.get("function", "")).names), "")
            found = {**found, "inputs": {argument: {"kind": "record"}}}
        hook = _Node(self, found, place).made("", set(), set())
        if isinstance(hook, Task):
            with _at(*place):
                self._trust.stand_in(hook.on_failure, hook.function)
        return hook

    def _parameter(self, data: Any, place: Place) -> Any:
        if isinstance(data, Mapping) and not ({"type", "default"} & set(data)):
            long = long_source(data)
            if long is not None and data:
                return self._source(data, place)
        found = long_parameter(data)
        if "kind" not in _keys(data):
            found.setdefault("name", place[-1])
        with _at(*place):
            self._known(found, FromParam.model_fields, (), strict=self._strict)
            if wrong := unknown_type(found):
                raise ModelError(wrong)
            kind = annotation_of(found.get("json_schema"))
            if found.get("default") is not None and kind is not None:
                default = found["default"]
                found["default"] = validated(adapter_of(kind), default, kind, "its default")
            return FromParam(**found)

    def _loop(self, data: Any, place: Place) -> Loop:
        found = long_loop(data)
        self._known(found, Loop.model_fields, place, strict=self._strict)
        if "over" in found:
            inner = place if found is not data and "over" not in _keys(data) else (*place, "over")
            found["over"] = self._source(found["over"], inner)
        with _at(*place):
            return Loop(**found)

    # Where values come from

    def _source(self, data: Any, place: Place) -> Any:
        found = self._element(data, place)
        return FromList([found]) if isinstance(found, ForEach) else found

    def _element(self, data: Any, place: Place) -> Any:
        long = long_source(data)
        if long is None or long["kind"] not in _SOURCES:
            raise ModelError(f"{_text(place)}: expected {EXPECTED}; got {data!r:.80}")
        kind = _SOURCES[long["kind"]]
        self._known(long, kind.model_fields, place, strict=self._strict)
        if "items" in long and long["kind"] in {"list", "each"}:
            items = long["items"] if isinstance(long["items"], list) else [long["items"]]
            inner = (*place, "items") if "items" in _keys(data) else place
            long["items"] = [
                self._element(item, (*inner, str(number)) if len(items) > 1 else inner)
                for number, item in enumerate(items)
            ]
        with _at(*place):
            found = kind(**{name: value for name, value in long.items() if name != "kind"})
            if isinstance(found, FromArtifact):
                self._trust.artifact(found)
            return found

    # What all parts have

    def _each(
        self, data: Mapping[str, Any], name: str, place: Place, read: Callable[[Any, Place], Any]
    ) -> dict[str, Any]:
        parts = self._mapping(data, name, place)
        return {key: read(part, (*place, name, key)) for key, part in parts.items()}

    def _mapping(self, data: Mapping[str, Any], name: str, place: Place) -> Mapping[str, Any]:
        found = data.get(name)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise ModelError(f"{_text((*place, name))}: expected a mapping, got {found!r:.80}")
        return found

    def _known(self, data: Any, known: Any, place: Place, *, strict: bool) -> None:
        """Refuse a name that nothing knows."""
        for name in data if strict else ():
            if name not in known:
                close = get_close_matches(name, known, 1, _CLOSE)
                hint = f"did you mean {close[0]!r}" if close else f"it has: {listed(known)}"
                where = f"{_text(place)}: " if place else ""
                raise ModelError(f"{where}there is no {name!r}; {hint}")


class _Node:
    """One node of a document: its inputs are read at once, the rest when all inputs are known."""

    def __init__(self, reader: Reader, data: Any, place: Place) -> None:
        if not isinstance(data, Mapping):
            raise ModelError(
                f"{_text(place)}: expected a mapping with 'function' or 'nodes', got {data!r:.80}"
            )
        self.reader = reader
        self.data = long_node(data)
        self.place = place
        self._check_kind()
        self._inputs = reader._each(self.data, "inputs", place, reader._source)
        self._selector: list[Any] = []
        if "selector" in self.data:
            self._selector = [reader._source(self.data["selector"], (*place, "selector"))]

    def _check_kind(self) -> None:
        kind = _KINDS.get(self.data["kind"])
        if kind is None:
            raise ModelError(
                f"{_text(self.place)}: no kind of node {self.data['kind']!r}; there are: "
                f"{listed(_KINDS)}"
            )
        if self.data["kind"] in {"switch", "repeat"}:
            known = kind.model_fields
            self.reader._known(self.data, known, self.place, strict=self.reader._strict)

    @property
    def sources(self) -> list[Any]:
        """Where its arguments come from, and what chooses its branch."""
        return [*self._inputs.values(), *self._selector]

    def made(self, name: str, read: set[tuple[str, str]], whole: set[tuple[str, str]]) -> AnyNode:
        """Return the node.

        Args:
            name: What it is called.
            read: The nodes and outputs that others read.
            whole: Those that a loop runs over.
        """
        match self.data["kind"]:
            case "dag":
                return self.reader._dag(self.data, self.place, self.reader._source)
            case "switch":
                branches = self.reader._mapping(self.data, "nodes", self.place)
                own = {output for node, output in read if node == name}
                made = {
                    inner: _Node(self.reader, node, (*self.place, "nodes", inner)).made(
                        inner, {(inner, output) for output in own}, set()
                    )
                    for inner, node in branches.items()
                }
                return self._around(Switch, selector=self._selector[0], nodes=made)
            case "repeat":
                body = _Node(self.reader, self.data.get("node"), (*self.place, "node"))
                return self._around(Repeat, node=body.made("", {("", "return_value")}, set()))
            case _:
                return self._task(name, read, whole)

    def _around(self, kind: type[AnyNode], **inner: Any) -> AnyNode:
        fields = {name: self.data[name] for name in kind.model_fields if name in self.data}
        with _at(*self.place):
            return kind(**{**fields, "inputs": self._inputs, **inner})

    def _task(self, name: str, read: set[tuple[str, str]], whole: set[tuple[str, str]]) -> AnyNode:
        reference = self.data.get("function")
        if not isinstance(reference, str):
            raise ModelError(
                f"{_text(self.place)}: expected 'function: module:name' or 'function: file.py:name'"
            )
        with _at(*self.place, "function"):
            function = self.reader._trust.task(reference, kept="signature" in self.data)
        if "signature" in self.data:  # written by a program: nothing is left to the function
            return self._as_written(self._outputs(None))
        self._check_names()
        if isinstance(function, DagFunction):
            return self._pipeline(function)
        outputs = self._outputs(function)
        if (name, "return_value") in read and "return_value" not in outputs:
            with _at(*self.place):
                iterated = (name, "return_value") in whole
                outputs["return_value"] = output_of(function, iterated=iterated)
        options, runtime_options = self._options(function)
        self.data |= {
            "function": reference_of(function),
            "signature": signature_text(function),
            "description": self.data.get("description") or description_of(function),
            "on_failure": self.data.get("on_failure") or stand_in_of(function),
            "options": options,
            "runtime_options": runtime_options,
        }
        return self._as_written(outputs)

    def _as_written(self, outputs: dict[str, Any]) -> Task:
        fields = {name: self.data[name] for name in Task.model_fields if name in self.data}
        options = fields.get("options")
        if isinstance(options, Mapping):
            with _at(*self.place, "options"):
                fields["options"] = Options(**options)
        with _at(*self.place):
            return Task(**{**fields, "inputs": self._inputs, "outputs": outputs})

    def _check_names(self) -> None:
        for name in self.data:
            if name in Options.model_fields:
                raise ModelError(
                    f"{_text(self.place)}: {name!r} is an option: write options: {{{name}: ...}}"
                )
        self.reader._known(self.data, Task.model_fields, self.place, strict=True)

    def _outputs(self, function: Recordable[..., Any] | None) -> dict[str, Any]:
        def read(data: Any, place: Place) -> Any:
            long = long_output(data)
            if long["kind"] not in _OUTPUTS:
                raise ModelError(
                    f"{_text(place)}: expected {{}}, {{key: NAME}} or {{attribute: NAME}}, each "
                    f"also with 'serializer'; got {data!r:.80}"
                )
            kind = _OUTPUTS[long.pop("kind")]
            self.reader._known(long, kind.model_fields, place, strict=self.reader._strict)
            with _at(*place):
                if function is not None and kind is FromReturnValue and not long:
                    return output_of(function, iterated=False)
                return kind(**long)

        return self.reader._each(self.data, "outputs", self.place, read)

    def _options(self, function: Recordable[..., Any]) -> tuple[Options, Any]:
        given = dict(self.reader._mapping(self.data, "options", self.place))
        self.reader._known(given, Options.model_fields, (*self.place, "options"), strict=True)
        own = self.reader._mapping(self.data, "runtime_options", self.place)
        if own:
            with _at(*self.place, "runtime_options"):
                check_runtime_options(own)
            given["runtime_options"] = own
        with _at(*self.place, "options"):
            assert isinstance(function, TaskFunction)  # noqa: S101 - pipelines went another way
            return options_of(function.options(**given))

    def _pipeline(self, function: DagFunction[..., Any]) -> DAG:
        for name in ("outputs", "options", "runtime_options"):
            if name in self.data:
                raise ModelError(f"{_text(self.place)}: a pipeline's function has its own {name!r}")
        with _at(*self.place):
            dag = build(function)
            missing = [
                name
                for name, declared in dag.inputs.items()
                if name not in self._inputs and getattr(declared, "required", True)
            ]
            unknown = [name for name in self._inputs if name not in dag.inputs]
            if missing or unknown:
                what = f"has no input {listed(unknown)}" if unknown else f"needs {listed(missing)}"
                has = listed(dag.inputs)
                raise ModelError(f"pipeline {dag.name!r} {what}; its parameters: {has}")
            inputs = {
                name: self._inputs.get(name) or with_default(declared)
                for name, declared in dag.inputs.items()
            }
            return dag.having(
                inputs=FrozenMapping(inputs),
                within=tuple(self.data.get("within", ())),
                after=tuple(self.data.get("after", ())),
            )


def _keys(data: Any) -> set[str]:
    return set(data) if isinstance(data, Mapping) else set()


def _reads(sources: list[Any]) -> Iterator[tuple[str, str]]:
    for source in sources:
        if isinstance(source, FromNodeOutput):
            yield source.node, source.output
        yield from _reads(list(getattr(source, "items", ())))


def _text(place: Place) -> str:
    return ".".join(place)


@contextmanager
def _at(*place: str) -> Iterator[None]:
    """Put the place before what is wrong at it."""
    try:
        yield
    except ValidationError as error:
        raise ModelError(f"{_text(place)}: {first_problem(error, 'it')}") from None
    except DaggerProvidersError as error:
        where = _text((*place, *getattr(error, "place", ())))
        text = one_line(f"{where}: {error}" if where else error)
        kind = type(error) if type(error).__init__ is Exception.__init__ else UsageError
        raise kind(text) from error.__cause__
