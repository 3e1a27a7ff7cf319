"""Argo's rules, each by a small workflow; their places are named in the interpreter."""

from pathlib import Path

import pytest

from argo.conftest import dag, gives, phases, sh, workflow
from dagger_providers.errors import UsageError
from dagger_providers.testing.argo_local import run_workflow

OK = sh("ok", "true")
BAD = sh("bad", "exit 1")
TAKES = {"inputs": {"parameters": [{"name": "x"}]}}


def takes(value):
    return {"arguments": {"parameters": [{"name": "x", "value": value}]}}


# What a task waits for


def test_tasks_run_after_what_they_depend_on(run, tmp_path):
    code = f"echo {{{{inputs.parameters.x}}}} >> {tmp_path}/log"
    tasks = [
        {"name": "c", "template": "note", "dependencies": ["b"], **takes("c")},
        {"name": "b", "template": "note", "dependencies": ["a"], **takes("b")},
        {"name": "a", "template": "note", **takes("a")},
    ]

    ran = run(dag(*tasks), sh("note", code, **TAKES))

    assert ran.ok
    assert (tmp_path / "log").read_text() == "a\nb\nc\n"


def test_what_depends_on_a_failure_is_omitted_and_the_dag_fails(run):
    ran = run(
        dag({"name": "bad"}, {"name": "ok", "dependencies": ["bad"]},
            {"name": "more", "template": "ok", "dependencies": ["ok"]}),
        BAD, OK,
    )  # fmt: skip

    assert ran.phase == "Failed"
    assert phases(ran) == {"bad": "Failed", "ok": "Omitted", "more": "Omitted"}
    assert [pod.exit_code for pod in ran.pods] == [1]


@pytest.mark.parametrize(
    ("depends", "phase"),
    [
        ("a-b", "Succeeded"),
        ("a-b.Succeeded && bad.Failed", "Succeeded"),
        ("a-b && bad", "Omitted"),
        ("a-b && (bad || bad.Failed)", "Succeeded"),
        ("!bad.Succeeded && !a-b.Failed", "Succeeded"),
        ("bad.Skipped || a-b.Omitted", "Omitted"),
    ],
)
def test_depends_is_an_expression_over_results(run, depends, phase):
    ran = run(
        dag({"name": "a-b", "template": "ok"}, {"name": "bad"}, {"name": "ok", "depends": depends}),
        OK, BAD,
    )  # fmt: skip

    assert phases(ran)["ok"] == phase


def test_results_of_items(run):
    loop = {"name": "some", "withItems": [0, 1], **takes("{{item}}")}
    ran = run(
        dag(loop, {"name": "one", "template": "ok", "depends": "some.AnySucceeded"},
            {"name": "none", "template": "ok", "depends": "some.AllFailed"}),
        sh("some", "exit {{inputs.parameters.x}}", **TAKES), OK,
    )  # fmt: skip

    found = phases(ran)
    assert (found["some"], found["one"], found["none"]) == ("Failed", "Succeeded", "Omitted")


def test_continue_on_lets_what_follows_run_and_the_dag_succeed(run):
    bad = {"name": "bad", "continueOn": {"failed": True}}

    ran = run(dag(bad, {"name": "ok", "dependencies": ["bad"]}), BAD, OK)

    assert (ran.phase, phases(ran)["ok"]) == ("Succeeded", "Succeeded")


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ({"name": "ok", "dependencies": ["nobody"]}, "dependency 'nobody' not defined"),
        ({"name": "ok", "dependencies": ["ok"]}, "wait for each other"),
        ({"name": "ok", "depends": "bad.Broken"}, "task result 'Broken' for task 'bad' is invalid"),
        ({"name": "ok", "depends": "bad", "dependencies": ["bad"]}, "cannot use both"),
    ],
)
def test_dependencies_that_argo_refuses(run, task, text):
    tasks = [task] if "waits" in text or "wait for" in text else [task, {"name": "bad"}]

    with pytest.raises(UsageError, match=text):
        run(dag(*tasks), OK, BAD)


def test_a_word_of_the_expression_language_is_no_name_of_a_task(run):
    ran = run(dag({"name": "in", "template": "ok"}, {"name": "ok", "dependencies": ["in"]}), OK)

    assert ran.phase == "Error"
    assert "cannot be evaluated" in ran.reason


def test_a_branch_beside_a_failure_runs_to_its_end(run):
    ran = run(
        dag({"name": "bad"}, {"name": "ok"},
            {"name": "after", "template": "ok", "dependencies": ["ok"]}),
        BAD, OK,
    )  # fmt: skip

    assert ran.phase == "Failed"
    assert phases(ran)["after"] == "Succeeded"


def test_a_template_that_fails_fast_starts_nothing_more(run):
    main = dag(
        {"name": "bad"}, {"name": "ok", "depends": "bad.Failed"},
    )  # fmt: skip

    ran = run({**main, "failFast": True}, BAD, OK)

    assert (ran.phase, "ok" in phases(ran)) == ("Failed", False)


# Loops


def test_a_loop_runs_once_for_each_item_of_a_json_list(run, tmp_path):
    loop = {"name": "note", "dependencies": ["src"], "withParam":
            "{{tasks.src.outputs.parameters.out}}", **takes("{{item}}")}  # fmt: skip
    code = f"echo '{{{{inputs.parameters.x}}}}' >> {tmp_path}/log"

    ran = run(dag({"name": "src"}, loop), gives("src", '["0.2",3,[1]]'), sh("note", code, **TAKES))

    assert sorted((tmp_path / "log").read_text().split()) == ["0.2", "3", "[1]"]
    assert set(phases(ran)) == {"src", "note", "note(0:0.2)", "note(1:3)", "note(2:[1])"}


def test_a_loop_over_nothing_is_skipped_and_what_follows_runs(run):
    loop = {"name": "loop", "template": "ok", "dependencies": ["src"],
            "withParam": "{{tasks.src.outputs.parameters.out}}"}  # fmt: skip
    last = {"name": "last", "template": "ok", "dependencies": ["loop", "src"]}

    ran = run(dag({"name": "src"}, loop, last), gives("src", "[]"), OK)

    assert ran.ok
    assert phases(ran) == {"src": "Succeeded", "loop": "Skipped", "last": "Succeeded"}
    assert ran.nodes["w.loop"].message == "Skipped, empty params"


def test_only_success_is_not_enough_after_a_loop_over_nothing(run):
    loop = {"name": "loop", "template": "ok", "withParam": "[]"}

    ran = run(dag(loop, {"name": "ok", "depends": "loop.Succeeded"}), OK)

    assert (ran.phase, phases(ran)["ok"]) == ("Succeeded", "Omitted")


def test_a_loop_over_a_dag_passes_the_item_on(run, tmp_path):
    note = {"name": "note", "template": "note", **takes("{{inputs.parameters.x}}")}
    inner = {"name": "inner", **TAKES, "dag": {"tasks": [note]}}
    loop = {"name": "inner", "withItems": ["a", "b"], **takes("{{item}}")}

    ran = run(
        dag(loop), inner, sh("note", f"touch {tmp_path}/{{{{inputs.parameters.x}}}}", **TAKES)
    )

    assert sorted(file.name for file in tmp_path.iterdir()) == ["a", "b"]
    assert "inner(1:b).note" in phases(ran)


def test_a_list_that_is_none_is_an_error(run):
    ran = run(dag({"name": "ok", "withParam": "many"}), OK)

    assert ran.phase == "Error"
    assert "could not be parsed as a JSON list: many" in ran.reason


def test_when_is_evaluated_for_each_item(run):
    loop = {"name": "ok", "withItems": ["a", "b"], "when": "{{item}} == a"}

    found = phases(run(dag(loop), OK))

    assert (found["ok(0:a)"], found["ok(1:b)"]) == ("Succeeded", "Skipped")


@pytest.mark.parametrize(
    ("when", "phase"),
    [("yes == yes", "Succeeded"), ("'a b' != 'a b'", "Skipped"), ("1 > 2 || true", "Succeeded"),
     ("yes", "Error"), ("a - b", "Error")],
)  # fmt: skip
def test_when(run, when, phase):
    assert phases(run(dag({"name": "ok", "when": when}), OK))["ok"] == phase


# What tasks give and take


def test_an_output_is_the_text_of_a_file_less_one_newline(run):
    made = sh("src", "printf 'two\n\n' > {{outputs.parameters.out.path}}",
              outputs={"parameters": [{"name": "out", "valueFrom": {"path": "/a/b"}}]})  # fmt: skip

    assert run(dag({"name": "src"}), made).nodes["w.src"].outputs == {"out": "two\n"}


def test_a_missing_output_is_an_error_unless_it_has_a_default(run):
    output = {"name": "out", "valueFrom": {"path": "/nowhere"}}
    ran = run(dag({"name": "src"}), sh("src", "true", outputs={"parameters": [output]}))
    default = {"name": "out", "valueFrom": {"path": "/nowhere", "default": "d"}}
    kept = run(dag({"name": "src"}), sh("src", "true", outputs={"parameters": [default]}))

    assert (ran.phase, ran.reason) == (
        "Error", ": open /nowhere: no such file or directory"
    )  # fmt: skip
    assert kept.nodes["w.src"].outputs == {"out": "d"}


def test_an_output_has_a_limit(run):
    code = "head -c 262145 /dev/zero | tr '\\0' x > {{outputs.parameters.out.path}}"
    output = {"name": "out", "valueFrom": {"path": "/tmp/out"}}

    ran = run(dag({"name": "src"}), sh("src", code, outputs={"parameters": [output]}))

    assert "has 262145 bytes, of at most 262144" in ran.reason


def test_the_output_of_a_skipped_task_is_waited_for_in_vain(run):
    src = {"name": "src", "when": "a == b"}
    reader = {
        "name": "ok",
        "dependencies": ["src"],
        **takes("{{tasks.src.outputs.parameters.out}}"),
    }

    ran = run(dag(src, reader), gives("src", "x"), {**OK, **TAKES})

    assert ran.phase == "Error"
    assert "a task that was skipped: Argo 4.0 and 4.1 wait for it for ever" in ran.reason


def test_an_output_that_nothing_gives_is_waited_for_in_vain(run):
    reader = {"name": "ok", "dependencies": ["src"], **takes("{{tasks.src.outputs.parameters.o}}")}

    with pytest.raises(UsageError, match=r"waits for ever: w.ok: failed to resolve {{tasks.src"):
        run(dag({"name": "src"}, reader), gives("src", "x"), {**OK, **TAKES})


def test_an_output_of_a_task_that_is_not_waited_for_is_not_there(run):
    reader = {"name": "ok", **takes("{{tasks.src.outputs.parameters.out}}")}

    with pytest.raises(UsageError, match="waits for ever"):
        run(dag({"name": "src"}, reader), gives("src", "x"), {**OK, **TAKES})


def test_an_input_without_a_value_is_an_error(run):
    assert (
        "inputs.parameters.x was not supplied" in run(dag({"name": "ok"}), {**OK, **TAKES}).reason
    )


def test_parameters_ids_and_expressions_are_filled_in(run, tmp_path):
    code = f"""printf '%s|' {{{{workflow.name}}}} {{{{ workflow.uid }}}} "$0" > {tmp_path}/log"""
    template = sh("show", code)
    template["container"]["args"].append(
        "{{=sprig.replace('{', '\\\\u007b', toJson(workflow.parameters['text']))}}"
    )
    text = {"name": "text", "value": "given later"}

    ran = run(
        dag({"name": "show"}), template, arguments={"parameters": [text]},
        given={"text": 'a "b" {{workflow.uid}} <'},
    )  # fmt: skip

    found = (tmp_path / "log").read_text().split("|")
    assert found[:2] == ["w", ran.uid]
    assert found[2] == '"a \\"b\\" \\u007b\\u007bworkflow.uid}} \\u003c"'


def test_what_was_filled_in_is_looked_through_again(run, tmp_path):
    code = f"echo '{{{{workflow.parameters.text}}}}' > {tmp_path}/log"

    run(dag({"name": "show"}), sh("show", code), arguments={"parameters": [{"name": "text"}]},
        given={"text": "{{workflow.name}}"})  # fmt: skip

    assert (tmp_path / "log").read_text() == "w\n"


@pytest.mark.parametrize(
    ("arguments", "given", "text"),
    [
        ({}, {"n": "1"}, "the workflow has no parameter 'n'"),
        ({"parameters": [{"name": "n"}]}, {}, "spec.arguments.n.value or .valueFrom is required"),
        ({"parameters": [{"name": "n", "enum": ["a"]}]}, {"n": "b"}, "should be present in"),
        ({"parameters": [{"name": "n"}]}, {"n": "{{"}, "cannot find end tag"),
    ],
)
def test_parameters_that_argo_refuses(run, arguments, given, text):
    with pytest.raises(UsageError, match=text):
        run(dag({"name": "ok"}), OK, arguments=arguments, given=given, parallelism=2)


def test_a_control_character_breaks_a_simple_tag(run):
    main = dag({"name": "ok"})
    ok = sh("ok", "echo {{workflow.parameters.text}}")

    ran = run(main, ok, arguments={"parameters": [{"name": "text"}]}, given={"text": "\a"})

    assert "result was invalid JSON" in ran.reason


# Trying again


def counting(folder, statuses):
    """Shell code whose tries end with some statuses, the last one for all further."""
    words = " ".join(map(str, statuses))
    return (
        f"echo x >> {folder}/tries; set -- {words}; n=$(wc -l < {folder}/tries); "
        "[ $n -gt $# ] && n=$#; shift $((n - 1)); exit $1"
    )


INFRASTRUCTURE = {"limit": "2", "expression": "lastRetry.exitCode not in ['1', '2']"}


@pytest.mark.parametrize(
    ("strategy", "statuses", "tries", "phase"),
    [
        (INFRASTRUCTURE, [3, 0], 2, "Succeeded"),
        (INFRASTRUCTURE, [3], 3, "Failed"),
        (INFRASTRUCTURE, [1], 1, "Failed"),
        (INFRASTRUCTURE, [137, 2], 2, "Failed"),
        ({"limit": 1}, [1], 2, "Failed"),
        ({"limit": 3, "retryPolicy": "OnError"}, [1], 1, "Failed"),
        ({"limit": 5, "expression": "asInt(lastRetry.exitCode) > 1"}, [3, 2, 1], 3, "Failed"),
    ],
)
def test_retries(run, tmp_path, strategy, statuses, tries, phase):
    again = sh("again", counting(tmp_path, statuses), retryStrategy=strategy)

    ran = run(dag({"name": "again"}), again)

    assert (len(ran.pods), ran.phase) == (tries, phase)
    assert [pod.node for pod in ran.pods] == [f"w.again({n})" for n in range(tries)]


def test_a_pod_past_its_deadline_fails(run):
    ran = run(dag({"name": "slow"}), sh("slow", "exec sleep 20", activeDeadlineSeconds=0.2))

    assert ran.phase == "Failed"
    assert "longer than the specified deadline" in ran.reason


# How much at once


def watched(folder: Path) -> str:
    """Shell code that notes how many run at once."""
    return (
        f"touch {folder}/$$.on; ls {folder} | grep -c on >> {folder}/log; sleep 0.2; "
        f"rm {folder}/$$.on"
    )


@pytest.mark.parametrize(
    ("spec", "limits", "most"),
    [({}, {}, 3), ({"parallelism": 2}, {}, 2), ({}, {"parallelism": 1}, 1)],
)
def test_parallelism(tmp_path, spec, limits, most):
    main = {**dag({"name": "note", "withItems": [1, 2, 3]}), **limits}

    ran = run_workflow(workflow(main, sh("note", watched(tmp_path)), **spec), at_once=3)

    assert ran.ok
    assert max(map(int, (tmp_path / "log").read_text().split())) <= most
    assert len(ran.pods) == 3


# The end


@pytest.mark.parametrize(
    ("first", "exit_code", "phase"),
    [(OK, 0, "Succeeded"), (BAD, 0, "Failed"), (OK, 1, "Failed")],
)
def test_the_exit_handler_runs_in_any_case(run, tmp_path, first, exit_code, phase):
    code = f"echo {{{{workflow.status}}}} > {tmp_path}/log; exit {exit_code}"

    ran = run(dag({"name": first["name"]}), first, sh("bye", code), onExit="bye")

    assert (tmp_path / "log").read_text().strip() == "Failed" if first is BAD else "Succeeded"
    assert ran.phase == phase


# What it does not know


@pytest.mark.parametrize(
    ("template", "field"),
    [
        ({"volumes": []}, "spec.templates[1].volumes"),
        ({"hooks": {}}, "spec.templates[1].hooks"),
        ({"retryStrategy": {"backoff": {}}}, "spec.templates[1].retryStrategy.backoff"),
        ({"container": {"image": "i", "envFrom": []}}, "spec.templates[1].container.envFrom"),
    ],
)
def test_an_unknown_field_is_refused(run, template, field):
    with pytest.raises(UsageError) as refused:
        run(dag({"name": "ok"}), {**OK, **template})

    assert str(refused.value) == f"the interpreter of workflows does not know the field {field}"


def test_a_tag_of_argos_that_it_does_not_know_is_refused(run):
    ran = run(dag({"name": "ok"}), sh("ok", "echo {{pod.name}} {{anything}}"))

    assert ran.reason == "w.ok: failed to resolve {{pod.name}}"


def test_something_else_than_a_workflow():
    with pytest.raises(UsageError, match="holds no Workflow"):
        run_workflow("kind: Pod")
    with pytest.raises(UsageError, match="no YAML"):
        run_workflow("a: [")
