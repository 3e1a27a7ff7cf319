"""Whether what we compile has the graph of a pipeline that was written with KFP's SDK.

Steps that planning inserts are contracted: what reads them reads what they read. So are tasks whose
work the SDK does without a container, and branches of which nothing is left then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

import networkx as nx
from spec_graph import Container

from dagger_providers.card import Card, Item, NodeOutput, Parameter, Value, loads
from dagger_providers.planning import Plan
from dagger_providers.planning.groups import owners_of
from dagger_providers.planning.naming import sanitized
from dagger_providers.planning.reading import artifacts_of, leaves_of


def are_same(one: nx.DiGraph, other: nx.DiGraph) -> bool:
    """Whether two graphs are isomorphic, labels of nodes and kinds of edges included."""
    return nx.is_isomorphic(_filled(one), _filled(other), node_match=_equal, edge_match=_equal)


def drawn(graph: nx.DiGraph) -> str:
    """Return the edges of a graph in one line."""
    edges = (f"{a} -{'+'.join(sorted(k))}-> {b}" for a, b, k in graph.edges(data="kinds"))
    return "; ".join(sorted(edges))


def by_command(made: Mapping[str, Any], node: str) -> Container:
    """Read a container of the SDK's: its command is the function's name."""
    return Container(made["command"][0], node)


def by_card(
    plan: Plan, without: Collection[str] = ()
) -> Callable[[Mapping[str, Any], str], Container]:
    """Return what reads a container of ours.

    Args:
        plan: Of the pipeline.
        without: Functions of tasks that are contracted.
    """
    owners = owners_of(plan.steps.values())

    def read(made: Mapping[str, Any], node: str) -> Container:
        words = made["args"]
        card = loads(words[words.index("--card") + 1])
        step = plan.steps.get(card.address)
        function = card.function.rpartition(":")[2]
        if step is not None and step.inserted:
            asked = (*card.emits, *card.decides)[-1]
            return Container("", card.address, tuple(_asked(card, asked, owners, node)))
        if function in without:
            leaves = chain.from_iterable(map(leaves_of, card.inputs.values()))
            return Container("", card.address, tuple(_told(leaves, owners, node)))
        uris = tuple(stored.uri for stored in artifacts_of(card))
        return Container(function, card.address, uris=uris)

    return read


def _asked(card: Card, axis: str, owners: Mapping[str, str], node: str) -> Iterator[str]:
    """Yield what a step reads that tells of an axis: steps, parameters, or the loop around it."""
    of = card.axes[axis]
    for joined in of.zips:
        yield from _asked(card, joined, owners, node)
    yield from _told(leaves_of(of.over) if of.over is not None else (), owners, node)


def _told(
    leaves: Iterable[Value | Parameter | NodeOutput | Item], owners: Mapping[str, str], node: str
) -> Iterator[str]:
    for leaf in leaves:
        match leaf:
            case Parameter(name=name):
                yield f"param:{name}"
            case NodeOutput(address=address):
                yield f"step:{owners.get(address, address)}"
            case Item(loop=loop):
                before, key, _ = node.rpartition(f"/for-each-{sanitized(loop)}")
                yield f"{before}{key}"


def _filled(graph: nx.DiGraph) -> nx.DiGraph:
    """Return a graph without the branches that hold nothing."""
    found = graph.copy()
    while empty := [node for node in found if _is_empty(found, node)]:
        found.remove_nodes_from(empty)
    return found


def _is_empty(graph: nx.DiGraph, node: str) -> bool:
    if graph.nodes[node].get("label") != "branch":
        return False
    return not any("in" in kinds for _, _, kinds in graph.out_edges(node, data="kinds"))


def _equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one == other
