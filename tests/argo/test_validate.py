"""Each seeded fault in a compiled workflow is found, and named."""

import pytest

from dagger_providers.argo.emit import document
from dagger_providers.argo.validate import problems, validate
from dagger_providers.dsl.find import build_ref
from dagger_providers.errors import ModelError
from dagger_providers.planning import plan
from dagger_providers.planning.manifests import Target

STEPS = "conformance.programs.map_steps:PIPELINE"


@pytest.fixture
def made():
    dag = build_ref(STEPS)
    return document(dag, plan(dag), Target("/s", "i"))


def template(made, name):
    return next(one for one in made["spec"]["templates"] if one["name"] == name)


def task(made, name, dag="pipeline"):
    return next(one for one in template(made, dag)["dag"]["tasks"] if one["name"] == name)


def add_argument(made, text):
    template(made, "best")["container"]["args"].append(text)


FAULTS = {
    "kind": (lambda m: m.update(kind="Pod"), "it is 'Pod' of 'argoproj.io/v1alpha1'"),
    "name": (
        lambda m: m["metadata"].update(generateName="My Flow-"), "its name 'My Flow' is not made"),
    "long name": (
        lambda m: m["metadata"].update(generateName="x" * 58 + "-"), "at most 57 lower-case"),
    "entrypoint": (
        lambda m: m["spec"].update(entrypoint="main"),
        "it starts at template 'main', which does not exist"),
    "parameter twice": (
        lambda m: m["spec"]["arguments"]["parameters"].append({"name": "xs"}),
        "the workflow's parameter 'xs' is there 2 times"),
    "enum": (
        lambda m: m["spec"]["arguments"]["parameters"][1].update(enum=["2"]),
        "parameter 'shift' is '1', which is none of its enum"),
    "template twice": (
        lambda m: m["spec"]["templates"].append(template(m, "best")),
        "the template 'best' is there 2 times"),
    "template name": (
        lambda m: template(m, "best").update(name="Best"), "the template name 'Best' is not made"),
    "dangling template": (
        lambda m: task(m, "best").update(template="bets"),
        "template 'pipeline', task 'best' runs template 'bets', which does not exist"),
    "unused template": (
        lambda m: m["spec"]["templates"].append({**template(m, "best"), "name": "more"}),
        "no task runs template 'more'"),
    "templates that run each other": (
        lambda m: task(m, "fit", "for-each-xs").update(template="for-each-xs"),
        "templates run each other: for-each-xs -> for-each-xs"),
    "no kind of template": (
        lambda m: template(m, "best").pop("container"),
        "template 'best' is neither one container nor one DAG"),
    "two kinds of template": (
        lambda m: template(m, "best").update(dag={"tasks": []}),
        "template 'best' is neither one container nor one DAG"),
    "no image": (
        lambda m: template(m, "best")["container"].pop("image"),
        "template 'best' has no image or no command"),
    "no tasks": (
        lambda m: template(m, "for-each-xs")["dag"].update(tasks=[]),
        "template 'for-each-xs' has no tasks"),
    "task twice": (
        lambda m: template(m, "pipeline")["dag"]["tasks"].append(task(m, "best")),
        "template 'pipeline': the task 'best' is there 2 times"),
    "task name": (
        lambda m: task(m, "best").update(name="3-best"),
        "template 'pipeline': the task name '3-best' is not made"),
    "word of expressions": (
        lambda m: task(m, "best").update(name="in"), "task 'in' is called like a word"),
    "dangling dependency": (
        lambda m: task(m, "best").update(dependencies=["for-each-ys"]),
        "task 'best' waits for task 'for-each-ys', which does not exist"),
    "cycle": (
        lambda m: task(m, "items-of-xs").update(dependencies=["best"]),
        "template 'pipeline': tasks wait for each other: "),
    "missing argument": (
        lambda m: task(m, "for-each-xs").pop("arguments"),
        "task 'for-each-xs' lacks 'index', which its template takes"),
    "argument too many": (
        lambda m: task(m, "best").update(
            arguments={"parameters": [{"name": "index", "value": "0"}]}),
        "task 'best' gives 'index', which its template does not take"),
    "item outside loops": (
        lambda m: task(m, "for-each-xs").pop("withParam"),
        "task 'for-each-xs' reads {{item}}, which nothing fills in"),
    "loop over no output": (
        lambda m: task(m, "for-each-xs").update(withParam="[1]"),
        "task 'for-each-xs' runs over '[1]', which is neither an output nor an input"),
    "output of a task not waited for": (
        lambda m: task(m, "for-each-xs").pop("dependencies"),
        "reads {{tasks.items-of-xs.outputs.parameters.indices}}, which nothing fills in"),
    "output that is not declared": (
        lambda m: template(m, "items-of-xs").pop("outputs"),
        "reads {{tasks.items-of-xs.outputs.parameters.indices}}, which nothing fills in"),
    "output from nowhere": (
        lambda m: template(m, "items-of-xs")["outputs"]["parameters"][0].update(valueFrom={}),
        "template 'items-of-xs': output 'indices' comes from no absolute path"),
    "input that is not declared": (
        lambda m: add_argument(m, "{{inputs.parameters.index}}"),
        "template 'best' reads {{inputs.parameters.index}}, which nothing fills in"),
    "parameter that is not declared": (
        lambda m: add_argument(m, "{{=toJson(workflow.parameters['zs'])}}"),
        "template 'best' reads the workflow's parameter 'zs', which it has not"),
    "template that does not end": (
        lambda m: add_argument(m, "a {{ b"),
        "template 'best' opens a template of Argo's that does not end: 'a {{ b'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault, made):
    plant, text = FAULTS[fault]
    plant(made)

    assert any(text in problem for problem in problems(made)), list(problems(made))
    with pytest.raises(ModelError, match="the workflow is not valid: "):
        validate(made)


def test_what_is_compiled_has_no_problem(made):
    assert list(problems(made)) == []
