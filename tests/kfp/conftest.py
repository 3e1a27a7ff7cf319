"""Run pipelines of `kfp_flows` on KFP's local engine, and read what they leave in the store."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dagger_providers import kfp
from dagger_providers.dsl.find import find_pipeline
from dagger_providers.execution import Resolver, open_run
from dagger_providers.planning import Plan, nested_plan
from dagger_providers.planning.parameters import encode_parameters
from dagger_providers.testing.executions import planned, unchunked
from dagger_providers.testing.kfp_local import LocalRun, Runner, run_spec

FLOWS = Path(__file__).with_name("kfp_flows.py")
sys.path.append(str(FLOWS.parent))  # `tests` is on it, but there the name `kfp` is the SDK's


@dataclass
class Ran:
    """A pipeline that KFP's local engine ran."""

    plan: Plan
    result: LocalRun
    resolver: Resolver

    @property
    def outputs(self) -> Any:
        found = {name: self.resolver.value(b, {}) for name, b in self.plan.outputs.items()}
        return found["return_value"] if list(found) == ["return_value"] else found

    @property
    def tasks(self) -> list[str]:
        return unchunked(self.ranges_too, self.plan, self.resolver)

    @property
    def ranges_too(self) -> list[str]:
        """The tasks, with those that ran several items as KFP had them."""
        return [task.name for task in self.result.tasks]

    @property
    def planned(self) -> list[str]:
        return planned(self.plan, self.resolver, inserted=True)


@pytest.fixture
def flow() -> Callable[[str], Any]:
    """A pipeline of `kfp_flows` by name, as a user's file has it."""
    return lambda name: find_pipeline(f"{FLOWS}:{name}")


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[str, dict[str, bytes]]]:
    """One server for all tests: a client of S3 keeps to the endpoint that it knows first."""
    from one_bucket import one_bucket  # found by the path above

    objects: dict[str, bytes] = {}
    with one_bucket(objects) as endpoint:
        yield endpoint, objects


@pytest.fixture
def bucket(
    served: tuple[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, bytes]]:
    """What lies by its keys in each bucket of S3, for this process and those that it starts."""
    endpoint, objects = served
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "any")
    yield objects
    objects.clear()


@pytest.fixture
def run(flow: Callable[[str], Any], tmp_path: Path) -> Callable[..., Ran]:
    """Compile a pipeline and run it on KFP's local engine, its containers as processes."""

    def compile_and_run(
        name: str, image: str = "none", runner: Runner = "host", **parameters: Any
    ) -> Ran:
        pipeline = flow(name)
        store = str(tmp_path / "store")
        text = kfp.compile(pipeline, image=image, store=store)
        arguments = kfp.arguments(pipeline, parameters)
        result = run_spec(text, arguments, pipeline_root=tmp_path, runner=runner)
        dag = pipeline.build()
        lowered = nested_plan(dag)
        context = open_run(store, result.run_id, encode_parameters(dag, parameters))
        return Ran(lowered, result, Resolver(context, lowered.axes))

    return compile_and_run
