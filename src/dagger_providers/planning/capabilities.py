"""What a target refuses or limits: rows of a table, and where a pipeline meets one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dagger_providers.card.functions import is_live
from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG
from dagger_providers.model.nodes import AnyNode, children
from dagger_providers.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a thing that a target cannot do.

    Attributes:
        target: The target: ``kfp``.
        name: What the row is called, one of its target: ``whole-number``.
        about: What a pipeline must not ask for.
        reason: Why not, in the engine's terms.
        source: Where that is known from: a page, an issue, a source file.
        instead: What to write instead.
        versions: The engine's versions for which it holds, as pip writes them: ``>=3.1``.
        certain: Whether it fails everywhere; else it depends on how a cluster is configured, so
            that only ``check`` tells it and nothing is refused.
    """

    target: str
    name: str
    about: str
    reason: str
    source: str
    instead: str
    versions: str
    certain: bool = True

    @property
    def id(self) -> str:
        """What the row is called in the whole table: ``kfp/whole-number``."""
        return f"{self.target}/{self.name}"

    def at(self, place: str, what: str, instead: str = "") -> Refusal:
        """Return what it means for one place of a pipeline; see `Refusal`."""
        return Refusal(self, place, what, instead or self.instead)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place of a pipeline that a target cannot do.

    Attributes:
        rule: The row of the table.
        place: The place: ``task 'fit'``, ``parameter 'n'``.
        what: What is wrong there and why, a sentence.
        instead: What to write instead.
    """

    rule: Rule
    place: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.rule.target}: {self.what}; {self.instead}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a pipeline is to run, as far as it is said; what is None is not checked.

    Attributes:
        variant: Which way of a target that has several, such as a launcher; empty: the first.
        store: The store that holds all runs; empty: there is none.
        image: The image of tasks that name none; empty: there is none.
    """

    variant: str = ""
    store: str | None = None
    image: str | None = None


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raise for what fails everywhere.

    Raises:
        CapabilityError: The first, and how many more there are.
    """
    found = [refusal for refusal in refusals if refusal.rule.certain]
    if found:
        first, more = found[0], len(found) - 1
        tail = f" (and {more} more: dagger-providers check lists them)" if more else ""
        raise CapabilityError(first.rule.target, first.what, first.instead + tail)


# What several targets look for


def live_steps(lowered: Plan) -> Iterator[str]:
    """Yield the steps that need a function which only this process has.

    Beside its own function a step may need that of the pipeline, whose annotations say how its
    parameters are read.
    """
    live = {n for n, s in lowered.parameters.items() if is_live(s.serializer.annotation or "")}
    for address, step in lowered.all_steps.items():
        if any(map(is_live, step.card.functions)) or not live.isdisjoint(step.parameters):
            yield address


def nested_with_options(dag: AnyNode, runtime: str, prefix: str = "") -> Iterator[str]:
    """Yield the nested pipelines that have options of a runtime, which their tasks cannot keep."""
    for name, node in children(dag).items():
        if isinstance(node, DAG) and node.runtime_options.get(runtime):
            yield prefix + name
        yield from nested_with_options(node, runtime, f"{prefix}{name}.")
