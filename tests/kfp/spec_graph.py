"""A pipeline of KFP as a graph of what is in it, whoever compiled it.

Nodes are containers by the function that they run, importers by what they import, loops, branches
and parameters. Edges say what stands in what, what has to be over before what, over which result a
loop runs, by which result a branch is chosen, and who reads what is imported. A DAG that only holds
others together leaves no trace; neither do names.

What is imported is read by a container that has its importer for an input, as the SDK's do, or that
names its URI, as ours do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import networkx as nx

CHOSEN_BY = re.compile(r"inputs\.parameter_values\['([^']+)'\]")

PLACEHOLDER = re.compile(r"\{\{\$\.inputs\.parameters\['([^']+)'\]\}\}")

Sources: TypeAlias = frozenset[str]
"""The containers, parameters (``param:NAME``) and loops whose value something is."""

Known: TypeAlias = Mapping[str, Sources]


@dataclass(frozen=True)
class Container:
    """What a container runs.

    Attributes:
        function: The function; empty for a container that is to be contracted.
        name: What others call it.
        reads: Of one that is contracted: ``step:NAME``, ``param:NAME``, or a loop's node.
        uris: The artifacts that it reads by itself.
    """

    function: str
    name: str
    reads: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()


def graph_of(spec: Any, read: Callable[[Mapping[str, Any], str], Container]) -> nx.DiGraph:
    """Return the graph of a pipeline.

    Args:
        spec: A ``PipelineSpec``, as JSON data.
        read: Reads what a container runs, from its definition and its node.
    """
    return _Graph(spec, read).whole()


def _filled(word: str, given: Mapping[str, Any]) -> str:
    """Return a word of a command, with what is constant in a task in its place."""
    found = PLACEHOLDER.fullmatch(word)
    value = given.get(found[1], {}).get("runtimeValue", {}).get("constant", word) if found else word
    return str(value)


@dataclass
class _Graph:
    spec: Mapping[str, Any]
    read: Callable[[Mapping[str, Any], str], Container]
    graph: nx.DiGraph = field(default_factory=nx.DiGraph)
    contracted: dict[str, Container] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    before: list[tuple[str, str]] = field(default_factory=list)
    told: list[tuple[Sources, str, str]] = field(default_factory=list)
    imported: dict[str, str] = field(default_factory=dict)
    """Importers by their nodes and by their URIs."""
    read_by: list[tuple[Iterable[str], str]] = field(default_factory=list)
    """What may be importers, or their URIs, and who reads it."""

    def whole(self) -> nx.DiGraph:
        root = self.spec["root"]
        declared = root.get("inputDefinitions", {}).get("parameters", {})
        self._dag(root["dag"], "", {name: frozenset({f"param:{name}"}) for name in declared}, "")
        for one, other in self.before:
            if self.contracted.keys().isdisjoint({one, other}):
                self._edge(one, other, "before")
        for sources, node, kind in self.told:
            for source in self._followed(sources):
                if source.startswith("param:"):
                    self.graph.add_node(source, label=source)
                self._edge(source, node, kind)
        for artifacts, node in self.read_by:
            for importer in {self.imported[one] for one in artifacts if one in self.imported}:
                self._edge(importer, node, "read")
        return self.graph

    def _edge(self, one: str, other: str, kind: str) -> None:
        kinds = self.graph.edges[one, other]["kinds"] if self.graph.has_edge(one, other) else ()
        self.graph.add_edge(one, other, kinds=frozenset({*kinds, kind}))

    def _followed(self, sources: Iterable[str]) -> Iterator[str]:
        """Yield what is read through containers that are contracted."""
        for source in sources:
            found = self.contracted.get(source)
            if found is None:
                yield source
            else:
                steps = (name.removeprefix("step:") for name in found.reads)
                yield from self._followed(self.named.get(name, name) for name in steps)

    def _dag(self, dag: Mapping[str, Any], place: str, known: Known, around: str) -> list[str]:
        """Add the tasks of a DAG; return the containers and importers in it."""
        tasks = dag["tasks"]
        inside = {key: self._task(tasks, key, place, known, around) for key in tasks}
        order = nx.DiGraph()
        order.add_edges_from((d, k) for k, t in tasks.items() for d in t.get("dependentTasks", ()))
        for one, other in nx.transitive_closure_dag(order).edges:
            self.before += [(a, b) for a in inside[one] for b in inside[other]]
        return [node for nodes in inside.values() for node in nodes]

    def _task(
        self, tasks: Mapping[str, Any], key: str, place: str, known: Known, around: str
    ) -> list[str]:
        task, node = tasks[key], f"{place}/{key}"
        component = self.spec["components"][task["componentRef"]["name"]]
        given = _both(task.get("inputs", {}))
        read = {name: self._source(one, tasks, place, known) for name, one in given.items()}
        if "executorLabel" in component:
            self._run(component["executorLabel"], node, around, read, task)
            return [node]
        region = around
        iterator = task.get("parameterIterator") or task.get("artifactIterator")
        if iterator:
            region = self._region(node, "loop", around)
            over = iterator["items"].get("inputParameter") or iterator["items"].get("inputArtifact")
            self.told.append((read.get(over, frozenset()), node, "over"))
            read[iterator["itemInput"]] = frozenset({node})
        condition = task.get("triggerPolicy", {}).get("condition")
        if condition:
            region = self._region(node, "branch", around)
            chosen_by = sorted(set(CHOSEN_BY.findall(condition)))
            self.told += [(read[name], node, "by") for name in chosen_by]
        return self._dag(component["dag"], node, read, region)

    def _region(self, node: str, kind: str, around: str) -> str:
        self.graph.add_node(node, label=kind)
        if around:
            self._edge(around, node, "in")
        return node

    def _run(self, label: str, node: str, around: str, read: Known, task: Any) -> None:
        executor = self.spec["deploymentSpec"]["executors"][label]
        if "importer" in executor:
            self._importer(executor["importer"], node, read)
        else:
            made = executor["container"]
            values = task.get("inputs", {}).get("parameters", {})
            made = {**made, "args": [_filled(word, values) for word in made.get("args", ())]}
            self._container(made, node, read)
        if around and node in self.graph:
            self._edge(around, node, "in")

    def _importer(self, importer: Mapping[str, Any], node: str, given: Known) -> None:
        uri, kind = importer["artifactUri"], importer["typeSchema"]["schemaTitle"]
        place, again = uri.get("constant", ""), importer.get("reimport", False)
        self.graph.add_node(node, label=("import", place, kind, again))
        self.told.append((given.get(uri.get("runtimeParameter", ""), frozenset()), node, "from"))
        self.imported |= {node: node, place: node}

    def _container(self, made: Mapping[str, Any], node: str, given: Known) -> None:
        found = self.read(made, node)
        self.named[found.name] = node
        if not found.function:
            self.contracted[node] = found
            return
        self.read_by.append(({*found.uris, *frozenset().union(*given.values())}, node))
        asked = made.get("resources", {})
        limits = {name: asked.get(f"resource{name}Limit") for name in ("Cpu", "Memory")}
        limits["accelerator"] = asked.get("accelerator")
        env = {one["name"]: one["value"] for one in made.get("env", ())}
        env.pop("PYTHONHASHSEED", None)  # all containers of ours have it
        self.graph.add_node(node, label=(found.function, limits, env))

    # Where values come from

    def _source(
        self, given: Mapping[str, Any], tasks: Mapping[str, Any], place: str, known: Known
    ) -> Sources:
        outer = given.get("componentInputParameter") or given.get("componentInputArtifact")
        if outer is not None:
            return known.get(outer, frozenset())
        output = given.get("taskOutputParameter") or given.get("taskOutputArtifact")
        if output is None:
            return frozenset()
        return self._made_by(tasks, output["producerTask"], _key(output), place)

    def _made_by(self, tasks: Mapping[str, Any], key: str, output: str, place: str) -> Sources:
        """Return the containers that may make an output of a task."""
        component = self.spec["components"][tasks[key]["componentRef"]["name"]]
        node = f"{place}/{key}"
        if "executorLabel" in component:
            return frozenset({node})
        dag = component["dag"]
        return frozenset().union(
            *(
                self._made_by(dag["tasks"], one["producerSubtask"], _key(one), node)
                for one in _selectors(_both(dag["outputs"])[output])
            )
        )


def _both(ports: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**ports.get("parameters", {}), **ports.get("artifacts", {})}


def _key(output: Mapping[str, Any]) -> str:
    found: str = output.get("outputParameterKey") or output["outputArtifactKey"]
    return found


def _selectors(made: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return by which outputs of tasks in it an output of a DAG is made."""
    if "artifactSelectors" in made:
        return made["artifactSelectors"]
    one_of = made.get("valueFromOneof", {}).get("parameterSelectors")
    return one_of or [made["valueFromParameter"]]
