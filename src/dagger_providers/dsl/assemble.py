"""Turn a recording into the model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from dagger_providers.card.annotations import hints
from dagger_providers.card.functions import reference_of, signature_text
from dagger_providers.dsl.compose import Given, Part, compose
from dagger_providers.dsl.composers import Composition
from dagger_providers.dsl.decorators import DagFunction, Recordable
from dagger_providers.dsl.inputs import Inputs, origins
from dagger_providers.dsl.naming import loop_names, node_names
from dagger_providers.dsl.outputs import WHOLE, OutputNames, outputs_of
from dagger_providers.dsl.parameters import parameter, with_default
from dagger_providers.dsl.recording import Recording
from dagger_providers.dsl.records import NodeRecord
from dagger_providers.dsl.references import Tree
from dagger_providers.dsl.settings import hook_of, options_of, stand_in_of
from dagger_providers.errors import BuildError
from dagger_providers.model import DAG, FromRecord, FromValue, FrozenMapping, Loop, Task
from dagger_providers.model.checks import check_dag
from dagger_providers.model.descriptions import description_of
from dagger_providers.model.frozen import EMPTY
from dagger_providers.model.hooks import HOOKS
from dagger_providers.model.nodes import AnyNode
from dagger_providers.model.options import check_runtime_options

Build = Callable[[DagFunction[..., Any]], DAG]


def assemble(
    function: DagFunction[..., Any],
    recording: Recording,
    results: dict[str, Tree],
    build: Build,
) -> DAG:
    """Return the model of one recorded pipeline; ``build`` builds the pipelines it calls.

    Raises:
        BuildError: A literal or a result cannot be written, or a name is given twice.
        ModelError: An option or a name is not valid.
    """
    return _Assembly(function, recording, results, build).dag()


class _Assembly:
    """The names and outputs that all parts of one model agree on."""

    def __init__(
        self,
        function: DagFunction[..., Any],
        recording: Recording,
        results: dict[str, Tree],
        build: Build,
    ) -> None:
        self.function = function
        self.place = recording.place
        self.results = results
        self.nodes = recording.nodes
        self.axes = recording.axes.records
        if not self.nodes:
            raise BuildError(f"{self.place} calls no task")
        self.build = build
        self.nested = {
            number: build(node.function)
            for number, node in enumerate(self.nodes)
            if isinstance(node.function, DagFunction)
        }
        self.names = node_names(self.nodes, self.place)
        self.loops = loop_names(self.axes, self.names)
        self.outputs: dict[int, OutputNames] = {}
        self._find_outputs()
        composed = {
            n for n, node in enumerate(self.nodes) if isinstance(node.function, Composition)
        }
        self.inputs = Inputs(
            self.names, self.loops, self.outputs, self.nested, composed, self.place
        )
        self._static: dict[int, _Static] = {}
        self._written: dict[Any, Any] = {}

    def dag(self) -> DAG:
        function, settings = self.function, self.function.settings
        nodes = zip(self.names, map(self._node, count(), self.nodes), strict=False)
        dag = DAG.trusted(
            nodes=FrozenMapping(dict(nodes)),
            inputs=FrozenMapping({name: parameter(function, name) for name in function.names}),
            outputs=FrozenMapping({n: self.inputs.of(tree) for n, tree in self.results.items()}),
            loops=FrozenMapping({self.loops[n]: self._loop(n) for n in range(len(self.axes))}),
            name=str(settings.get("title") or function.__name__.replace("_", "-").strip("-")),
            function=reference_of(function),
            description=description_of(function),
            runtime_options=check_runtime_options(settings.get("runtime_options") or EMPTY),
            **{name: self._hook(name) for name in HOOKS},
        )
        check_dag(dag)
        return dag

    # Outputs

    def _find_outputs(self) -> None:
        for node in self.nodes:
            for tree in node.inputs.values():
                if tree[0] == "node":
                    self._read(tree)
                elif tree[0] != "value":
                    self._use(tree)
        for tree in self.results.values():
            self._use(tree)
        for axis in self.axes:
            if axis.over is not None:
                self._use(axis.over, iterated=True)

    def _use(self, tree: Tree, *, iterated: bool = False) -> None:
        for origin in origins(tree):
            if origin[0] == "node":
                self._read(origin, iterated=iterated)

    def _read(self, tree: Tree, *, iterated: bool = False) -> None:
        _, number, path = tree
        names = self.outputs.get(number)
        if not path and not iterated:
            if names is None and number not in self.nested:
                self.outputs[number] = WHOLE
            if names is None or names is WHOLE:
                return
        elif number in self.nested:
            return
        elif names is None or names is WHOLE:
            fresh = self.outputs[number] = OutputNames()
            if names is WHOLE:
                fresh.add((), iterated=False)
            names = fresh
        names.add(path, iterated=iterated)

    # Parts of the model

    def _loop(self, number: int) -> Loop:
        axis = self.axes[number]
        return Loop.trusted(
            over=self.inputs.of(axis.over) if axis.over is not None else None,
            zips=tuple(self.loops[n] for n in axis.zips),
            within=tuple(self.loops[n] for n in axis.within),
        )

    def _node(self, number: int, node: NodeRecord) -> AnyNode:
        within = tuple([self.loops[n] for n in node.within]) if node.within else ()
        after = tuple([self.names[n] for n in node.after]) if node.after else ()
        nested = self.nested.get(number)
        if nested is not None:
            inputs = FrozenMapping(self._nested_inputs(node, nested))
            group = node.function.settings.get("group")
            return nested.having(inputs=inputs, within=within, after=after, group=group)
        if isinstance(node.function, Composition):
            return compose(node, self._part_of(number), self.inputs, within, after)
        static = self._static_of(node.function)
        outputs = self._outputs(number, node.function)
        content = (tuple(node.inputs.items()), id(outputs), within, after)
        found = static.made.get(content)
        if found is None:
            inputs = FrozenMapping(self._arguments(node, static.annotations))
            found = static.made[content] = static.task.having(
                inputs=inputs, outputs=outputs, within=within, after=after
            )
        return found

    def _hook(self, name: str) -> Task | None:
        hook = hook_of(self.function, name)
        if hook is None:
            return None
        return _Static(hook).task.having(inputs=FrozenMapping({hook.names[0]: FromRecord()}))

    def _static_of(self, function: Recordable[..., Any]) -> _Static:
        static = self._static.get(id(function))
        if static is None:
            static = self._static[id(function)] = _Static(function)
        return static

    def _part_of(self, number: int) -> Part:
        """Return what makes the node of a function that a switch or a loop is made of."""

        def part(function: Recordable[..., Any], given: Given, names: OutputNames | None) -> Any:
            annotations = hints(function)
            inputs = {
                name: self.inputs.argument(tree, annotations.get(name), f"{self.place}: a literal")
                for name, tree in given.items()
            }
            if isinstance(function, DagFunction):
                nested = self.build(function)
                filled = {n: inputs.get(n) or with_default(d) for n, d in nested.inputs.items()}
                group = function.settings.get("group")
                return nested.having(inputs=FrozenMapping(filled), group=group)
            read = self.outputs.get(number)
            if names is not None:
                if read is not None and read.has(()):
                    names.add((), iterated=False)
                read = names
            outputs = FrozenMapping(outputs_of(function, read)) if read else EMPTY
            return self._static_of(function).task.having(
                inputs=FrozenMapping(inputs), outputs=outputs
            )

        return part

    def _outputs(self, number: int, function: Recordable[..., Any]) -> FrozenMapping[Any]:
        names = self.outputs.get(number)
        if names is None:
            return EMPTY
        key = id(function) if names is WHOLE else (id(function), *names.named())
        found = self._written.get(key)
        if found is None:
            found = self._written[key] = FrozenMapping(outputs_of(function, names))
        return found

    def _arguments(self, node: NodeRecord, annotations: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, tree in node.inputs.items():
            if tree[0] != "value":
                made[name] = self.inputs.of(tree)
                continue
            _, value, kind = tree
            annotation = annotations.get(name)
            if kind is annotation and kind in _NUMBERS:  # most literals
                made[name] = FromValue.trusted(value=value)
            else:
                place = f"{self.place}: {node.function.__name__}({name}=...)"
                made[name] = self.inputs.argument(tree, annotation, place)
        return made

    def _nested_inputs(self, node: NodeRecord, nested: DAG) -> dict[str, Any]:
        given = self._arguments(node, hints(node.function))
        return {
            name: given[name] if name in given else with_default(declared)
            for name, declared in nested.inputs.items()
        }


_NUMBERS = frozenset({int, bool})
"""Types whose values are JSON as they are."""


class _Static:
    """What all calls of one function share; equal calls share their whole task."""

    __slots__ = ("annotations", "made", "task")

    def __init__(self, function: Recordable[..., Any]) -> None:
        self.made: dict[Any, Task] = {}
        options, runtime_options = options_of(function)
        self.annotations = hints(function)
        self.task = Task.trusted(
            function=reference_of(function),
            signature=signature_text(function),
            description=description_of(function),
            on_failure=stand_in_of(function),
            options=options,
            runtime_options=runtime_options,
        )
