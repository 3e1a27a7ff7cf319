"""What a compiled pipeline says, and what is refused; needs no SDK."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from kfp_flows import join, letters, upper

from dagger_providers import (
    DAG,
    FromNodeOutput,
    FromParam,
    FromReturnValue,
    FromValue,
    Options,
    Resources,
    Task,
    dag,
    kfp,
    task,
)
from dagger_providers.errors import CapabilityError, MissingExtraError, UsageError
from dagger_providers.kfp import protobuf
from dagger_providers.planning.naming import pipeline_name, unique_keys

HERE = Path(__file__).parent
PLACE = {"image": "flows:1", "store": "s3://bucket/runs"}
RETURNED = {"return_value": FromReturnValue()}


def compiled(pipeline, **options):
    return next(yaml.safe_load_all(kfp.compile(pipeline, **{**PLACE, **options})))


def one_task(**settings):
    inputs = {"text": settings.pop("source", FromValue("x"))}
    return DAG({"say": Task("flows:upper", inputs, RETURNED, **settings)}, name="one")


def container(document, key):
    return document["deploymentSpec"]["executors"][f"exec-{key}"]["container"]


def refusal(pipeline, **options):
    with pytest.raises(CapabilityError) as caught:
        kfp.compile(pipeline, **{**PLACE, **options})
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What a pipeline becomes


def test_a_task_is_a_container_that_runs_its_card(flow):
    document = compiled(flow("linear"))

    made = container(document, "upper-2")
    assert made["image"] == "flows:1"
    assert made["command"] == ["python", "-m", "dagger_providers", "run-node"]
    assert made["env"] == [{"name": "PYTHONHASHSEED", "value": "0"}]
    arguments = made["args"]
    assert json.loads(arguments[1])["address"] == "upper-2"
    assert arguments[:1] + arguments[2:] == [
        "--card", "--store", "s3://bucket/runs",
        "--run-id", "{{$.inputs.parameters['dagger-run-id']}}",
    ]  # fmt: skip
    task = document["root"]["dag"]["tasks"]["upper-2"]
    assert task["dependentTasks"] == ["upper-1"]
    assert task["cachingOptions"] == {}
    assert task["inputs"]["parameters"] == {
        "dagger-run-id": {"runtimeValue": {"constant": "{{$.pipeline_job_uuid}}"}}
    }


def test_a_loop_is_one_component_with_its_steps_item_by_item(flow):
    document = compiled(flow("mapped"))

    loop = document["components"]["comp-for-each-names"]["dag"]["tasks"]
    assert loop["fit"]["dependentTasks"] == ["clean"]
    assert "dependentTasks" not in loop["clean"]
    root = document["root"]["dag"]["tasks"]
    assert set(root) == {"names", "for-each-names", "best"}
    assert root["best"]["dependentTasks"] == ["for-each-names", "names"]
    assert root["for-each-names"]["parameterIterator"] == {
        "itemInput": "pipelinechannel--names-Output-item",
        "items": {"inputParameter": "pipelinechannel--names-Output"},
    }
    assert "parallelism" not in str(document)


def test_a_branch_by_a_parameter_is_a_condition_without_a_step(flow):
    document = compiled(flow("chosen"))

    found = {}
    for part in document["components"].values():
        for key, inner in part.get("dag", {}).get("tasks", {}).items():
            if "triggerPolicy" in inner:
                found[key] = inner["triggerPolicy"]["condition"]
    value = "inputs.parameter_values"
    assert found == {
        "if-how-up": f"{value}['how'] == 'up'",
        "if-how-third-or-so": f"{value}['how'] == 'third, or so'",
        "if-how-default": f"!({value}['how'] == 'up') && !({value}['how'] == 'third, or so')",
        "if-level-1": f"int({value}['level']) == 1",
        "if-level-1-2": f"int({value}['level']) == -1",
        "if-level-default": f"!(int({value}['level']) == 1) && !(int({value}['level']) == -1)",
        "if-color-r": f"{value}['color'] == 'r'",
        "if-color-b": f"!({value}['color'] == 'r')",
        "if-each-true": f"{value}['loud'] == true",
        "if-each-false": f"!({value}['loud'] == true)",
        "if-each-true-switch-once": f"{value}['mode'] == 'once'",
        "if-each-true-switch-twice": f"!({value}['mode'] == 'once')",
    }
    assert [key for key in document["deploymentSpec"]["executors"] if "choice" in key] == []


def test_a_description_says_what_a_parameter_takes(flow):
    inputs = compiled(flow("described"))["root"]["inputDefinitions"]["parameters"]

    assert {name: found.get("description") for name, found in inputs.items()} == {
        "color": 'Which one. (JSON text: one of "r", "b" or null)',
        "day": "(JSON text: date or null)",
        "when": "(JSON text: date or string)",
        "models": "(JSON text: list of Model)",
        "colors": '(JSON text: list of one of "r", "b")',
        "mixed": '(JSON text: one of "a", 1)',
        "mode": "How fast it is. (one of a, b)",
        "took": "(JSON text: number)",
        "count": "How many there are.",
        "plain": None,
    }


def test_parameters_have_types_defaults_and_descriptions(flow):
    inputs = compiled(flow("typed"))["root"]["inputDefinitions"]["parameters"]

    assert inputs["text"] == {"parameterType": "STRING"}
    assert inputs["ratio"] == {"parameterType": "NUMBER_DOUBLE"}
    assert inputs["flag"] == {"parameterType": "BOOLEAN"}
    assert inputs["number"] == {"parameterType": "NUMBER_INTEGER"}
    assert inputs["mapping"] == {"parameterType": "STRING", "description": "(JSON text: object)"}
    assert inputs["maybe"]["defaultValue"] == "null"
    assert inputs["day"] == {
        "parameterType": "STRING",
        "description": "(date)",
        "isOptional": True,
        "defaultValue": "2026-01-02",
    }
    assert inputs["color"] == {
        "parameterType": "STRING",
        "description": "(one of r, b)",
        "isOptional": True,
        "defaultValue": "b",
    }


def test_a_description_is_kept():
    source = FromParam("word", json_schema={"type": "string"}, description="What to say.")
    pipeline = DAG(
        {"say": Task("flows:upper", {"text": source}, RETURNED)},
        {"word": source},
        name="One Two!",
        description="Says it.",
    )

    document = compiled(pipeline)

    assert document["pipelineInfo"] == {"name": "one-two", "description": "Says it."}
    word = document["root"]["inputDefinitions"]["parameters"]["word"]
    assert word == {"parameterType": "STRING", "description": "What to say."}


def test_options_of_a_task_reach_its_container():
    options = Options(
        retries=3,
        resources=Resources(cpu="500m", memory="1Gi"),
        env={"MODE": "fast"},
        image="other:2",
    )
    own = {"kfp": {"display_name": "Say it", "infrastructure_retries": 2,
                   "accelerator_type": "nvidia.com/gpu"}}  # fmt: skip

    document = compiled(one_task(options=options, runtime_options=own))

    made = container(document, "say")
    assert made["image"] == "other:2"
    assert {"name": "MODE", "value": "fast"} in made["env"]
    assert made["resources"] == {
        "cpuLimit": 0.5, "cpuRequest": 0.5,
        "resourceCpuLimit": "500m", "resourceCpuRequest": "500m",
        "memoryLimit": 1.073741824, "memoryRequest": 1.073741824,
        "resourceMemoryLimit": "1Gi", "resourceMemoryRequest": "1Gi",
        "accelerator": {"resourceType": "nvidia.com/gpu", "resourceCount": "1",
                        "type": "nvidia.com/gpu", "count": "1"},
    }  # fmt: skip
    task = document["root"]["dag"]["tasks"]["say"]
    assert task["taskInfo"] == {"name": "Say it"}
    assert task["retryPolicy"] == {"maxRetryCount": 2}
    assert json.loads(made["args"][1])["policy"] == {"retries": 3}


def test_options_of_a_pipeline():
    own = {"kfp": {"display_name": "One", "parallelism": 4}}
    looped = compiled(one_task().model_copy(update={"runtime_options": own}))

    assert looped["pipelineInfo"] == {"name": "one", "displayName": "One"}


def test_a_loop_keeps_to_the_parallelism(flow):
    model = (
        flow("mapped").build().model_copy(update={"runtime_options": {"kfp": {"parallelism": 4}}})
    )

    loop = compiled(model)["root"]["dag"]["tasks"]["for-each-names"]

    assert loop["iteratorPolicy"] == {"parallelismLimit": 4}


def test_literals_hold_nothing_that_an_engine_would_fill_in():
    document = compiled(
        one_task(source=FromValue(["{{$.inputs}}", "{{{{x}}}}", {"{{": {"a": {}}}]))
    )

    text = container(document, "say")["args"][1]
    assert "{{" not in text
    assert json.loads(text)["inputs"]["text"]["value"] == [
        "{{$.inputs}}", "{{{{x}}}}", {"{{": {"a": {}}}
    ]  # fmt: skip


# Tasks that share what they run


def executors(pipeline):
    return list(compiled(pipeline)["deploymentSpec"]["executors"])


def test_tasks_of_one_function_share_a_component_and_have_their_own_cards(flow):
    document = compiled(flow("row"))

    tasks = document["root"]["dag"]["tasks"]
    assert {key: task["componentRef"]["name"] for key, task in tasks.items()} == {
        "upper-1": "comp-upper-1",  # it reads a parameter
        "upper-2": "comp-upper",
        "upper-3": "comp-upper",
        "last": "comp-upper",
    }
    assert container(document, "upper")["args"][:2] == [
        "--card", "{{$.inputs.parameters['dagger-card']}}"
    ]  # fmt: skip
    given = [tasks[key]["inputs"]["parameters"] for key in ("upper-2", "upper-3", "last")]
    cards = [json.loads(one["dagger-card"]["runtimeValue"]["constant"]) for one in given]
    assert [card["address"] for card in cards] == ["upper-2", "upper-3", "last"]


@pytest.mark.parametrize(
    "options",
    [
        {"image": "other:1"},
        {"env": {"A": "b"}},
        {"resources": {"cpu": "1"}},
        {"runtime_options": {"kubernetes": {"node_selector": {"disk": "ssd"}}}},
        {"runtime_options": {"kfp": {"infrastructure_retries": 1}}},
    ],
)
def test_tasks_that_ask_for_something_else_have_a_component_of_their_own(options):
    @dag
    def two(text: str = "a"):
        first = upper(text)
        return join([upper(first), upper.options(**options)(first)])

    assert executors(two) == ["exec-join", "exec-upper-1", "exec-upper-2", "exec-upper-3"]


def test_a_shared_component_may_be_called_like_another_task():
    @dag
    def named(text: str = "a"):
        words = letters.options(name="upper")(text)
        return join([upper.options(name=f"u{n}")(text) for n in range(2)] + [join(words)])

    document = compiled(named)
    names = {k: t["componentRef"]["name"] for k, t in document["root"]["dag"]["tasks"].items()}
    assert (names["upper"], names["u0"], names["u1"]) == (
        "comp-upper", "comp-upper-2", "comp-upper-2",
    )  # fmt: skip


def test_tasks_that_share_a_component_may_be_shown_by_different_names():
    @dag
    def named(text: str = "a"):
        shown = [{"kfp": {"display_name": name}} for name in ("One", "Two")]
        return join([upper.options(runtime_options=one)(text) for one in shown])

    tasks = compiled(named)["root"]["dag"]["tasks"]
    shared = [t for t in tasks.values() if t["componentRef"]["name"] == "comp-upper"]
    assert [task["taskInfo"]["name"] for task in shared] == ["One", "Two"]


def test_a_long_card_is_put_into_the_store(tmp_path):
    pipeline = one_task(source=FromValue("x" * 9000))

    document = compiled(pipeline, store=str(tmp_path))

    option, place = container(document, "say")["args"][:2]
    assert option == "--card-file"
    text = Path(place).read_bytes()
    assert place == f"{tmp_path}/cards/{hashlib.sha256(text).hexdigest()}.json"
    assert json.loads(text)["address"] == "say"


def test_the_code_root_goes_along(flow):
    arguments = container(compiled(flow("linear"), code_root="/app"), "upper-1")["args"]

    assert arguments[arguments.index("--code-root") + 1] == "/app"


def test_it_is_written_where_it_is_wanted(flow, tmp_path):
    text = kfp.compile(flow("linear"), tmp_path / "new" / "linear.yaml", **PLACE)

    assert (tmp_path / "new" / "linear.yaml").read_text() == text


def test_the_same_bytes_in_any_process():
    code = """
import sys
from dagger_providers import kfp
from dagger_providers.dsl.find import find_pipeline
for name in ("mapped", "nested", "again", "typed"):
    sys.stdout.write(kfp.compile(find_pipeline("kfp_flows.py:" + name), image="i", store="/s"))
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=HERE,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "random")
    }

    assert len(texts) == 1
    assert len(texts.pop()) > 1000


# Names


@given(st.lists(st.text("aB-_. 1é", max_size=12), unique=True))
def test_different_names_have_different_keys_in_any_order(names):
    keys = unique_keys(names)

    assert len(set(keys.values())) == len(names)
    assert all(pipeline_name(key) == key for key in keys.values())
    assert unique_keys(reversed(names)) == keys


def test_a_key_is_the_plain_name_where_it_can_be():
    keys = unique_keys(["outer.fit_all", "Fit", "fit", "x" * 200])

    assert keys["outer.fit_all"] == "outer-fit-all"
    assert keys["Fit"] == f"fit-{hashlib.sha256(b'Fit').hexdigest()[:8]}"
    assert max(map(len, keys.values())) <= 90


def test_a_step_may_be_called_like_a_loop(flow):
    model = flow("mapped").build()
    nodes = {
        **model.nodes,
        "for-each-names": Task("flows:upper", {"text": FromValue("x")}, RETURNED),
    }

    tasks = compiled(DAG(nodes, model.inputs, model.outputs, loops=model.loops))["root"]["dag"][
        "tasks"
    ]

    assert len(tasks) == 4


# Refusals


def test_no_image():
    assert refusal(one_task(), image=None) == (
        "kfp: task 'say' has no image to run in; give --image (image=... in code), or "
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


def test_a_parameter_that_is_no_json():
    source = FromParam("rows", serializer="parquet")
    nodes = {"say": Task("flows:upper", {"text": source}, RETURNED)}

    assert "parameter 'rows' is written as 'parquet'" in refusal(DAG(nodes, {"rows": source}))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"display_nme": "x"}, "has no 'display_nme'; known: accelerator_count, "),
        ({"display_name": 3}, "display_name: Input should be a valid string, got 3"),
        ({"infrastructure_retries": True}, "Input should be a valid integer, got True"),
        ({"infrastructure_retries": -1}, "Input should be greater than or equal to 0, got -1"),
        ({"cache": True}, "KFP's cache would skip a task without leaving its value in this run"),
    ],
)
def test_options_that_kfp_has_not(given, text):
    assert text in refusal(one_task(runtime_options={"kfp": given}))


def test_options_of_a_nested_pipeline(flow):
    inner = one_task(runtime_options={}).model_copy(update={"runtime_options": {"kfp": {"x": 1}}})
    outer = DAG({"inner": inner}, name="outer")

    assert "nested pipeline 'inner' has options" in refusal(outer)


def test_a_store_that_is_another_folder_in_each_container(flow):
    with pytest.raises(CapabilityError, match="store 'runs' means another folder"):
        kfp.compile(flow("linear"), image="i", store="runs")


def test_something_else_than_a_pipeline():
    with pytest.raises(UsageError, match="expected a function decorated by @dag or a DAG"):
        kfp.compile(len, **PLACE)


def test_without_the_extra(monkeypatch, flow):
    monkeypatch.setattr(protobuf, "_FILE", "nowhere.py")
    monkeypatch.delitem(sys.modules, "kfp.pipeline_spec.pipeline_spec_pb2", raising=False)
    protobuf.messages.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match=r"dagger-providers\[kfp\]"):
            kfp.compile(flow("linear"), **PLACE)
    finally:
        protobuf.messages.cache_clear()


# Arguments


def test_arguments_are_what_kfp_takes(flow):
    found = kfp.arguments(flow("typed"), {
        "text": "a", "number": "7", "ratio": 2, "flag": True,
        "values": [1, "{{x}}"], "mapping": {"b": 1, "a": 2.0}, "color": "r", "maybe": None,
    })  # fmt: skip

    assert found == {
        "text": "a", "number": 7, "ratio": 2.0, "flag": True,
        "values": '[1,"{\\u007bx}}"]', "mapping": '{"b":1,"a":2.0}', "color": "r", "maybe": "null",
    }  # fmt: skip
    assert type(found["ratio"]) is float


@pytest.mark.parametrize(
    ("name", "value", "error", "text"),
    [
        ("number", 2**53 + 1, CapabilityError, "KFP rounds whole numbers beyond 2**53"),
        ("text", "x" * 200_000, CapabilityError, "Linux limits to 131071"),
        ("values", ["x" * 200_000], CapabilityError, "Linux limits to 131071"),
        ("text", "{{$.x}}", CapabilityError, "takes for a placeholder"),
        ("number", "many", UsageError, "parameter 'number'"),
        ("nunber", 1, UsageError, "no parameter nunber"),
    ],
)
def test_arguments_that_kfp_would_not_hand_on(name, value, error, text, flow):
    good = {"text": "a", "number": 7, "ratio": 2, "flag": True, "values": [], "mapping": {}}

    with pytest.raises(error) as caught:
        kfp.arguments(flow("typed"), {**good, name: value})

    assert text in str(caught.value)


def test_a_default_that_kfp_would_round():
    source = FromParam("n", json_schema={"type": "integer"}, default=2**60)
    nodes = {"say": Task("flows:upper", {"text": source}, RETURNED)}

    assert "KFP rounds whole numbers" in refusal(DAG(nodes, {"n": source}))


# Imports


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import dagger_providers.kfp", {"google", "kfp", "pydantic", "yaml"}),
        ("from dagger_providers import kfp; kfp.compile(dag, image='i', store='/s')",
         {"kfp", "kubernetes", "yaml"}),
    ],
    ids=["importing", "compiling"],
)  # fmt: skip
def test_what_is_not_imported(code, loaded):
    build = "from dagger_providers import DAG, Task; dag = DAG({'a': Task('m:f')})"
    lines = [build, code] if "dag" in code.partition(";")[2] else [code]
    probe = "; ".join([*lines, "import sys; print(*{n.partition('.')[0] for n in sys.modules})"])

    ended = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )

    assert loaded & set(ended.stdout.split()) == set()


def test_the_sdk_finds_its_own_messages_afterwards():
    code = """
from dagger_providers.kfp.protobuf import messages
ours = messages()
import kfp
from kfp.pipeline_spec import pipeline_spec_pb2
assert kfp.Client and pipeline_spec_pb2.PipelineSpec is ours.PipelineSpec
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_a_model_by_hand(flow):
    first = Task("flows:upper", {"text": FromParam("word")}, RETURNED)
    second = Task("flows:upper", {"text": FromNodeOutput("first")}, RETURNED)
    word = FromParam("word", json_schema={"type": "string"})

    document = compiled(DAG({"first": first, "second": second}, {"word": word}))

    assert document["root"]["dag"]["tasks"]["second"]["dependentTasks"] == ["first"]
