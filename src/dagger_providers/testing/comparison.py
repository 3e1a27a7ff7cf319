"""Run pipelines on every runtime that can run here, and compare what they give."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import DaggerProvidersError, UsageError, one_line
from dagger_providers.execution import Resolver, RunContext
from dagger_providers.model import DAG, check_parameters
from dagger_providers.planning import Plan, plan
from dagger_providers.planning.parameters import encode_parameters, from_text
from dagger_providers.storage import open_store
from dagger_providers.testing.cells import RUNTIMES, Answer, Cell, OutputCell, Status
from dagger_providers.testing.engines import ENGINES, Job
from dagger_providers.testing.plain import call_plain, plain_outputs
from dagger_providers.testing.values import json_or_none, same


def parity(
    refs: Sequence[str],
    parameters: Mapping[str, Any] | None = None,
    *,
    on: Sequence[str] = RUNTIMES,
    store: str | None = None,
    progress: TextIO | None = None,
) -> list[Cell]:
    """Run pipelines on several runtimes and compare every output with the plain call's.

    Args:
        refs: The pipelines, each as ``FILE.py[:NAME]`` or ``module[:NAME]``.
        parameters: Values by name; texts are read as on the command line. Each pipeline takes
            those that it has; one that no pipeline has is refused.
        on: Which runtimes; see `RUNTIMES`.
        store: A folder in which each runtime gets an empty store; by default a temporary one that
            is kept, so that the values can be looked at.
        progress: Where to tell what runs.

    Returns:
        A cell for each pipeline and runtime, pipeline by pipeline.

    Raises:
        UsageError: A REF, a runtime or a parameter does not exist.
        BuildError: A pipeline cannot be recorded.
    """
    unknown = [name for name in on if name not in RUNTIMES]
    if unknown:
        raise UsageError(f"no runtime {unknown[0]!r}; there are: {', '.join(RUNTIMES)}")
    root = Path(store or tempfile.mkdtemp(prefix="dagger-parity-")).absolute()
    subjects = _subjects(refs, parameters or {}, root)
    answers: dict[tuple[str, str], Answer] = {}
    for runtime in ["local", *(name for name in on if name not in {"plain", "local"})]:
        _tell(progress, f"{runtime}: {len(subjects)} pipeline{'s' * (len(subjects) > 1)}")
        jobs = [s.job(runtime) for s in subjects]
        for job, answer in zip(jobs, ENGINES[runtime](jobs), strict=True):
            answers[job.ref, runtime] = answer
            _tell(progress, f"  {job.ref}: {answer.status} {answer.reason}".rstrip())
    return [cell for subject in subjects for cell in subject.cells(on, answers)]


def _tell(progress: TextIO | None, text: str) -> None:
    if progress is not None:
        progress.write(f"{text}\n")
        progress.flush()


def _subjects(refs: Sequence[str], parameters: Mapping[str, Any], root: Path) -> list[_Subject]:
    dags = {ref: build_ref(ref) for ref in refs}
    if len(dags) == 1:
        check_parameters(next(iter(dags.values())), parameters)
    for name in parameters:
        if not any(name in dag.inputs for dag in dags.values()):
            raise UsageError(f"no pipeline has a parameter {name!r}")
    subjects = []
    for number, (ref, dag) in enumerate(dags.items()):
        own = {name: value for name, value in parameters.items() if name in dag.inputs}
        texts = {name: value for name, value in own.items() if isinstance(value, str)}
        own |= from_text(dag, texts)
        folder = root / f"{number + 1}-{dag.name}"
        subjects.append(_Subject(ref, dag, plan(dag), encode_parameters(dag, own), own, folder))
    return subjects


@dataclass(frozen=True, slots=True)
class _Subject:
    """One pipeline that is compared."""

    ref: str
    dag: DAG
    plan: Plan
    texts: Mapping[str, str]
    values: Mapping[str, Any]
    folder: Path

    def job(self, runtime: str) -> Job:
        return Job(self.ref, self.dag, self.texts, self.values, str(self.folder / runtime))

    def cells(
        self, on: Sequence[str], answers: Mapping[tuple[str, str], Answer]
    ) -> list[Cell]:
        local = answers[self.ref, "local"]
        plain = call_plain(self.dag, self.texts)
        expected: dict[str, tuple[str, Any]] | None = None
        if plain.status == "succeeded" and local.status == "succeeded":
            expected = plain_outputs(self.plan, plain.value, self._context(local))
        elif local.status == "succeeded" and plain.status == "refused":
            expected = self._stored(local)
        cells = []
        for runtime in on:
            answer = plain if runtime == "plain" else answers[self.ref, runtime]
            cells.append(self._cell(runtime, answer, expected, plain))
        return cells

    def _cell(
        self,
        runtime: str,
        answer: Answer,
        expected: Mapping[str, tuple[str, Any]] | None,
        plain: Answer,
    ) -> Cell:
        found: Mapping[str, tuple[str, Any]] = {}
        status: Status = "refused" if answer.status == "refused" else "failed"
        reason = answer.reason
        if answer.status == "succeeded":
            try:
                found = (expected or {}) if runtime == "plain" else self._stored(answer)
                status, reason = _compared(found, expected)
            except DaggerProvidersError as error:
                status, reason = "failed", one_line(error)
        elif plain.status == "failed" and answer.status == "failed" and runtime != "plain":
            reason = reason or "the plain call fails too"
        return Cell(
            self.ref,
            runtime,
            status,
            reason,
            lowering_of(self.plan, runtime),
            answer.engine,
            answer.seconds,
            {n: OutputCell(sha, json_or_none(value)) for n, (sha, value) in found.items()},
            answer.folder,
            answer.tasks,
        )

    def _context(self, answer: Answer) -> RunContext:
        return RunContext(open_store(answer.folder), self.texts)

    def _stored(self, answer: Answer) -> dict[str, tuple[str, Any]]:
        resolver = Resolver(self._context(answer), self.plan.axes)
        return {
            name: (resolver.identity(binding, {}), resolver.value(binding, {}))
            for name, binding in self.plan.outputs.items()
        }


def _compared(
    found: Mapping[str, tuple[str, Any]], expected: Mapping[str, tuple[str, Any]] | None
) -> tuple[Status, str]:
    if expected is None:
        return "failed", "there is nothing to compare with: the plain call or the local run failed"
    other = [name for name in expected if found[name][0] != expected[name][0]]
    if not other:
        return "equal", ""
    if all(same(found[name][1], expected[name][1]) for name in other):
        return "equal_value", f"other bytes for {', '.join(other)}"
    shown = ", ".join(f"{n}: {found[n][1]!r:.60} != {expected[n][1]!r:.60}" for n in other)
    return "different", one_line(shown)


def lowering_of(lowered: Plan, runtime: str) -> str:
    """Return in a few words how a target expresses a pipeline's loops."""
    if runtime in {"plain", "local", "parallel", "process"}:
        return "loops as they are" if lowered.axes else "steps"
    words: list[str] = []
    for group in lowered.groups:
        if not group.space:
            continue
        native = {"airflow": "mapped tasks", "kfp": "ParallelFor"}[runtime]
        if len(group.steps) > 1:
            native = {"airflow": "mapped task group", "kfp": "ParallelFor"}[runtime]
        words.append(native if len(group.space) == 1 else f"{native} over an index product")
        if lowered.steps[group.indices_from].inserted:
            words.append("inserted step")
    return ", ".join(dict.fromkeys(words)) or "steps"
