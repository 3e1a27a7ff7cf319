"""Write a plan as KFP's ``PipelineSpec``: containers in its own loops and conditions.

Values never pass through KFP: its parameters carry those of the pipeline, the run's id, for a loop
the list of its positions, and for a switch the name of the branch that runs, unless KFP compares a
parameter of the pipeline itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from dagger_providers import __version__
from dagger_providers.card import Stored
from dagger_providers.card.axes import SEVERAL
from dagger_providers.kfp import importers
from dagger_providers.kfp.conditions import any_of, equals, none_of
from dagger_providers.kfp.containers import (
    CHANNEL,
    RUN_ID,
    STARTED,
    STARTED_FROM,
    TOLD,
    TOLD_AT,
    container,
    index_inputs,
)
from dagger_providers.kfp.definitions import (
    Container,
    Definition,
    define,
    definitions,
    platform,
)
from dagger_providers.kfp.options import (
    PipelineOptions,
    pipeline_options,
    pod_options,
    task_options,
)
from dagger_providers.kfp.parameters import Native, declare, native, set_type, set_value
from dagger_providers.kfp.platform import PlatformOptions, executor_config
from dagger_providers.kfp.ports import Port
from dagger_providers.kfp.protobuf import messages
from dagger_providers.kfp.refusals import refusals
from dagger_providers.kfp.validate import validate
from dagger_providers.kfp.wiring import declare_inputs, declare_outputs, hand_out, output_words
from dagger_providers.model import DAG
from dagger_providers.planning import NestedPlan, Step, nested_plan
from dagger_providers.planning.capabilities import Deployment, refuse
from dagger_providers.planning.manifests import ANYWHERE, Target
from dagger_providers.planning.naming import pipeline_name, unique, unique_keys
from dagger_providers.planning.plan import Branch, Branches, Loop, Region
from dagger_providers.planning.source import dag_of

if TYPE_CHECKING:
    from dagger_providers.planning.source import Pipeline

JOB_ID = "{{$.pipeline_job_uuid}}"
"""KFP puts the run's id in its place, where it is the whole constant value of a task's input."""

STEPS, HOOKS, OUTCOME = "steps[]", "hooks[]", "outcome[]"
"""What the parts of a pipeline with hooks are called; brackets leave the key, no address has them.
"""

BEGIN, EXPORT = "dagger-run[]", "dagger-outputs[]"
"""Steps that are inserted into a component: the one that makes its run, and the one that hands its
results to KFP."""


def pipeline_spec(
    pipeline: Pipeline, *, store: str, image: str | None = None, code_root: str | None = None
) -> Any:
    """Return a pipeline as KFP's ``PipelineSpec`` message, checked.

    For those who go on with the message; `dagger_providers.kfp.compile` gives its text, and says
    what the arguments mean and what is raised.
    """
    return manifest(pipeline, Target(store, image, code_root)).spec


_ITEM = "-loop-item"
"""KFP's local engine cuts it out of the name of a list, and asks the task of the remaining name."""


class Manifest(NamedTuple):
    """What a pipeline is compiled to.

    Attributes:
        spec: KFP's ``PipelineSpec``.
        platform: What its pods are asked to have, in JSON form: the second document of KFP's YAML;
            empty when they are asked for nothing.
    """

    spec: Any
    platform: dict[str, Any]


def manifest(pipeline: Pipeline, target: Target) -> Manifest:
    """Compile a pipeline; raises as `dagger_providers.kfp.compile`."""
    dag = dag_of(pipeline)
    lowered = nested_plan(dag)
    refuse(refusals(dag, lowered, Deployment(store=target.store, image=target.image or "")))
    return emitted(dag, lowered, target)


class Interface(NamedTuple):
    """What a compiled pipeline takes and gives beside what lies in the store.

    Attributes:
        inputs: Its parameters, where they are not those of a pipeline that stands alone.
        outputs: What the step `EXPORT` writes as KFP's own outputs.
        name: What it is called; empty: as the pipeline.
        begins: Whether the step `BEGIN` makes a run of its own in KFP's.
    """

    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    name: str = ""
    begins: bool = False


NOTHING_ELSE = Interface()


def emitted(
    dag: DAG, lowered: NestedPlan, target: Target, interface: Interface = NOTHING_ELSE
) -> Manifest:
    """Compile a pipeline that KFP can do; see `refusals`."""
    emitter = _Emitter(lowered, target, pipeline_options(dag), interface)
    found = Manifest(emitter.emit(), platform(emitter.defined))
    validate(found.spec)
    return found


class TaskNames(NamedTuple):
    """What KFP's tasks of one step are called.

    Attributes:
        own: The key of the tasks that run it.
        outer: The key of the task outside all loops and branches that they are in.
    """

    own: str
    outer: str


def task_names(lowered: NestedPlan) -> dict[str, TaskNames]:
    """Return by step what KFP calls its tasks in a run of the compiled pipeline."""
    emitter = _Emitter(lowered, ANYWHERE, PipelineOptions())
    emitter.name()
    outer = emitter.outermost()
    return {address: TaskNames(emitter.keys[address], outer[address]) for address in outer}


class _Channel(NamedTuple):
    """A value of KFP's own that tasks read.

    Attributes:
        name: The input that carries it into a DAG.
        type: Its type.
        step: The step that tells it; empty for what only comes in: a parameter, a loop's item.
    """

    name: str
    type: str
    step: str = ""


_Needed = dict[str, _Channel]
"""What a DAG reads that it does not make itself, by name."""


@dataclass(slots=True)
class _Emitter:
    """One pipeline that is being written."""

    plan: NestedPlan
    target: Target
    options: PipelineOptions
    interface: Interface = NOTHING_ELSE
    spec: Any = None
    keys: dict[str, str] = field(default_factory=dict)
    """A key for each step, and for each part that holds others."""
    imported: dict[str, Stored] = field(default_factory=dict)
    """What importers make known to KFP, by their names."""
    defined: dict[str, Definition] = field(default_factory=dict)
    """What the task of each step runs."""
    names: dict[int, str] = field(default_factory=dict)
    """What each part that holds others, and each branch's region, is called in `keys`."""

    def emit(self) -> Any:
        """Write everything and return the message."""
        self.spec = messages().PipelineSpec(
            schema_version="2.1.0", sdk_version=f"dagger-providers-{__version__}"
        )
        self.name()
        self._define()
        self._describe()
        imports = {}
        for name, stored in self.imported.items():
            component = self.spec.components[f"comp-{self.keys[name]}"]
            component.executor_label = f"exec-{self.keys[name]}"
            importers.declare(component, stored)
            imports[component.executor_label] = {"importer": importers.executor(stored)}
        define(self.spec, self.defined, imports)
        if self.interface.outputs:
            component = self.spec.components[f"comp-{self.defined[EXPORT].name}"]
            declare_outputs(component, self.interface.outputs)
        if self.plan.hooks:
            self._add_hooks()
        else:
            self._fill(self.spec.root.dag, self.plan.root, ())
            self._hand_out(self.spec.root, EXPORT)
        declare_outputs(self.spec.root, self.interface.outputs)
        return self.spec

    def _define(self) -> None:
        steps = self.plan.all_steps
        containers = {address: self._container(step) for address, step in steps.items()}
        taken = (key for name, key in self.keys.items() if name not in steps)
        self.defined = definitions(steps, containers, self.keys, taken)

    def _container(self, step: Step) -> Container:
        options, more = task_options(step), self._more_words(step)
        kinds = {name: self._how(name) for name in step.parameters}
        inputs = dict.fromkeys((RUN_ID, *index_inputs(step)), "STRING")
        inputs |= {name: self._parameter(name).type for name in step.parameters}
        chooses = step.card.decides or step.address == BEGIN
        told = "LIST" if step.card.emits else "STRING" if chooses else ""
        return Container(
            container(step, kinds, self.target, options, more),
            executor_config(self._pod_options(step)),
            inputs,
            {TOLD: told} if told else {},
        )

    def _pod_options(self, step: Step) -> PlatformOptions:
        options = task_options(step)
        asked = pod_options(self.options, options)
        if not options.infrastructure_retries:
            return asked
        fields = {**asked.field_path_as_env, STARTED: STARTED_FROM}
        return asked.model_copy(update={"field_path_as_env": fields})

    def name(self) -> None:
        """Give a key to all that becomes a task."""
        self._name_parts(self.plan.root, set())
        self.imported = importers.importers(self.plan)
        taken = (*self.plan.all_steps, *self.names.values(), *self.imported, STEPS, HOOKS, OUTCOME)
        self.keys = _keys(taken)

    def outermost(self) -> dict[str, str]:
        """Return by step the key of the task outside all loops and branches that it is in."""
        found: dict[str, str] = {}
        for part in self.plan.root.parts:
            if not isinstance(part, str):
                inside = Region(self.plan.root.space, (part,)).addresses
                found |= dict.fromkeys(inside, self._key(part))
        return {address: found.get(address, self.keys[address]) for address in self.plan.all_steps}

    def _name_parts(self, region: Region, taken: set[str]) -> None:
        for part in region.parts:
            if isinstance(part, str):
                continue
            kind = f"for-each-{part.axis}" if isinstance(part, Loop) else f"switch-{part.name}"
            self.names[id(part)] = unique(f"{kind}[]", taken)
            for branch in part.branches if isinstance(part, Branches) else ():
                self.names[id(branch)] = unique(f"if-{branch.guard}[]", taken)
        for inner in region.inner:
            self._name_parts(inner, taken)

    def _describe(self) -> None:
        info = self.spec.pipeline_info
        info.name = pipeline_name(self.interface.name or self.plan.name)
        info.description = self.plan.description
        info.display_name = self.options.display_name
        declare_inputs(self.spec.root, self.interface.inputs)
        if self.interface.begins:
            return
        for name, source in self.plan.parameters.items():
            declare(self.spec.root.input_definitions.parameters[name], source)

    def _more_words(self, step: Step) -> list[str]:
        if step.address == EXPORT:
            return output_words(self.interface.outputs)
        return ["--new-run", TOLD_AT] if step.address == BEGIN else []

    def _hand_out(self, component: Any, address: str) -> None:
        if self.interface.outputs:
            hand_out(component.dag, self.keys[address], self.interface.outputs)

    def _how(self, name: str) -> Native | None:
        """Return how a parameter travels; None as JSON text."""
        given = {port.name: Native(port.kind, port.type) for port in self.interface.inputs}
        return given[name] if name in given else native(self.plan.parameters[name])

    def _parameter(self, name: str) -> _Channel:
        how = self._how(name)
        return _Channel(name, how.type if how else "STRING")

    # DAGs

    def _fill(self, dag: Any, region: Region, items: tuple[_Channel, ...]) -> _Needed:
        """Write the tasks of a region into a DAG; return what they read from around it.

        Args:
            dag: The DAG.
            region: The region.
            items: The item of each loop around it, outermost first.
        """
        needed: _Needed = {}
        homes = self._import(dag) if region is self.plan.root else {}
        for part in region.parts:
            waits = (*self._begun, *self._importers_of(part))
            if isinstance(part, str):
                step = self.plan.steps[part]
                before = _known(homes, (*step.needs, *waits))
                self._add_task(dag, step, before)
                reads = {name: self._parameter(name) for name in step.parameters}
                if self._begun and part != BEGIN:
                    reads[RUN_ID] = _Channel(RUN_ID, "STRING", BEGIN)
                reads |= dict(zip(index_inputs(step), items, strict=True))
                homes[part] = self.keys[part]
            elif isinstance(part, Loop):
                before = _known(homes, (*part.needs, *waits))
                reads = self._add_loop(dag, part, items, before)
                homes |= dict.fromkeys(part.body.addresses, self._key(part))
            else:
                before = _known(homes, (*part.needs, *waits))
                reads = self._add_branches(dag, part, items, before)
                inside = (a for branch in part.branches for a in branch.body.addresses)
                homes |= dict.fromkeys(inside, self._key(part))
            key = homes[part] if isinstance(part, str) else self._key(part)
            needed |= self._connect(dag.tasks[key], reads, homes)
        return needed

    def _import(self, dag: Any) -> dict[str, str]:
        """Add the importers to a DAG; return their keys by their names."""
        for name, stored in self.imported.items():
            task = self._new_task(dag, self.keys[name], self.keys[name], ())
            task.caching_options.SetInParent()
            importers.hand_in(task, stored)
        return {name: self.keys[name] for name in self.imported}

    def _importers_of(self, part: Any) -> Iterable[str]:
        if not self.imported:  # most pipelines have none, and parts many steps
            return ()
        inside = Region(self.plan.root.space, (part,)).addresses
        return importers.read_by((self.plan.steps[a] for a in inside), self.imported)

    @property
    def _begun(self) -> tuple[str, ...]:
        return (BEGIN,) if self.interface.begins else ()

    def _key(self, part: Any) -> str:
        return self.keys[self.names[id(part)]]

    def _connect(
        self, task: Any, reads: Mapping[str, _Channel], homes: Mapping[str, str]
    ) -> _Needed:
        """Say where a task's inputs come from; return what has to come from around its DAG."""
        needed: _Needed = {}
        for name, channel in reads.items():
            given = task.inputs.parameters[name]
            if channel.step in homes:
                output = given.task_output_parameter
                output.producer_task, output.output_parameter_key = homes[channel.step], TOLD
            else:
                given.component_input_parameter = channel.name
                needed[channel.name] = channel
        return needed

    def _add_task(self, dag: Any, step: Step, before: Iterable[str]) -> None:
        key = self.keys[step.address]
        options = task_options(step)
        tells = step.card.emits or step.card.decides
        named = options.display_name and not tells
        definition = self.defined[step.address]
        task = self._new_task(dag, key, definition.name, before)
        task.task_info.name = options.display_name if named else key
        definition.give_card(task)
        task.caching_options.SetInParent()  # off: what a task gives lies in its own run's folder
        if not self._begun or step.address == BEGIN:
            set_value(task.inputs.parameters[RUN_ID].runtime_value.constant, JOB_ID)
        if options.infrastructure_retries:
            task.retry_policy.max_retry_count = options.infrastructure_retries

    def _new_task(self, dag: Any, key: str, component: str, before: Iterable[str]) -> Any:
        task = dag.tasks[key]
        task.task_info.name = key
        task.component_ref.name = f"comp-{component}"
        task.dependent_tasks.extend(before)
        return task

    def _add_dag(self, dag: Any, key: str, before: Iterable[str]) -> tuple[Any, Any]:
        """Add a task to a DAG that is a DAG itself; return the task and its component."""
        task = self._new_task(dag, key, key, before)
        return task, self.spec.components[task.component_ref.name]

    def _add_loop(
        self, dag: Any, loop: Loop, items: tuple[_Channel, ...], before: Iterable[str]
    ) -> _Needed:
        """Add a loop: a task whose component holds the steps, run once for each position.

        The shape is what the SDK gives a ``ParallelFor`` over a task's output, and so are names,
        but for the item's: `kfp.local` takes each ``-loop-item`` for the innermost loop's.
        """
        task, component = self._add_dag(dag, self._key(loop), before)
        name = f"{CHANNEL}{self.keys[loop.indices_from]}-{TOLD}"
        positions = _Channel(name, "LIST", loop.indices_from)
        item = _Channel(unique(f"{name}-item", {one.name for one in items}), "STRING")
        needed = self._fill(component.dag, loop.body, (*items, item))
        needed.pop(item.name, None)
        needed[name] = positions
        _declare(component, (*needed.values(), item))
        task.parameter_iterator.item_input = item.name
        task.parameter_iterator.items.input_parameter = name
        limits = (self.options.parallelism, self._concurrency(loop))
        parallelism = min(filter(None, limits), default=0)
        if parallelism:
            task.iterator_policy.parallelism_limit = parallelism
        return needed

    def _concurrency(self, loop: Loop) -> int | None:
        """Return how many items may run at a time: one, where a loop inside has a limit."""
        own: list[str] = []
        deeper: list[str] = []
        for address in loop.body.addresses:
            card = self.plan.steps[address].card
            innermost = next(a for a in reversed(card.within) if not self.plan.axes[a].is_guard)
            (own if innermost == loop.axis else deeper).append(address)
        return 1 if self.plan.concurrency(deeper) else self.plan.concurrency(own)

    def _add_branches(
        self, dag: Any, branches: Branches, items: tuple[_Channel, ...], before: Iterable[str]
    ) -> _Needed:
        """Add a task whose component holds a DAG for each branch, all but one of them skipped.

        Names and shape are those that the SDK gives an ``If`` with its ``Elif`` and ``Else``. What
        comes after waits for the whole, which is done also where nothing was chosen.
        """
        _, component = self._add_dag(dag, self._key(branches), before)
        read = self._told(branches)
        needed: _Needed = {read.name: read}
        for branch in branches.branches:
            one, inner = self._add_dag(component.dag, self._key(branch), ())
            reads = {read.name: read, **self._fill(inner.dag, branch.body, items)}
            _declare(inner, reads.values())
            needed |= self._connect(one, reads, {})
            if condition := self._condition(branches, branch, read, bool(items)):
                one.trigger_policy.condition = condition
        _declare(component, needed.values())
        return needed

    def _told(self, branches: Branches) -> _Channel:
        """Return what says which branch runs: a step's output, or a parameter."""
        if branches.compared is not None:
            return self._parameter(branches.compared.parameter)
        name = f"{CHANNEL}{self.keys[branches.chosen_by]}-{TOLD}"
        return _Channel(name, "STRING", branches.chosen_by)

    def _condition(self, branches: Branches, branch: Branch, read: _Channel, in_loop: bool) -> str:
        """Return when a branch runs; empty: always."""
        axis = self.plan.axes[branch.guard]
        if branches.compared is None or axis.choice is None:
            case = branch.guard.rpartition(".")[2]
            names = (case, SEVERAL) if in_loop else (case,)
            return any_of(equals(read.name, read.type, name) for name in names)
        case, cases = axis.choice.case, dict(axis.choice.cases)
        if branch.guard != branches.compared.otherwise:
            return equals(read.name, read.type, cases[case])
        return none_of(equals(read.name, read.type, cases[name]) for name in cases if name != case)

    # Hooks

    def _add_hooks(self) -> None:
        """Add all steps as one task of the root, and the hooks as an exit task beside it.

        KFP's backend starts an exit task when the one task is over that it depends on, whatever
        became of it, and one exit task for each such task; so hooks that run one after the other
        are a DAG of the same shape.
        """
        root, steps = self.spec.root.dag, self.keys[STEPS]
        task, component = self._add_dag(root, steps, ())
        needed = self._fill(component.dag, self.plan.root, ())
        _declare(component, needed.values())
        declare_outputs(component, self.interface.outputs)
        self._hand_out(component, EXPORT)
        self._hand_out(self.spec.root, STEPS)
        self._connect(task, needed, {})
        hooks = {hook.address: hook.step for hook in self.plan.hooks}
        last = hooks.pop("on_exit", None)
        if not hooks or last is None:
            self._add_outcome(root, [*hooks.values(), *filter(None, [last])], steps)
            return
        task, inner = self._add_dag(root, self.keys[HOOKS], [steps])
        _run_anyway(task)
        before, needed = self._add_outcome(inner.dag, list(hooks.values()), "")
        needed |= self._add_hook(inner.dag, last, before)
        _declare(inner, needed.values())
        self._connect(task, needed, {})

    def _add_outcome(self, dag: Any, steps: list[Step], before: str) -> tuple[str, _Needed]:
        """Add hooks that do not wait for each other, as one task of a DAG.

        Returns:
            The task's key, and what it reads.
        """
        if len(steps) == 1:
            return self.keys[steps[0].address], self._add_hook(dag, steps[0], before)
        task, inner = self._add_dag(dag, self.keys[OUTCOME], [before] if before else [])
        needed: _Needed = {}
        for step in steps:
            needed |= self._add_hook(inner.dag, step, "")
        _declare(inner, needed.values())
        if before:
            _run_anyway(task)
        self._connect(task, needed, {})
        return self.keys[OUTCOME], needed

    def _add_hook(self, dag: Any, step: Step, before: str) -> _Needed:
        """Add a hook's task, which runs whatever became of what is before it."""
        self._add_task(dag, step, [before] if before else [])
        task = dag.tasks[self.keys[step.address]]
        if before:
            _run_anyway(task)
        return self._connect(task, {n: self._parameter(n) for n in step.parameters}, {})


def _keys(names: Iterable[str]) -> dict[str, str]:
    """Give a key to each name, which KFP's local engine finds again in the name of a list."""
    keys = unique_keys(names)
    taken = set(keys.values())
    cut = {name: key for name, key in keys.items() if _ITEM in key}
    return keys | {n: unique(key.replace(_ITEM, "-loopitem"), taken) for n, key in cut.items()}


def _known(homes: Mapping[str, str], addresses: Iterable[str]) -> Iterable[str]:
    """Return the tasks of a DAG that some steps are in, as far as they are in it."""
    return dict.fromkeys(homes[address] for address in addresses if address in homes)


def _declare(component: Any, channels: Iterable[_Channel]) -> None:
    for channel in channels:
        set_type(component.input_definitions.parameters[channel.name], channel.type)


def _run_anyway(task: Any) -> None:
    """Let a task run when those are over that it depends on, whatever became of them."""
    policy = messages().PipelineTaskSpec.TriggerPolicy
    task.trigger_policy.strategy = policy.ALL_UPSTREAM_TASKS_COMPLETED
