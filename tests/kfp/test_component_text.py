"""What a task becomes as a component of KFP, and what is refused; needs no SDK."""

import json
import re
from pathlib import Path

import component_parts as parts
import pytest
import yaml

from dagger_providers import kfp, task
from dagger_providers.cli import main
from dagger_providers.errors import CapabilityError, UsageError

IMAGE = "parts:1"


def document(part, **options):
    return yaml.safe_load(kfp.component(part, **{"image": IMAGE, **options}))


def inputs(part, **options):
    """The type of each input, an artifact's in angle brackets when it is a list."""
    return _types(document(part, **options)["root"].get("inputDefinitions", {}))


def outputs(part, **options):
    return _types(document(part, **options)["root"].get("outputDefinitions", {}))


def _types(definitions):
    found = {n: one["parameterType"] for n, one in definitions.get("parameters", {}).items()}
    for name, one in definitions.get("artifacts", {}).items():
        title = one["artifactType"]["schemaTitle"]
        found[name] = f"<{title}>" if one.get("isArtifactList") else title
    return found


def words(part, **options):
    (executor,) = document(part, **options)["deploymentSpec"]["executors"].values()
    return executor["container"]["args"]


def refusal(part, **options):
    with pytest.raises(CapabilityError) as caught:
        kfp.component(part, **{"image": IMAGE, **options})
    return str(caught.value)


def test_arguments_are_parameters_as_far_as_kfp_keeps_them():
    assert inputs(parts.kinds) == {
        "day": "STRING",
        "wait": "STRING",
        "line": "STRUCT",
        "lines": "LIST",
        "by_name": "STRUCT",
        "noted": "STRING",
        "anything": "STRING",
        "untyped": "STRING",
        "file": "system.Artifact",
        "data": "system.Artifact",
    }


def test_defaults_and_descriptions_are_kfps():
    found = document(parts.make)["root"]["inputDefinitions"]["parameters"]

    assert found["n"] == {"parameterType": "NUMBER_INTEGER", "description": "How many."}
    assert (found["scale"]["defaultValue"], found["scale"]["isOptional"]) == (2.0, True)
    assert found["shade"]["defaultValue"] == "dark"
    assert found["skip"] == {
        "parameterType": "LIST", "isOptional": True, "description": "Which not."
    }  # fmt: skip


def test_what_is_json_of_any_kind_says_so():
    found = document(parts.told)["root"]["inputDefinitions"]["parameters"]

    assert found["options"]["defaultValue"] == '{"a":[1]}'
    assert "JSON text" in found["options"]["description"]


def test_kinds_restore_what_doubles_lose():
    given = words(parts.kinds)
    of = {given[n + 2]: given[n + 1] for n, word in enumerate(given) if word == "--param-as"}

    assert json.loads(of["line"]) == {"slope": "float", "points": "int", "note": "str"}
    assert json.loads(of["lines"]) == [{"slope": "float", "points": "int", "note": "str"}]
    assert json.loads(of["by_name"]) == {"*": ["int"]}
    assert (of["day"], of["wait"], of["untyped"]) == ("str", "json", "json")


def test_results_are_outputs():
    assert outputs(parts.make) == {"Output": "system.Dataset"}
    assert outputs(parts.fit) == {"Output": "STRUCT"}
    assert outputs(parts.told) == {"Output": "STRING"}
    assert outputs(parts.numbers) == {"Output": "LIST"}
    assert outputs(parts.stream) == {"Output": "LIST"}
    assert outputs(parts.train) == {"Output": "system.Model"}
    assert outputs(parts.kinds) == {}


def test_fields_and_keys_of_a_result_are_outputs_of_their_own():
    assert outputs(parts.halves) == {"rows": "system.Dataset", "total": "NUMBER_DOUBLE"}
    assert outputs(parts.naming) == {"size": "NUMBER_INTEGER", "words": "LIST"}
    assert outputs(parts.score, outputs=["slope"]) == {"slope": "NUMBER_DOUBLE"}
    assert outputs(parts.naming, outputs=[]) == {"Output": "STRUCT"}


def test_types_of_artifacts_are_chosen():
    assert outputs(parts.page, artifacts={"Output": "HTML"}) == {"Output": "system.HTML"}
    assert outputs(parts.score, artifacts={"Output": "Metrics"}) == {"Output": "system.Metrics"}
    assert inputs(parts.fit, artifacts={"rows": "Artifact"}) == {"rows": "system.Artifact"}
    assert inputs(parts.told, artifacts={"line": "Model"})["line"] == "system.Model"


def test_a_list_of_frames_is_a_list_of_artifacts_or_a_folder():
    assert inputs(parts.joined) == {"parts": "<system.Dataset>"}
    assert inputs(parts.joined, artifacts={"parts": "Dataset"}) == {"parts": "system.Dataset"}
    assert "--take" in words(parts.joined)
    assert "--take" not in words(parts.joined, artifacts={"parts": "Dataset"})


def test_what_may_be_unset_is_no_placeholder():
    given = words(parts.make)

    assert given[given.index("skip") - 2 : given.index("skip")] == ["--take", '["int"]']
    assert not any("['skip']" in word for word in given)
    assert given[-2:] == ["--executor-input", "{{$}}"]


def test_a_task_keeps_its_options():
    made = document(parts.make)
    (executor,) = made["deploymentSpec"]["executors"].values()
    card = json.loads(words(parts.make)[words(parts.make).index("--card") + 1])

    assert executor["container"]["resources"]["resourceMemoryLimit"] == "1Gi"
    assert words(parts.make)[:6] == ["--env", "PYTHONHASHSEED", "0", "--env", "PLACE", "here"]
    assert card["policy"] == {"retries": 1, "timeout": 300.0}


def test_options_of_pods_are_the_second_document():
    placed = parts.fit.options(runtime_options={"kubernetes": {"node_selector": {"disk": "ssd"}}})
    text = kfp.component(placed, image=IMAGE)

    _, platform = yaml.safe_load_all(text)
    (config,) = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values()
    assert config == {"nodeSelector": {"labels": {"disk": "ssd"}}}


def test_a_node_of_a_pipeline_has_the_options_of_its_call():
    given = words(parts.flow, node_name="make")

    assert json.loads(given[given.index("--card") + 1])["policy"]["retries"] == 5
    assert document(parts.flow, node_name="make")["pipelineInfo"]["name"] == "make"


def test_the_same_task_gives_the_same_text(tmp_path):
    text = kfp.component(parts.make, tmp_path / "make.yaml", image=IMAGE)

    assert text == kfp.component(parts.make, image=IMAGE)
    assert text == (tmp_path / "make.yaml").read_text()


# Pipelines


def test_a_pipeline_is_a_component_of_one_container():
    made = {"one_container": True, "artifacts": {"Output": "Markdown"}}

    assert inputs(parts.flow, **made) == {"n": "NUMBER_INTEGER"}
    assert outputs(parts.flow, **made) == {"Output": "system.Markdown"}
    assert words(parts.flow, **made, code_root="/app")[3] == "component_parts:flow"


def test_a_pipeline_is_a_component_whose_tasks_stay_tasks():
    made = document(parts.listed, store="s3://b/runs")
    tasks = made["root"]["dag"]["tasks"]

    assert {"dagger-run", "dagger-outputs", "first"} < set(tasks)
    assert any("parameterIterator" in task for task in tasks.values())
    assert inputs(parts.listed, store="s3://b/runs") == {"ks": "LIST", "wide": "STRING"}
    assert outputs(parts.listed, store="s3://b/runs") == {
        "lines": "LIST",
        "rows": "system.Dataset",
        "first": "NUMBER_INTEGER",
    }


def test_a_component_runs_in_a_run_of_its_own():
    made = document(parts.flow, store="s3://b/runs")
    tasks = made["root"]["dag"]["tasks"]
    runs = {
        key: task["inputs"]["parameters"]["dagger-run-id"]
        for key, task in tasks.items()
        if key != "dagger-run"
    }

    of = {"taskOutputParameter": {"outputParameterKey": "Output", "producerTask": "dagger-run"}}
    assert set(runs) == {"make", "fit", "told", "dagger-outputs"}
    assert all(one == of for one in runs.values())


def test_outputs_of_a_pipeline_are_shown_where_that_is_asked_for():
    place = {"store": "s3://b/runs", "image": IMAGE}
    plain = yaml.safe_load(kfp.compile(parts.listed, **place))
    shown = yaml.safe_load(kfp.compile(parts.listed, outputs=["first"], **place))

    assert "outputDefinitions" not in plain["root"]
    assert _types(shown["root"]["outputDefinitions"]) == {"first": "NUMBER_INTEGER"}
    before = {key: task for key, task in plain["root"]["dag"]["tasks"].items()}
    after = shown["root"]["dag"]["tasks"]
    assert {key: after[key] for key in before} == before
    assert set(after) - set(before) == {"dagger-outputs"}


def test_outputs_beside_hooks_come_out_of_the_steps():
    text = kfp.compile(parts.hooked, store="s3://b/runs", image=IMAGE, outputs=True)
    selected = yaml.safe_load(text)["root"]["dag"]["outputs"]["parameters"]["Output"]

    assert selected["valueFromParameter"]["producerSubtask"] == "steps"


def test_a_pipeline_needs_a_store_or_one_container():
    with pytest.raises(UsageError, match=r"needs store=.* or one_container=True"):
        kfp.component(parts.flow, image=IMAGE)


def test_an_output_that_does_not_exist_is_told():
    with pytest.raises(UsageError, match="no output 'lst'; it has: lines, rows, first"):
        kfp.compile(parts.listed, store="s3://b/runs", image=IMAGE, outputs=["lst"])


def test_hooks_are_refused_in_somebody_elses_pipeline():
    assert "'on_exit' is a hook" in refusal(parts.hooked, store="s3://b/runs")


def test_an_image_of_a_tasks_own_is_refused_in_one_container():
    assert "asks for image 'own:1'" in refusal(parts.imaged, one_container=True)


# Refusals


def test_what_nothing_says_how_to_read_is_refused():
    said = refusal(parts.predict)

    assert "argument 'model' of 'predict', Guess" in said
    assert "serializers=" in said


def test_a_pickle_is_read_only_where_it_is_trusted():
    pickled = {"serializers": {"model": "pickle"}}

    assert "runs the code in it" in refusal(parts.predict, **pickled)
    found = inputs(parts.predict, **pickled, trust=["model"])
    assert found == {"model": "system.Model", "rows": "system.Dataset"}


def test_options_of_nodes_are_refused():
    assert "has group" in refusal(parts.grouped)


def test_an_image_is_needed():
    assert "no image" in refusal(parts.fit, image=None)


def test_a_function_of_this_process_is_refused():
    @task
    def here(n: int) -> int:
        return n

    assert "lives only in this process" in refusal(here)


def test_a_default_that_kfp_would_round_is_refused():
    def wide(n: int = 2**53 + 1) -> int:
        return n

    wide.__module__, wide.__qualname__ = "component_parts", "wide"
    assert "beyond 2**53" in refusal(task(wide))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"artifacts": {"row": "Dataset"}}, "'row', which is none of: rows, Output"),
        ({"artifacts": {"rows": "Table"}}, "there are: Artifact, Dataset, HTML"),
        ({"serializers": {"rows": "cvs"}}, "unknown serializer 'cvs'"),
        ({"trust": ["model"]}, "trust names 'model'"),
        ({"node_name": "fit"}, "this is a task"),
    ],
)
def test_what_does_not_exist_is_told(options, said):
    with pytest.raises(UsageError) as caught:
        kfp.component(parts.fit, image=IMAGE, **options)

    assert said in str(caught.value)


def test_a_node_that_does_not_exist_is_told():
    with pytest.raises(UsageError, match="no node 'fti' in pipeline 'flow'"):
        kfp.component(parts.flow, image=IMAGE, node_name="fti")


# The command line

HERE = str(Path(__file__).with_name("component_parts.py"))


def test_the_command_prints_a_component(capsys):
    given = ["--to", "kfp-component", "--image", IMAGE, "--artifact", "Output=HTML"]

    assert main(["compile", f"{HERE}:page", *given]) == 0
    assert "system.HTML" in capsys.readouterr().out


def test_the_command_writes_one_of_a_pipelines_nodes(tmp_path, capsys):
    file = tmp_path / "fit.yaml"
    given = ["--node-name", "fit", "--image", IMAGE, "--name", "fitted", "-o", str(file)]

    assert main(["compile", f"{HERE}:flow", "--to", "kfp-component", *given]) == 0
    assert yaml.safe_load(file.read_text())["pipelineInfo"]["name"] == "fitted"
    assert f"wrote {file}" in capsys.readouterr().out


def test_options_of_components_are_for_components(tmp_path, capsys):
    given = ["--to", "kfp", "-o", str(tmp_path / "x.yaml"), "--trust", "rows"]

    assert main(["compile", f"{HERE}:flow", *given]) == 2
    assert "--trust is for --to kfp-component" in capsys.readouterr().err


def test_other_targets_need_a_file(capsys):
    assert main(["compile", f"{HERE}:flow", "--to", "kfp", "--store", "s3://b/r"]) == 2
    assert "needs -o FILE" in capsys.readouterr().err


def test_the_command_writes_pipelines_as_components(capsys):
    given = ["--to", "kfp-component", "--image", IMAGE]

    assert main(["compile", f"{HERE}:flow", *given]) == 2
    assert "--one-container" in capsys.readouterr().err
    assert main(["compile", f"{HERE}:flow", *given, "--one-container"]) == 0
    assert re.search(r"component_parts(\.py)?:flow", capsys.readouterr().out)
    assert main(["compile", f"{HERE}:flow", *given, "--store", "s3://b/r"]) == 0
    assert "dagger-outputs" in capsys.readouterr().out


def test_the_command_shows_outputs(tmp_path, capsys):
    file = tmp_path / "flow.yaml"
    given = ["--image", IMAGE, "--store", "s3://b/r", "-o", str(file), "--outputs"]

    assert main(["compile", f"{HERE}:flow", "--to", "kfp", *given]) == 0
    assert "outputDefinitions" in yaml.safe_load(file.read_text())["root"]
    assert main(["compile", f"{HERE}:flow", "--to", "argo", *given]) == 2
    assert "--outputs is for --to kfp" in capsys.readouterr().err
