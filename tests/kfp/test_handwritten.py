"""Tasks of ours in pipelines that are written by hand with KFP's SDK, on its local engine."""

import ast
import json
import re

import component_parts as parts
import pandas as pd
import pytest
import yaml
from kfp import compiler, components, dsl

from dagger_providers import kfp
from dagger_providers.testing.kfp_local import run_spec

pytestmark = [
    pytest.mark.kfp,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
]

IMAGE = "parts:1"
SHOUT = """
import os, sys
os.makedirs(os.path.dirname(sys.argv[2]), exist_ok=True)
open(sys.argv[2], "w").write(sys.argv[1].upper())
"""
COUNT = """
import json, os, pathlib, sys
import pandas
given = json.loads(sys.argv[2])
slot = given["outputs"]["artifacts"]["table"]["artifacts"][0]
pathlib.Path(slot["uri"]).parent.mkdir(parents=True, exist_ok=True)
pandas.read_parquet(sys.argv[1]).to_csv(slot["uri"], index=False)
file = pathlib.Path(given["outputs"]["outputFile"])
file.write_text(json.dumps({"artifacts": {"table": {"artifacts": [slot]}}}))
"""


def part(task, **options):
    return kfp.as_component(task, image=IMAGE, **options)


@dsl.container_component
def shout(text: str, said: dsl.OutputPath(str)):  # a component of somebody else
    return dsl.ContainerSpec(image="other:1", command=["python", "-c", SHOUT], args=[text, said])


@dsl.container_component
def to_csv(rows: dsl.Input[dsl.Dataset], table: dsl.Output[dsl.Dataset]):
    command = ["python", "-c", COUNT]
    return dsl.ContainerSpec(
        image="other:1",
        command=command,
        args=[rows.path, dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER],
    )


def compiled(pipeline, folder):
    compiler.Compiler().compile(pipeline, str(folder / "made.yaml"))
    return folder / "made.yaml"


def run(pipeline, folder, **arguments):
    result = run_spec(compiled(pipeline, folder), arguments, pipeline_root=folder, runner="host")
    assert result.ok, result.reason + result.log
    return result


@pytest.mark.slow
def test_components_of_both_kinds_exchange_values(tmp_path):
    make, told, halves = part(parts.make), part(parts.told), part(parts.halves)
    fit = part(parts.fit, serializers={"rows": "csv"})

    @dsl.pipeline(name="mixed")
    def mixed(n: int = 4) -> str:
        rows = make(n=n, skip=[1, 2], shade="light").set_env_variable("X", "y")
        left = halves(rows=rows.output, by=9)
        table = to_csv(rows=left.outputs["rows"])
        line = fit(rows=table.output)
        text = told(line=line.output)
        return shout(text=text.output).output

    result = run(mixed, tmp_path)

    assert result.outputs == {"Output": "LIGHT: 6.0 FOR 2"}
    assert [task.node for task in result.tasks] == ["make", "halves", "", "fit", "told", ""]


@pytest.mark.slow
def test_a_loop_over_our_list_and_a_list_of_our_frames_in_a_condition(tmp_path):
    numbers, make, joined = part(parts.numbers), part(parts.make), part(parts.joined)

    @dsl.pipeline(name="looped")
    def looped(n: int = 3) -> int:
        with dsl.ParallelFor(numbers(n=n).output) as k:
            rows = make(n=k, tail="t")
        total = joined(parts=dsl.Collected(rows.output))
        with dsl.If(total.output > 2):
            shout(text="many")
        with dsl.If(total.output > 3):
            shout(text="more")
        return total.output

    result = run(looped, tmp_path)

    assert result.outputs == {"Output": 3}
    nodes = [task.node for task in result.tasks]
    assert sorted(nodes) == ["", "joined", "make", "make", "make", "numbers"]


@pytest.mark.slow
def test_models_metrics_and_pages_are_artifacts_of_kfp(tmp_path):
    make, fit, train = part(parts.make), part(parts.fit), part(parts.train)
    predict = part(parts.predict, serializers={"model": "pickle"}, trust=["model"])
    score = part(parts.score, artifacts={"Output": "Metrics"})
    page = part(parts.page, artifacts={"Output": "HTML"})

    @dsl.pipeline(name="shown")
    def shown() -> list:
        rows = make(n=2)
        line = fit(rows=rows.output)
        score(line=line.output)
        page(line=line.output)
        return predict(model=train(rows=rows.output).output, rows=rows.output).output

    result = run(shown, tmp_path)

    assert result.outputs == {"Output": [1.0, 1.0]}
    (html,) = tmp_path.glob("*/page/Output")
    assert html.read_text() == "<p>2.0</p>"
    (metadata,) = re.findall(r"Metrics\(.*?metadata=(\{.*?\})", result.log, re.DOTALL)
    assert ast.literal_eval(metadata) == {"slope": 2.0, "points": 2.0}


@pytest.mark.slow
def test_a_pipeline_is_a_graph_or_one_container_also_in_a_loop_and_a_condition(tmp_path):
    graph = part(parts.flow, store=str(tmp_path / "store"))
    whole = part(parts.flow, one_container=True)

    @dsl.pipeline(name="nested")
    def nested(n: int = 3) -> str:
        with dsl.ParallelFor([2, 3]) as k:
            graph(n=k).set_retry(1)
        alone = whole(n=n).set_env_variable("X", "y")
        with dsl.If(alone.output == "light: 2.0 for 3"):
            again = whole(n=2)
            shout(text=again.output)
        return alone.output

    result = run(nested, tmp_path)

    assert result.outputs == {"Output": "light: 2.0 for 3"}
    values = sorted(
        file.read_text() for file in tmp_path.glob("store/runs/*/*/nodes/told/*/*.json")
    )
    assert values == ['"light: 2.0 for 2"', '"light: 2.0 for 3"']  # each in a run of its own


@pytest.mark.slow
def test_outputs_of_a_compiled_pipeline_are_kfps_too(tmp_path):
    text = kfp.compile(
        parts.listed, image=IMAGE, store=str(tmp_path / "store"), outputs=True,
        artifacts={"rows": "Dataset"},
    )  # fmt: skip
    arguments = kfp.arguments(parts.listed, {"ks": [2, 3]})

    result = run_spec(text, arguments, pipeline_root=tmp_path / "root", runner="host")

    assert result.ok, result.reason + result.log
    rows = result.outputs.pop("rows")
    lines = [{"slope": 2.0, "points": n, "note": ""} for n in (2, 3)]
    assert result.outputs == {"lines": lines, "first": 5}
    folder = tmp_path / "root"
    (shown,) = folder.glob("*/dagger-outputs/rows")
    assert (rows.schema_title, rows.uri) == ("system.Dataset", str(shown))
    assert [len(pd.read_parquet(shown / name)) for name in "01"] == [2, 3]


def test_what_is_left_out_is_the_functions_default(tmp_path):
    result = run(part(parts.first), tmp_path)

    assert result.outputs == {"Output": 7}


def test_a_frame_is_the_one_that_a_call_gives(tmp_path):
    run(part(parts.make), tmp_path, n=3, tail="z")

    (file,) = tmp_path.glob("*/make/Output")
    pd.testing.assert_frame_equal(pd.read_parquet(file), parts.make(3, tail="z"))


@pytest.mark.slow
def test_a_task_that_fails_ends_the_pipeline(tmp_path):
    make, fit = part(parts.make), part(parts.fit)

    @dsl.pipeline(name="failing")
    def failing():
        fit(rows=make(n=1).output)

    result = run_spec(compiled(failing, tmp_path), {}, pipeline_root=tmp_path, runner="host")

    assert not result.ok
    assert "out-of-bounds" in result.log


def test_options_are_on_each_task_that_is_made(tmp_path):
    placed = parts.make.options(
        runtime_options={
            "kubernetes": {"node_selector": {"disk": "ssd"}},
            "kfp": {"infrastructure_retries": 2, "accelerator_type": "nvidia.com/gpu"},
        }
    )
    make = part(placed)

    @dsl.pipeline(name="placed")
    def pipeline():
        make(n=1)
        make(n=2).set_memory_limit("2Gi")

    spec, platform = yaml.safe_load_all(compiled(pipeline, tmp_path).read_text())
    containers = [one["container"] for one in spec["deploymentSpec"]["executors"].values()]
    limits = [one["resources"]["resourceMemoryLimit"] for one in containers]
    configs = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values()
    assert limits == ["1Gi", "2Gi"]
    assert {one["resources"]["accelerator"]["resourceType"] for one in containers} == {
        "nvidia.com/gpu"
    }
    assert [one["nodeSelector"] for one in configs] == [{"labels": {"disk": "ssd"}}] * 2
    assert {
        task["retryPolicy"]["maxRetryCount"] for task in spec["root"]["dag"]["tasks"].values()
    } == {2}


@pytest.mark.parametrize("task", [parts.make, parts.halves, parts.joined, parts.kinds, parts.told])
def test_the_text_loads_and_compiles_to_itself(task, tmp_path):
    text = kfp.component(task, image=IMAGE)
    loaded = components.load_component_from_text(text)

    assert yaml.safe_load(compiled(loaded, tmp_path).read_text()) == yaml.safe_load(text)


def test_it_is_what_the_sdk_writes_for_a_container_component(tmp_path):
    text = kfp.component(parts.halves, image=IMAGE)
    ours = yaml.safe_load(text)
    (container,) = ours["deploymentSpec"]["executors"].values()
    words = container["container"]["args"]

    def halves(
        rows: dsl.Input[dsl.Dataset],
        by: int,
        total: dsl.OutputPath(float),
        out: dsl.Output[dsl.Dataset],
    ):
        known = {
            "{{$.inputs.artifacts['rows'].path}}": rows.path,
            "{{$.inputs.parameters['by']}}": by,
            "{{$.outputs.parameters['total'].output_file}}": total,
            "{{$.outputs.artifacts['rows'].path}}": out.path,
        }
        arguments = [known.get(word, word) for word in words]
        return dsl.ContainerSpec(
            image=IMAGE, command=container["container"]["command"], args=arguments
        )

    sdk = yaml.safe_load(compiled(dsl.container_component(halves), tmp_path).read_text())
    # An input and an output of one name are possible in KFP, and not in a function's signature.
    theirs = json.loads(
        json.dumps(sdk).replace('"out"', '"rows"').replace("artifacts['out']", "artifacts['rows']")
    )
    assert {**theirs, "sdkVersion": ""} == {**ours, "sdkVersion": ""}
