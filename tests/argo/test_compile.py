"""What a compiled pipeline says, and what is refused."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from argo.argo_flows import echoed, limited, typed
from dagger_providers import (
    DAG,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    Options,
    Resources,
    Task,
    argo,
    dag,
    task,
)
from dagger_providers.argo import limits
from dagger_providers.cli import main
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import CapabilityError, UsageError
from dagger_providers.testing.argo_local import run_workflow

PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
RETURNED = {"return_value": FromReturnValue()}
STEPS = "conformance.programs.map_steps:PIPELINE"


def compiled(pipeline, **options):
    return yaml.safe_load(argo.workflow(pipeline, **{**PLACE, **options}))


def template(document, name):
    return next(one for one in document["spec"]["templates"] if one["name"] == name)


def tasks(document, name="pipeline"):
    return {one["name"]: one for one in template(document, name)["dag"]["tasks"]}


def one_task(**settings):
    inputs = {"text": settings.pop("source", FromValue("x"))}
    return DAG({"say": Task("flows:upper", inputs, RETURNED, **settings)}, name="one")


def with_parameter(**fields):
    source = FromParam("word", **fields)
    return DAG({"say": Task("flows:upper", {"text": source}, RETURNED)}, {"word": source})


def refusal(pipeline, **options):
    with pytest.raises(CapabilityError) as caught:
        argo.workflow(pipeline, **{**PLACE, **options})
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What a pipeline becomes


def test_a_task_is_a_container_that_runs_its_card():
    document = compiled(one_task(), code_root="/app")

    assert (document["apiVersion"], document["kind"]) == ("argoproj.io/v1alpha1", "Workflow")
    assert document["metadata"] == {"generateName": "one-"}
    made = template(document, "say")
    container = made["container"]
    assert container["image"] == "flows:1"
    assert container["command"] == ["python", "-m", "dagger_providers", "run-node"]
    assert container["env"] == [{"name": "PYTHONHASHSEED", "value": "0"}]
    assert json.loads(container["args"][1])["address"] == "say"
    assert container["args"][:1] + container["args"][2:] == [
        "--card", "--store", "s3://bucket/runs", "--run-id", "{{workflow.uid}}",
        "--code-root", "/app",
    ]  # fmt: skip
    assert made["retryStrategy"] == {
        "expression": "lastRetry.exitCode not in ['1', '2']", "limit": "2", "retryPolicy": "Always",
    }  # fmt: skip
    assert set(made) == {"name", "container", "retryStrategy"}


def test_a_loop_of_several_steps_is_a_dag_that_runs_over_the_indices():
    document = compiled(build_ref(STEPS))

    root = tasks(document)
    assert list(root) == ["items-of-xs", "for-each-xs", "best"]
    assert root["for-each-xs"] == {
        "name": "for-each-xs", "template": "for-each-xs", "dependencies": ["items-of-xs"],
        "arguments": {"parameters": [{"name": "index", "value": "{{item}}"}]},
        "withParam": "{{tasks.items-of-xs.outputs.parameters.indices}}",
    }  # fmt: skip
    assert root["best"]["dependencies"] == ["for-each-xs"]
    inner = tasks(document, "for-each-xs")
    assert inner["fit"]["dependencies"] == ["clean"]
    assert inner["fit"]["arguments"]["parameters"] == [
        {"name": "index", "value": "{{inputs.parameters.index}}"}
    ]
    source = template(document, "items-of-xs")
    assert source["outputs"]["parameters"][0]["valueFrom"] == {"path": "/tmp/dagger-indices.json"}
    words = source["container"]["args"]
    assert words[-4:] == [
        "--emit", "{{outputs.parameters.indices.path}}", "--emit-limit", "500",
    ]  # fmt: skip


def test_a_loop_of_one_step_needs_no_dag():
    root = tasks(compiled(build_ref("conformance.programs.map_output:PIPELINE")))

    looped = [one for one in root.values() if "withParam" in one]
    assert [one["template"] for one in looped] == [one["name"] for one in looped]


def test_a_limit_of_items_at_a_time_is_the_parallelism_of_a_dag_around_the_loop(tmp_path):
    text = argo.workflow(limited, store=str(tmp_path), image="i")
    around = template(yaml.safe_load(text), "limited-slow")
    (tmp_path / "marks").mkdir()
    given = {"xs": [1, 2, 3, 4], "folder": str(tmp_path / "marks")}

    ran = run_workflow(text, argo.arguments(limited, given), at_once=4)

    assert around["parallelism"] == 2
    assert tasks(yaml.safe_load(text))["sum-up"]["dependencies"] == ["limited-slow"]
    assert ran.ok, ran.reason
    counts = tmp_path.rglob("nodes/slow/*/attempt-*/return_value.json")
    assert max(int(file.read_text()) for file in counts) <= 2


def test_a_limited_loop_over_nothing_is_done(tmp_path):
    text = argo.workflow(limited, store=str(tmp_path), image="i")

    ran = run_workflow(text, argo.arguments(limited, {"xs": [], "folder": ""}))

    assert ran.ok, ran.reason
    assert [pod.name for pod in ran.pods] == ["items-of-xs", "sum-up"]


def test_parameters_are_texts_with_defaults_choices_and_descriptions():
    found = compiled(typed)["spec"]["arguments"]["parameters"]

    assert found == [
        {"name": "text"},
        {"name": "number", "value": str(2**60), "description": "(JSON text)"},
        {"name": "mode", "value": "fast", "enum": ["fast", "slow"]},
        {"name": "day", "value": "2026-01-02"},
        {"name": "size", "value": "1", "enum": ["1", "2"], "description": "(JSON text)"},
    ]


def test_a_description_is_kept_and_is_no_template():
    pipeline = with_parameter(json_schema={"type": "string"}, description="What {{to}} say.")
    document = compiled(pipeline.model_copy(update={"description": "Says it."}))

    assert document["metadata"]["annotations"] == {"workflows.argoproj.io/description": "Says it."}
    [word] = document["spec"]["arguments"]["parameters"]
    assert word == {"name": "word", "description": "What { {to}} say."}


def test_literals_hold_nothing_that_argo_would_fill_in():
    literal = ["{{workflow.uid}}", "{{{{x}}}}", {"{{": {"a": {}}}]

    text = template(compiled(one_task(source=FromValue(literal))), "say")["container"]["args"][1]

    assert "{{" not in text
    assert json.loads(text)["inputs"]["text"]["value"] == literal


def test_a_parameter_that_looks_like_a_template_arrives_as_it_is(tmp_path):
    text, name = "{{workflow.uid}} {{=1+1}} \a <&>", "{{workflow.name}}"
    manifest = argo.workflow(echoed, store=str(tmp_path), image="i")

    ran = run_workflow(manifest, argo.arguments(echoed, {"text": text, "values": [name]}))

    assert ran.ok, ran.reason
    [kept] = tmp_path.rglob("attempt-*/return_value.json")
    assert json.loads(kept.read_text()) == [text, name]


def test_options_of_a_task_reach_its_container_and_pod():
    options = Options(
        retries=3, resources=Resources(cpu="500m", memory="1Gi"), env={"MODE": "fast"}, image="o:2"
    )
    own = {
        "argo": {
            "active_deadline_seconds": 60, "infrastructure_retries": 0,
            "env_from": [{"secretRef": {"name": "s3"}}],
            "volumes": [{"name": "v", "emptyDir": {}}],
            "volume_mounts": [{"name": "v", "mountPath": "/v"}],
        },
        "kubernetes": {
            "node_selector": {"gpu": "yes"}, "tolerations": [{"key": "gpu"}], "labels": {"a": "b"},
            "annotations": {"c": "d"}, "service_account_name": "sa", "priority_class_name": "high",
            "image_pull_policy": "Always", "image_pull_secrets": [{"name": "k"}],
            "affinity": {"nodeAffinity": {}},
        },
    }  # fmt: skip

    made = template(compiled(one_task(options=options, runtime_options=own)), "say")

    container = made.pop("container")
    assert json.loads(container.pop("args")[1])["policy"] == {"retries": 3}
    assert container == {
        "image": "o:2", "command": ["python", "-m", "dagger_providers", "run-node"],
        "env": [{"name": "PYTHONHASHSEED", "value": "0"}, {"name": "MODE", "value": "fast"}],
        "resources": {"limits": {"cpu": "500m", "memory": "1Gi"},
                      "requests": {"cpu": "500m", "memory": "1Gi"}},
        "envFrom": [{"secretRef": {"name": "s3"}}],
        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
        "imagePullPolicy": "Always",
    }  # fmt: skip
    assert made == {
        "name": "say", "activeDeadlineSeconds": 60, "nodeSelector": {"gpu": "yes"},
        "tolerations": [{"key": "gpu"}], "serviceAccountName": "sa", "priorityClassName": "high",
        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
        "podSpecPatch": '{"imagePullSecrets": [{"name": "k"}]}',
        "volumes": [{"name": "v", "emptyDir": {}}], "affinity": {"nodeAffinity": {}},
    }  # fmt: skip


def test_options_of_a_pipeline_reach_the_workflow_and_every_container():
    own = {
        "argo": {
            "parallelism": 4, "active_deadline_seconds": 3600, "priority": 1,
            "pod_gc": "OnPodSuccess", "ttl_seconds_after_completion": 60,
            "env_from": [{"secretRef": {"name": "s3"}}],
        },
        "kubernetes": {
            "service_account_name": "sa", "node_selector": {"a": "b"}, "labels": {"team": "x"},
            "image_pull_secrets": [{"name": "k"}], "priority_class_name": "high",
        },
    }  # fmt: skip

    document = compiled(one_task().model_copy(update={"runtime_options": own}))

    assert document["metadata"]["labels"] == {"team": "x"}
    spec = {n: v for n, v in document["spec"].items() if n not in {"templates", "entrypoint"}}
    assert spec == {
        "parallelism": 4, "activeDeadlineSeconds": 3600, "priority": 1,
        "podGC": {"strategy": "OnPodSuccess"}, "ttlStrategy": {"secondsAfterCompletion": 60},
        "serviceAccountName": "sa", "nodeSelector": {"a": "b"},
        "imagePullSecrets": [{"name": "k"}], "podPriorityClassName": "high",
    }  # fmt: skip
    container = template(document, "say")["container"]
    assert container["envFrom"] == [{"secretRef": {"name": "s3"}}]


def test_lists_and_mappings_of_a_pipelines_pods_are_beside_a_tasks_own():
    shared = {
        "argo": {"volumes": [{"name": "keys"}], "env_from": [{"secretRef": {"name": "s3"}}]},
        "kubernetes": {
            "affinity": {"podAffinity": {}}, "labels": {"team": "x", "kind": "any"},
            "node_selector": {"a": "b"}, "tolerations": [{"key": "gpu"}],
        },
    }  # fmt: skip
    own = {
        "argo": {"volumes": [{"name": "keys"}, {"name": "data"}]},
        "kubernetes": {
            "affinity": {"nodeAffinity": {}}, "labels": {"kind": "big"},
            "node_selector": {"disk": "ssd"}, "tolerations": [{"key": "spot"}],
        },
    }  # fmt: skip
    model = one_task(runtime_options=own).model_copy(update={"runtime_options": shared})

    made = template(compiled(model), "say")

    assert made["volumes"] == [{"name": "keys"}, {"name": "data"}]
    assert made["nodeSelector"] == {"a": "b", "disk": "ssd"}
    assert made["tolerations"] == [{"key": "gpu"}, {"key": "spot"}]
    assert made["metadata"] == {"labels": {"team": "x", "kind": "big"}}
    assert made["affinity"] == {"nodeAffinity": {}}
    assert made["container"]["envFrom"] == [{"secretRef": {"name": "s3"}}]


def test_labels_of_a_pipeline_are_those_of_its_pods():
    shared = {"kubernetes": {"labels": {"team": "x"}, "annotations": {"seen": "no"}}}
    document = compiled(one_task().model_copy(update={"runtime_options": shared}))

    expected = {"labels": {"team": "x"}, "annotations": {"seen": "no"}}
    assert template(document, "say")["metadata"] == expected


def test_a_long_card_is_put_into_the_store(tmp_path):
    document = compiled(one_task(source=FromValue("x" * 9000)), store=str(tmp_path))

    option, place = template(document, "say")["container"]["args"][:2]
    assert option == "--card-file"
    text = Path(place).read_bytes()
    assert place == f"{tmp_path}/cards/{hashlib.sha256(text).hexdigest()}.json"


def test_names_that_argo_cannot_take_get_others():
    names = ["in", "3d", "task_3d", "Fit", "fit", "pipeline"]
    nodes = {name: Task("flows:upper", {"text": FromValue("x")}, RETURNED) for name in names}

    keys = list(tasks(compiled(DAG(nodes)), compiled(DAG(nodes))["spec"]["entrypoint"]))

    assert len(set(keys)) == len(names)
    assert keys[0] == "task-in"
    assert all(key[0].isalpha() and key not in {"in", "pipeline"} for key in keys)


def test_the_command_line_writes_it(tmp_path, capsys):
    file = tmp_path / "flow.yaml"
    words = ["--to", "argo", "-o", str(file), "--image", "i:1", "--store", "s3://b/runs"]

    assert main(["compile", STEPS, *words]) == 0

    assert file.read_text() == argo.workflow(build_ref(STEPS), image="i:1", store="s3://b/runs")
    assert capsys.readouterr().out == f"argo: wrote {file}\n"


# Refusals


def test_no_image():
    assert refusal(one_task(), image=None) == (
        "argo: task 'say' has no image to run in; give --image (image=... in code), or "
        "@task(image=...)"
    )


def test_a_function_that_no_container_can_import():
    @task
    def inner(x: int) -> int:
        return x

    @dag
    def pipeline(x: int):
        return inner(x)

    assert "define it at the top level" in refusal(pipeline)


def test_a_workflow_that_is_too_large(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 100)

    assert "one Kubernetes object of at most 100; split it into several" in refusal(one_task())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"image": "{{x}}"}, "image holds '{{'"),
        ({"store": "s3://{{x}}"}, "store holds '{{'"),
        ({"code_root": "/{{x}}"}, "code_root holds '{{'"),
    ],
)
def test_texts_that_argo_would_fill_in(change, text):
    assert text in refusal(one_task(), **change)


def test_an_environment_variable_that_argo_would_fill_in():
    pipeline = one_task(options=Options(env={"A": "{{workflow.uid}}"}))

    assert "task 'say': env 'A' holds '{{'" in refusal(pipeline)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"argo": {"paralelism": 1}}, "runtime_options['argo'] has no 'paralelism'; known: "),
        ({"kubernetes": {"volumes": []}}, "['kubernetes'] has no 'volumes'; known: affinity, "),
        ({"argo": {"active_deadline_seconds": "1"}}, "must be a whole number from 1, got '1'"),
        ({"argo": {"infrastructure_retries": True}}, "must be a whole number from 0, got True"),
        ({"kubernetes": {"labels": {"a": 1}}}, "labels must be a mapping of texts, got {'a': 1}"),
        ({"kubernetes": {"tolerations": {}}}, "must be a list of mappings, as in a pod, got {}"),
        ({"kubernetes": {"labels": {"a": "{{x}}"}}}, "labels holds '{{'"),
    ],
)
def test_options_that_argo_has_not(given, text):
    assert text in refusal(one_task(runtime_options=given))


@pytest.mark.parametrize("given", [{"argo": {"parallelism": 1}}, {"kubernetes": {"labels": {}}}])
def test_options_of_a_nested_pipeline(given):
    inner = one_task().model_copy(update={"runtime_options": given})

    assert "nested pipeline 'inner' has options" in refusal(DAG({"inner": inner}, name="outer"))


def test_a_parameter_that_is_no_json():
    assert "parameter 'word' is written as 'parquet'" in refusal(
        with_parameter(serializer="parquet")
    )


def test_a_store_that_is_another_folder_in_each_container():
    assert "store 'runs' means another folder in each container" in refusal(
        one_task(), store="runs"
    )


def test_the_first_is_raised_and_the_others_are_counted():
    pipeline = one_task(options=Options(env={"A": "{{x}}", "B": "{{y}}"}))

    assert refusal(pipeline, image=None).endswith(
        "@task(image=...) (and 2 more: see dagger-providers check, given the same options)"
    )


def test_an_image_of_a_task_that_argo_would_fill_in():
    assert "task 'say': image holds '{{'" in refusal(one_task(options=Options(image="{{x}}")))


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ({"type": "string"}, "x" * 131_070, "'word' has 131072 bytes as an argument"),
        ({"type": "string", "enum": ["a", "{{"]}, "a", "'word' holds '{{' and no '}}' after it"),
        ({"type": "array"}, ["x" * 131_068], "'word' has 131072 bytes as an argument"),
    ],
)
def test_defaults_and_choices_that_argo_would_not_hand_on(schema, value, text):
    assert text in refusal(with_parameter(json_schema=schema, default=value))


# Arguments


def test_arguments_are_argos_texts():
    pipeline = build_ref("conformance.programs.parameters:PIPELINE")
    given = {"text": "1 {{x}}", "number": 2**60, "ratio": 2, "flag": True, "values": [1, "{{x}}"],
             "mapping": {"b": 1, "a": 2.0}, "color": "r", "note": None}  # fmt: skip

    assert argo.arguments(pipeline, given) == {
        "text": "1 {{x}}", "number": str(2**60), "ratio": "2.0", "flag": "true",
        "values": '[1,"{\\u007bx}}"]', "mapping": '{"b":1,"a":2.0}', "color": "r", "note": "null",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("x" * 140_000, CapabilityError, "Linux limits to 131071"),
        ("a {{ b", CapabilityError, "a template of its own that does not end"),
        (3, UsageError, "parameter 'text'"),
    ],
)
def test_arguments_that_argo_would_not_hand_on(value, error, text):
    pipeline = build_ref("conformance.programs.huge_parameter:PIPELINE")

    with pytest.raises(error, match=text):
        argo.arguments(pipeline, {"text": value})


# Long loops


def test_a_long_loop_runs_in_chunks(tmp_path):
    pipeline = build_ref("conformance.programs.map_steps:PIPELINE")
    text = argo.workflow(pipeline, store=str(tmp_path), image="i")
    short = text.replace("'500'", "'2'")
    assert short != text

    ran = run_workflow(short, argo.arguments(pipeline, {"xs": [1, 2, 3, 4, 5]}))

    assert ran.ok, ran.reason
    names = {pod.name for pod in ran.pods}
    assert {"clean[0:2]", "clean[2:5]", "fit[0:2]", "fit[2:5]", "best"} <= names
    assert len(list(tmp_path.glob("runs/*/nodes/fit/*/commit.json"))) == 5


# Imports


def test_compiling_imports_no_framework():
    build = "from dagger_providers import DAG, Task, argo; dag = DAG({'a': Task('m:f')})"
    probe = f"{build}; argo.workflow(dag, image='i', store='/s')"
    shown = "import sys; print(*{n.partition('.')[0] for n in sys.modules})"

    ended = subprocess.run(
        [sys.executable, "-c", f"{probe}; {shown}"], capture_output=True, text=True, check=True
    )

    assert {"kfp", "kubernetes", "hera", "yaml", "google"} & set(ended.stdout.split()) == set()


def test_a_model_by_hand():
    first = Task("flows:upper", {"text": FromParam("word")}, RETURNED)
    second = Task("flows:upper", {"text": FromNodeOutput("first")}, RETURNED)
    word = FromParam("word", json_schema={"type": "string"})

    document = compiled(DAG({"first": first, "second": second}, {"word": word}))

    assert tasks(document)["second"]["dependencies"] == ["first"]
