"""What a target refuses or limits: rows of a table, and where a pipeline meets one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dagger_providers.card.artifacts import is_local, is_of_one_process
from dagger_providers.card.functions import is_live
from dagger_providers.errors import CapabilityError
from dagger_providers.model import DAG, Task, thaw
from dagger_providers.model.hooks import hooks_of
from dagger_providers.model.names import listed
from dagger_providers.model.nodes import AnyNode, children
from dagger_providers.planning.plan import Plan
from dagger_providers.planning.reading import artifacts_of


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
        code_root: The folder in images that files of code are relative to.
    """

    variant: str = ""
    store: str | None = None
    image: str | None = None
    code_root: str | None = None


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raise for what fails everywhere.

    Raises:
        CapabilityError: The first, and how many more there are.
    """
    found = [refusal for refusal in refusals if refusal.rule.certain]
    if found:
        first, more = found[0], len(found) - 1
        tail = (
            f" (and {more} more: see dagger-providers check, given the same options)"
            if more
            else ""
        )
        raise CapabilityError(first.rule.target, first.what, first.instead + tail)


# What several targets look for


def live_steps(lowered: Plan) -> Iterator[str]:
    """Yield the steps that need a function which only this process has.

    Beside its own function a step may need that of the pipeline, whose annotations say how its
    parameters are read.
    """
    live = {n for n, s in lowered.parameters.items() if is_live(s.serializer.annotation or "")}
    for address, step in lowered.all_steps.items():
        classes = (found.serializer.annotation or "" for found in artifacts_of(step.card))
        needed = (*step.card.functions, *classes)
        if any(map(is_live, needed)) or not live.isdisjoint(step.parameters):
            yield address


def nested_with_options(dag: AnyNode, *runtimes: str, prefix: str = "") -> Iterator[str]:
    """Yield the nested pipelines that have options of runtimes, which their tasks cannot keep."""
    for name, node in children(dag).items():
        if isinstance(node, DAG) and any(map(node.runtime_options.get, runtimes)):
            yield prefix + name
        yield from nested_with_options(node, *runtimes, prefix=f"{prefix}{name}.")


def image_refusals(
    lowered: Plan, rule: Rule, why: str, exempt: Collection[str] = ()
) -> Iterator[Refusal]:
    """Yield that steps have no image: one refusal, since one image helps them all.

    Args:
        lowered: The pipeline.
        rule: The row of the target.
        why: What they need it for, as the text ends.
        exempt: Addresses of steps that need none.
    """
    steps = lowered.all_steps.items()
    found = [repr(a) for a, step in steps if not step.options.image and a not in exempt]
    if found:
        place = f"task{'s' if len(found) > 1 else ''} {listed(found)}"
        yield rule.at(place, f"{place} ha{'ve' if len(found) > 1 else 's'} no image {why}")


@dataclass(frozen=True, slots=True)
class ArtifactRules:
    """The rows of a target whose processes have file systems of their own.

    Attributes:
        relative: An artifact at a location that means another file in each process.
        local: An artifact in a file system, where the store is none.
    """

    relative: Rule
    local: Rule


def artifact_refusals(lowered: Plan, to: Deployment, rules: ArtifactRules) -> Iterator[Refusal]:
    """Yield the artifacts that steps would not find where they run."""
    steps = lowered.all_steps.values()
    is_remote = to.store is not None and "://" in to.store and not is_local(to.store)
    for uri in dict.fromkeys(one.uri for step in steps for one in artifacts_of(step.card)):
        place = f"artifact {uri!r}"
        if is_of_one_process(uri):
            yield rules.relative.at(place, f"{place} means another file in each process, or none")
        elif is_remote and is_local(uri):
            yield rules.local.at(
                place, f"{place} lies in a file system, and the store at {to.store}"
            )


def native_tasks(dag: AnyNode, prefix: str = "") -> Iterator[tuple[str, Task]]:
    """Yield the tasks that are operators of Airflow's own there, with their addresses."""
    for name, node in children(dag).items():
        if isinstance(node, Task) and _is_native(node):
            yield prefix + name, node
        yield from native_tasks(node, f"{prefix}{name}.")
    if isinstance(dag, DAG):
        yield from ((prefix + name, hook) for name, hook in hooks_of(dag) if _is_native(hook))


def _is_native(task: Task) -> bool:
    return "operator" in task.runtime_options.get("airflow", {})


def airflow_only(dag: DAG, rule: Rule) -> Iterator[Refusal]:
    """Yield the tasks for which nothing stands in where there is no Airflow."""
    for address, task in native_tasks(dag):
        if thaw(task.runtime_options["airflow"]["operator"]).get("stand_in", True) is False:
            yield rule.at(
                f"task {address!r}",
                f"task {address!r} is an operator of Airflow's own without a stand-in",
            )


# What all targets look for that compile to a manifest of containers


def nested_refusals(dag: DAG, rule: Rule, *runtimes: str) -> Iterator[Refusal]:
    """Yield the nested pipelines that have options of runtimes."""
    for address in nested_with_options(dag, *runtimes):
        yield rule.at(
            f"pipeline {address!r}",
            f"nested pipeline {address!r} has options, and its tasks are compiled as tasks of the "
            "outer pipeline",
        )


def hook_refusals(lowered: Plan, rule: Rule) -> Iterator[Refusal]:
    """Yield the hooks of nested pipelines."""
    for hook in lowered.hooks:
        if "." in hook.address:
            yield rule.at(
                f"hook {hook.address!r}",
                f"{hook.address!r} is a hook of a nested pipeline, and {rule.reason}",
            )


@dataclass(frozen=True, slots=True)
class ContainerRules:
    """The rows of a target that runs every step in a container.

    Attributes:
        no_image: A step without an image.
        relative_store: A store that each container would look for elsewhere.
        live_function: A step whose function no container can import.
    """

    no_image: Rule
    relative_store: Rule
    live_function: Rule


def container_refusals(lowered: Plan, to: Deployment, rules: ContainerRules) -> Iterator[Refusal]:
    """Yield why steps cannot run in containers."""
    if to.image == "":
        yield from image_refusals(lowered, rules.no_image, "to run in")
    if to.store is not None and "://" not in to.store and not to.store.startswith("/"):
        yield rules.relative_store.at(
            "store", f"store {to.store!r} means another folder in each container"
        )
    for address in live_steps(lowered):
        yield rules.live_function.at(
            f"task {address!r}",
            f"task {address!r} needs a function that lives only in this process (one of a "
            "notebook, or inside another function)",
        )
