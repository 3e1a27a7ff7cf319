"""Run pipelines on every runtime that can run here, and compare what they give."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.execution import Resolver, RunContext
from dagger_providers.model import DAG, check_parameters
from dagger_providers.planning import Plan
from dagger_providers.planning.lowering import LOOPS, lowering_of, plan_for
from dagger_providers.planning.parameters import encode_parameters, from_text
from dagger_providers.storage import open_store
from dagger_providers.testing.cells import Answer, Case, Cell, OutputCell, Status
from dagger_providers.testing.engines import (
    ENGINES,
    RUNTIMES,
    SEPARATE,
    Engine,
    Job,
)
from dagger_providers.testing.executions import committed, difference, planned, unchunked
from dagger_providers.testing.plain import call_plain, plain_outputs
from dagger_providers.testing.values import same
from dagger_providers.testing.watch import committed_files, watching


def parity(  # noqa: PLR0913 - each is an option of the command line too
    cases: Sequence[str | Case],
    parameters: Mapping[str, Any] | None = None,
    *,
    on: Sequence[str] = RUNTIMES,
    store: str | None = None,
    progress: TextIO | None = None,
    engines: Mapping[str, Engine] = ENGINES,
    any_callable: bool = False,
) -> list[Cell]:
    """Run pipelines on several runtimes and compare every output with the plain call's.

    On every runtime, what was executed is compared too: by the commit records in its store and by
    the engine's own record, with what the plan asks for.

    Args:
        cases: The pipelines, each as ``FILE.py[:NAME]`` or ``module[:NAME]``, or as a `Case` with
            parameters of its own.
        parameters: Values by name; texts are read as on the command line. Each pipeline takes
            those that it has; one that no pipeline has is refused.
        on: Which runtimes; see `RUNTIMES`.
        store: A folder in which each runtime gets an empty store; by default a temporary one that
            is kept, so that the values can be looked at.
        progress: Where to tell what runs, and how far it is.
        engines: What runs the pipelines on each runtime, for runtimes of your own.
        any_callable: Whether YAML and JSON documents may name functions that are not decorated.

    Returns:
        A cell for each pipeline and runtime, pipeline by pipeline.

    Raises:
        UsageError: A REF, a runtime or a parameter does not exist.
        BuildError: A pipeline cannot be recorded.
    """
    known = ("plain", *engines)
    unknown = [name for name in on if name not in known]
    if unknown:
        raise UsageError(f"no runtime {unknown[0]!r}; there are: {', '.join(known)}")
    if not on:
        raise UsageError(f"name at least one runtime; there are: {', '.join(known)}")
    root = Path(store or tempfile.mkdtemp(prefix="dagger-parity-")).absolute()
    given = [case if isinstance(case, Case) else Case(case) for case in cases]
    dags = {case.ref: build_ref(case.ref, any_callable=any_callable) for case in given}
    subjects = _subjects(given, dags, parameters or {}, root, any_callable)
    answers = _run_all(subjects, {"local", *on} - {"plain"}, engines, progress)
    return [
        cell
        for subject, own in zip(subjects, answers, strict=True)
        for cell in subject.cells(on, own)
    ]


def _run_all(
    subjects: Sequence[_Subject],
    on: Set[str],
    engines: Mapping[str, Engine],
    progress: TextIO | None,
) -> list[dict[str, Answer]]:
    """Run all pipelines on each runtime; an engine in its own process runs beside the others."""
    names = [name for name in engines if name in on]
    jobs = {name: [subject.job(name) for subject in subjects] for name in names}
    answers: list[dict[str, Answer]] = [{} for _ in subjects]
    total = 0
    with ThreadPoolExecutor() as pool:
        begun = {n: pool.submit(engines[n], jobs[n]) for n in names if n in SEPARATE}
        for name in names:
            folders = [job.store for job in jobs[name]]
            with watching(name, folders, total, progress):
                found = begun[name].result() if name in begun else engines[name](jobs[name])
            total = total or committed_files(folders)
            for subject, own, answer in zip(subjects, answers, found, strict=True):
                own[name] = answer
                _tell(progress, f"  {subject.name}: {answer.status} {answer.reason}".rstrip())
    return answers


def _tell(progress: TextIO | None, text: str) -> None:
    if progress is not None:
        progress.write(f"{text}\n")
        progress.flush()


def _subjects(
    cases: Sequence[Case],
    dags: Mapping[str, DAG],
    parameters: Mapping[str, Any],
    root: Path,
    any_callable: bool,
) -> list[_Subject]:
    plans = {
        ref: {name: plan_for(dag, name) for name in ("local", *LOOPS)} for ref, dag in dags.items()
    }
    if len(dags) == 1:
        check_parameters(next(iter(dags.values())), {**cases[0].parameters, **parameters})
    for name in parameters:
        if not any(name in dag.inputs for dag in dags.values()):
            raise UsageError(f"no pipeline has a parameter {name!r}")
    subjects = []
    for number, case in enumerate(cases):
        dag = dags[case.ref]
        own = {name: value for name, value in parameters.items() if name in dag.inputs}
        own |= from_text(dag, {n: value for n, value in own.items() if isinstance(value, str)})
        own |= case.parameters
        folder = root / f"{number + 1}-{dag.name}"
        texts = encode_parameters(dag, own)
        subjects.append(
            _Subject(case, dag, plans[case.ref], texts, own, folder, any_callable=any_callable)
        )
    return subjects


@dataclass(frozen=True, slots=True)
class _Subject:
    """One pipeline, with its parameters, that is compared."""

    case: Case
    dag: DAG
    plans: Mapping[str, Plan]
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    folder: Path
    any_callable: bool = False

    @property
    def name(self) -> str:
        return self.case.name or self.case.ref

    def plan(self, runtime: str = "local") -> Plan:
        """Return the pipeline as a runtime sees it."""
        return self.plans.get(runtime) or self.plans["local"]

    def job(self, runtime: str) -> Job:
        store = str(self.folder / runtime)
        return Job(self.case.ref, self.dag, self.texts, self.values, store, self.any_callable)

    def cells(self, on: Sequence[str], answers: Mapping[str, Answer]) -> list[Cell]:
        plain = call_plain(self.dag, self.texts)
        oracle = self._oracle(plain, answers["local"])
        return [
            self._cell(name, plain if name == "plain" else answers[name], oracle) for name in on
        ]

    def _oracle(self, plain: Answer, local: Answer) -> _Oracle:
        """Return what every runtime must give: the plain call's outputs.

        Where there is no plain call, or where it fails as it knows no retries and no recovery, the
        local run's stand in for them.
        """
        if local.status != "succeeded":
            return _Oracle(None, f"the local run failed ({local.reason})")
        if plain.status == "succeeded":
            return _Oracle(plain_outputs(self.plan(), plain.value, self._context(local)))
        recovers = any(step.card.may_recover for step in self.plan().steps.values())
        if plain.status == "refused" or recovers:
            return _Oracle(self._stored(local))
        return _Oracle(None, f"the plain call failed ({plain.reason})")

    def _cell(self, runtime: str, answer: Answer, oracle: _Oracle) -> Cell:
        outputs: Mapping[str, tuple[str, Any]] = {}
        executions: list[str] = []
        status: Status = "refused" if answer.status == "refused" else "failed"
        reason = answer.reason
        if answer.status == "succeeded":
            try:
                if runtime == "plain":
                    outputs = oracle.outputs or {}
                    status, reason = oracle.compare(outputs)
                else:
                    outputs = self._stored(answer)
                    executions = self._planned(self.plan(runtime), answer)
                    status, reason = oracle.compare(outputs)
                    other = self._other_executions(runtime, answer)
                    if other:
                        status, reason = "different", "; ".join(filter(None, [reason, other]))
            except DaggerProvidersError as error:
                status, reason = "failed", one_line(error)
        return Cell(
            self.name,
            runtime,
            status,
            reason,
            lowering_of(self.plan(runtime), runtime),
            answer.engine,
            answer.seconds,
            {name: OutputCell(sha, value) for name, (sha, value) in outputs.items()},
            answer.folder,
            answer.tasks or (),
            tuple(executions),
        )

    # What a run has left

    def _context(self, answer: Answer) -> RunContext:
        return RunContext(open_store(answer.folder), self.texts, self.dag.code_root)

    def _resolver(self, answer: Answer) -> Resolver:
        return Resolver(self._context(answer), self.plan().axes)

    def _planned(self, lowered: Plan, answer: Answer, **which: bool) -> list[str]:
        return planned(lowered, self._resolver(answer), **which)

    def _other_executions(self, runtime: str, answer: Answer) -> str:
        """Return how what was executed differs from what the plan asks for."""
        lowered = self.plan(runtime)
        expected = self._planned(lowered, answer, inner=True)
        records = difference(committed(open_store(answer.folder)), expected, "the store")
        if answer.tasks is None:
            return records
        tasks = self._planned(lowered, answer, inserted=runtime in LOOPS)
        ran = unchunked(answer.tasks, lowered, self._resolver(answer))
        return "; ".join(filter(None, [records, difference(ran, tasks, runtime)]))

    def _stored(self, answer: Answer) -> dict[str, tuple[str, Any]]:
        resolver = self._resolver(answer)
        return {
            name: (resolver.identity(binding, {}), resolver.value(binding, {}))
            for name, binding in self.plan().outputs.items()
        }


@dataclass(frozen=True, slots=True)
class _Oracle:
    """What every runtime must give, or why there is nothing to compare with."""

    outputs: Mapping[str, tuple[str, Any]] | None
    missing: str = ""

    def compare(self, found: Mapping[str, tuple[str, Any]]) -> tuple[Status, str]:
        expected = self.outputs
        if expected is None:
            return "different", f"it succeeded, but {self.missing}"
        other = [name for name in expected if found[name][0] != expected[name][0]]
        if not other:
            return "equal", ""
        if all(same(found[name][1], expected[name][1]) for name in other):
            return "equal_value", f"other bytes for {', '.join(other)}"
        shown = ", ".join(f"{n}: {found[n][1]!r:.60} != {expected[n][1]!r:.60}" for n in other)
        return "different", one_line(shown)
