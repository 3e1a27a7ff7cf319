"""Pipelines written as YAML or JSON: what may be left out, what is refused and where."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from conformance.catalog import programs
from dagger_providers import read_document
from dagger_providers.dsl.documents import write_yaml
from dagger_providers.dsl.find import build_ref
from dagger_providers.dsl.plain_yaml import load_yaml
from dagger_providers.dsl.schema import document_schema
from dagger_providers.errors import DaggerProvidersError, UsageError
from dagger_providers.model import dumps, to_json
from dagger_providers.runtimes.local import run_dag

TASKS = """
from collections.abc import Iterator
from pathlib import Path

from dagger_providers import dag, task


@task
def numbers(n: int) -> Iterator[int]:
    yield from range(n)


@task(retries=1, env={"A": "a"})
def add(a: int, b: int = 10) -> int:
    return a + b


@task(serializer="own:Text")
def words(n: int) -> str:
    return "x" * n


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@task
def both(x: object) -> dict:
    return {"x": x, "twice": [x, x]}


@dag
def doubled(x: int, y: int = 5):
    return add(x, y)


@dag
def adds(n: int = 3):
    out = []
    for number in numbers(n):
        out.append(add(number))
    return total(out)


def plain(x: int) -> int:
    return x
"""

ADDS = """
format: dagger-providers.dag/1
name: adds
function: tasks.py:adds
inputs:
  n: 3
loops:
  numbers: {node: numbers}
nodes:
  numbers:
    function: tasks.py:numbers
    inputs: {n: {param: n}}
  add:
    function: tasks.py:add
    within: numbers
    inputs: {a: {item: numbers}}
  total:
    function: tasks.py:total
    inputs:
      xs: {each: numbers, node: add}
outputs:
  return_value: {node: total}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "tasks.py").write_text(TASKS)
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "path", [*sys.path])  # to which a document's folder is added
    return tmp_path / "flows"


def write(folder: Path, text: str, name: str = "flow.yaml") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def nodes(text: str, head: str = "") -> str:
    return f"format: dagger-providers.dag/1\n{head}nodes:\n{text}"


# What is meant


def test_a_written_pipeline_is_the_recorded_one(folder: Path) -> None:
    recorded = build_ref(f"{folder}/tasks.py:adds")
    assert dumps(read_document(write(folder, ADDS))) == dumps(recorded)


def test_json_takes_the_same_short_forms(folder: Path) -> None:
    path = write(folder, json.dumps(load_yaml(ADDS)), "flow.json")
    assert read_document(path) == read_document(write(folder, ADDS))


def test_the_name_is_the_files(folder: Path) -> None:
    text = nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}")
    assert read_document(write(folder, text, "my_flow.yml")).name == "my-flow"


def test_a_description_is_the_documents_else_the_functions(folder: Path) -> None:
    text = nodes(
        "  one: {function: 'told.py:told'}\n"
        "  two: {function: 'told.py:told', description: Other words.}"
    )
    (folder / "told.py").write_text(
        'from dagger_providers import task\n\n@task\ndef told():\n    "Some words."\n'
    )
    found = read_document(write(folder, text))

    assert found.node("one") == found.node("two").having(description="Some words.")
    assert dumps(found).count("Other words.") == 1


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("12", 12),
        ("no", "no"),
        ("null", None),
        ("[1, [a, null]]", [1, ["a", None]]),
        ("{value: {a: [1]}}", {"a": [1]}),
        ("{param: p}", 7),
        ("{node: made, path: x}", 7),
        ("{node: made, path: [twice, 1]}", 7),
        ("{node: made, output: x}", 7),
        ("[1, {param: p}, [{node: made, output: x}, 2]]", [1, 7, [7, 2]]),
        ("{items: [1, 2]}", [1, 2]),
        ("{each: loop, node: item}", [0, 1]),
        ("{each: loop, item: loop}", [0, 1]),
        ("{each: loop, items: [{node: item}, 5]}", [0, 5, 1, 5]),
        ("[0, {each: loop, items: {node: item}}]", [0, 0, 1]),
        ("{kind: node, node: made, output: x}", 7),
    ],
)
def test_a_source(source: str, value: object, folder: Path, tmp_path: Path) -> None:
    text = f"""
format: dagger-providers.dag/1
inputs: {{p: 7}}
loops: {{loop: [0, 1]}}
nodes:
  made:
    function: tasks.py:both
    inputs: {{x: {{param: p}}}}
    outputs: {{return_value: {{}}, x: {{key: x}}}}
  item: {{function: "tasks.py:add", within: [loop], inputs: {{a: {{item: loop}}, b: 0}}}}
  read:
    function: tasks.py:both
    inputs: {{x: {source}}}
outputs: {{x: {{node: read, path: x}}}}
"""
    jsonschema.validate(load_yaml(text), document_schema())
    run = run_dag(read_document(write(folder, text)), {}, store=tmp_path / "store")
    assert run.outputs["x"] == value


def test_options_are_the_decorators_and_the_documents(folder: Path) -> None:
    text = nodes(
        "  one:\n    function: tasks.py:add\n    inputs: {a: 1}\n"
        "    options: {timeout: 10m, env: {B: b}}\n"
        "    runtime_options: {kfp: {display_name: One}}\n"
    )
    one = read_document(write(folder, text)).nodes["one"]
    assert (one.options.retries, one.options.timeout) == (1, 600)
    assert dict(one.options.env) == {"A": "a", "B": "b"}
    assert one.runtime_options == {"kfp": {"display_name": "One"}}


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("null", (True, None, None)),
        ("{type: integer}", (True, None, {"type": "integer"})),
        ("3", (False, 3, {"type": "integer"})),
        ("{default: null}", (False, None, None)),
        ("{default: 3, description: D}", (False, 3, {"type": "integer"})),
        ("{default: 3, json_schema: null}", (False, 3, None)),
        ("{description: D}", (True, None, None)),
        ("{type: ['null', string]}", (True, None, {"type": ("null", "string")})),
        ("[1, 2]", (False, (1, 2), {"type": "array"})),
        ("{default: {a: 1}}", (False, {"a": 1}, {"type": "object"})),
    ],
)
def test_a_parameter(written: str, declared: object, folder: Path) -> None:
    one = "  one: {function: 'tasks.py:add', inputs: {a: {param: p}}}"
    text = nodes(one, f"inputs: {{p: {written}}}\n")
    jsonschema.validate(load_yaml(text), document_schema())
    source = read_document(write(folder, text)).inputs["p"]
    assert (source.required, source.default, source.json_schema) == declared


@pytest.mark.parametrize("default", ["3", "[1]", "{a: 1}", "null"])
@pytest.mark.parametrize("schema", ["", ", json_schema: null"])
def test_a_parameter_is_written_as_it_is_read(default: str, schema: str, folder: Path) -> None:
    one = "  one: {function: 'tasks.py:add', inputs: {a: {param: p}}}"
    dag = read_document(
        write(folder, nodes(one, f"inputs: {{p: {{default: {default}{schema}}}}}\n"))
    )
    assert read_document(write(folder, write_yaml(dag))) == dag


def test_a_pipeline_as_a_node(folder: Path, tmp_path: Path) -> None:
    text = """
format: dagger-providers.dag/1
loops: {x: [1, 2]}
nodes:
  recorded: {function: "tasks.py:doubled", within: x, inputs: {x: {item: x}}}
  written:
    inputs: {y: 3}
    nodes:
      one: {function: "tasks.py:add", inputs: {a: {param: y}}}
    outputs: {made: {node: one}}
outputs:
  recorded: {each: x, node: recorded}
  written: {node: written, output: made}
"""
    jsonschema.validate(load_yaml(text), document_schema())
    run = run_dag(read_document(write(folder, text)), {}, store=tmp_path / "store")
    assert dict(run.outputs) == {"recorded": [6, 7], "written": 13}


def test_a_switch_and_a_repetition(folder: Path, tmp_path: Path) -> None:
    text = """
format: dagger-providers.dag/1
inputs: {how: more, n: 1}
nodes:
  choose:
    selector: {param: how}
    cases: {more: up}
    default: down
    inputs: {n: {param: n}}
    nodes:
      up: {function: "tasks.py:add", inputs: {a: {param: n}}}
      down: {function: "tasks.py:add", inputs: {a: {param: n}, b: -10}}
  again:
    max_iterations: 40
    node: {function: "tasks.py:step", inputs: {n: {param: n}}}
    inputs: {n: {node: choose}}
outputs:
  chosen: {node: choose}
  last: {node: again, path: n}
"""
    (folder / "tasks.py").write_text(
        f"{TASKS}\n\n@task\ndef step(n: int) -> dict:\n    return {{'n': n + 1, 'done': n > 14}}\n"
    )
    jsonschema.validate(load_yaml(text), document_schema())
    dag = read_document(write(folder, text))
    run = run_dag(dag, {}, store=tmp_path / "store")
    assert dict(run.outputs) == {"chosen": 11, "last": 16}
    run = run_dag(dag, {"how": "less"}, store=tmp_path / "store")
    assert run.outputs["chosen"] == -9
    assert dumps(read_document(write(folder, write_yaml(dag)))) == dumps(dag)


HIDDEN = [
    "selector: 1, default: b, nodes: {b: {function: 'os:getcwd', signature: '()'}}",
    "node: {function: 'os:getcwd', signature: '()'}",
    "function: 'tasks.py:add', inputs: {a: 1}, on_failure: 'os:getcwd'",
]


@pytest.mark.parametrize("node", HIDDEN)
def test_nothing_is_hidden_in_other_nodes(node: str, folder: Path) -> None:
    with pytest.raises(UsageError, match="os:getcwd is no"):
        read_document(write(folder, nodes(f"  one: {{{node}}}")))


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.__name__.rpartition(".")[2])
def test_every_program_as_yaml_and_back(program, tmp_path: Path) -> None:
    pipeline = program.PIPELINE
    dag = pipeline if hasattr(pipeline, "nodes") else pipeline.build()
    text = write_yaml(dag)
    (tmp_path / "flow.yaml").write_text(text)
    (tmp_path / "flow.json").write_text(dumps(dag))

    jsonschema.validate(load_yaml(text), document_schema())
    jsonschema.validate(to_json(dag), document_schema())
    by_hand = not hasattr(pipeline, "build")
    for name in ("flow.yaml", "flow.json"):
        again = read_document(str(tmp_path / name), any_callable=by_hand)
        assert dumps(again) == dumps(dag)


# What is refused

WRONG = [
    (
        "[]",
        "a pipeline document is a mapping with 'format: dagger-providers.dag/1'; this is a list",
    ),
    ("nodes: {}", "the document: expected format dagger-providers.dag/1, got None"),
    ("a: [", "line 1, column 5: expected the node content, but found '<stream end>'"),
    (nodes("  {}"), "pipeline 'flow' has no nodes"),
    (nodes("  - one"), "nodes: expected a mapping, got ['one']"),
    (nodes("  one: tasks.py:add"), "nodes.one: expected a mapping with 'function' or 'nodes', got"),
    (nodes("  one: {}"), "nodes.one: expected 'function: module:name' or 'function: file.py:name'"),
    (nodes("  one: {function: add}"), "nodes.one.function: 'add' names no function: write module:"),
    (
        nodes("  one: {function: 'gone.py:add'}"),
        "nodes.one.function: no file 'gone.py' in the curr",
    ),
    (nodes("  one: {function: 'tasks.py:gone'}"), "nodes.one.function: tasks.py has no function"),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1, c: 2}}"),
        "nodes.one: task tasks.py:add has no argument c; its arguments are (a, b=)",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: {nod: x}}}"),
        "nodes.one.inputs.a: expected {node: NAME}, {param: NAME}, {item: LOOP}, {each: LOOP, n",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: {node: two}}}"),
        "nodes.one.inputs.a: node 'one', input 'a' reads node 'two', which does not exist; node",
    ),
    (
        nodes("  one: {function: 'tasks.py:total', inputs: {xs: [1, {param: p, output: x}]}}"),
        "nodes.one.inputs.xs.1: there is no 'output'; it has: kind, name, required, default, ",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: {node: 3}}}"),
        "nodes.one.inputs.a: FromNodeOutput: node: input should be a valid string, got 3",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inptus: {a: 1}}"),
        "nodes.one: there is no 'inptus'; did you mean 'inputs'",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, retries: 2}"),
        "nodes.one: 'retries' is an option: write options: {retries: ...}",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, options: {retrys: 2}}"),
        "nodes.one.options: there is no 'retrys'; did you mean 'retries'",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, options: {retries: many}}"),
        "nodes.one.options: task 'add': Options: retries: input should be a valid integer, got ",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, outputs: {x: {part: y}}}"),
        "nodes.one.outputs.x: there is no 'part'; it has: kind, serializer, partitioned",
    ),
    (
        nodes("  one: {kind: while}"),
        "nodes.one: no kind of node 'while'; there are: task, dag, switch",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "function: 3\n"),
        "function: 3 names no function: write module:name, or file.py:name relative to the doc",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, outputs: {x: {serializer: c}}}"),
        "nodes.one.outputs.x.serializer: unknown serializer 'c'; known: bytes, csv, json, parquet",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}, runtime_options: {spark: {}}}"),
        "nodes.one.runtime_options: runtime_options: unknown runtime 'spark'; known: airflow, ",
    ),
    (
        nodes("  one: {function: 'tasks.py:doubled', inputs: {z: 1}}"),
        "nodes.one: pipeline 'doubled' has no input z; its parameters: x, y",
    ),
    (
        nodes("  one: {function: 'tasks.py:doubled'}"),
        "nodes.one: pipeline 'doubled' needs x; its parameters: x, y",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "outputs: {x: {node: on}}\n"),
        "outputs.x: 'x' reads node 'on', which does not exist; nodes: one",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "tasks: {}\n"),
        "there is no 'tasks'; it has: kind, nodes, inputs, outputs, loops, within, after, name",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "inputs: {n: {type: int}}\n"),
        "inputs.n: there is no type 'int'; there are: string, boolean, integer, number, array, o",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "inputs: {n: {type: [3]}}\n"),
        "inputs.n: there is no type 3; there are: string, boolean",
    ),
    (
        nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "loops: {l: {over: {x: 1}}}\n"),
        "loops.l.over: expected {node: NAME}",
    ),
]


@pytest.mark.parametrize(("text", "says"), WRONG, ids=[says[:40] for _, says in WRONG])
def test_one_line_says_where_and_what(text: str, says: str, folder: Path) -> None:
    path = write(folder, text)
    with pytest.raises(DaggerProvidersError) as refused:
        read_document(path)
    assert str(refused.value).startswith(f"{path}: {says}")
    assert "\n" not in str(refused.value)


def test_json_ignores_what_a_later_version_adds(folder: Path) -> None:
    dag = read_document(write(folder, ADDS))
    document = {**to_json(dag), "later": 1}
    document["nodes"]["add"]["later"] = {"a": 1}
    assert read_document(write(folder, json.dumps(document), "flow.json")) == dag


# Whom it trusts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            nodes("  one: {function: 'os:getcwd'}"),
            "nodes.one.function: os:getcwd is no decorated task or pipeline; decorate it with",
        ),
        (
            nodes("  one: {function: 'tasks.py:plain', inputs: {x: 1}}"),
            "nodes.one.function: tasks.py:plain is no decorated task or pipeline; decorate it wit",
        ),
        (
            nodes("  one: {function: 'tasks.py:add', inputs: {a: 1}}", "function: os:getcwd\n"),
            "function: os:getcwd is no decorated pipeline; leave 'function' out",
        ),
        (
            nodes(
                "  one: {function: 'tasks.py:add', inputs: {a: 1}, "
                "outputs: {x: {serializer: 'a:B'}}}"
            ),
            "nodes.one.outputs.x.serializer: serializer 'a:B' is named by no task that the doc",
        ),
        (
            nodes(
                "  one: {function: 'tasks.py:add', inputs: {a: 1}, outputs: "
                "{x: {serializer: {name: json, annotation: 'os:getcwd#return'}}}}"
            ),
            "nodes.one.outputs.x.serializer: os:getcwd is no decorated task or pipeline",
        ),
    ],
)
def test_only_what_is_decorated_may_be_named(text: str, says: str, folder: Path) -> None:
    path = write(folder, text)
    with pytest.raises(UsageError) as refused:
        read_document(path)
    assert str(refused.value).startswith(f"{path}: {says}")


def test_a_serializer_that_the_decorator_names(folder: Path) -> None:
    text = nodes(
        "  one: {function: 'tasks.py:words', inputs: {n: 1}, "
        "outputs: {x: {serializer: 'own:Text'}}}"
    )
    one = read_document(write(folder, text)).nodes["one"]
    assert one.outputs["x"].serializer.name == "own:Text"


def test_a_file_that_hides_the_documents_own(folder: Path) -> None:
    Path("tasks.py").write_text(TASKS)
    with pytest.raises(UsageError, match=r"another tasks\.py comes first, in the current folder"):
        read_document(write(folder, ADDS))


def test_any_callable_where_that_is_allowed(folder: Path, tmp_path: Path) -> None:
    text = nodes(
        "  one: {function: 'tasks.py:plain', inputs: {x: 4}}", "outputs: {x: {node: one}}\n"
    )
    dag = read_document(write(folder, text), any_callable=True)
    assert run_dag(dag, {}, store=tmp_path / "store").outputs["x"] == 4
