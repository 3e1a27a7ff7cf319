"""Models as JSON documents: round trips, later versions, the schema, a frozen version 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dagger_providers.errors import FormatError, ModelError
from dagger_providers.model import (
    DAG,
    ForEach,
    FromItem,
    FromKey,
    FromList,
    FromNodeOutput,
    FromParam,
    FromProperty,
    FromReturnValue,
    FromValue,
    Loop,
    Options,
    Resources,
    Task,
    dumps,
    from_json,
    json_schema,
    loads,
    to_json,
)

FIXTURE = Path(__file__).parent / "fixtures" / "dag.v1.json"


def everything() -> DAG:
    """Return a model with one of each thing."""
    inner = DAG(
        {
            "fit": Task(
                function="flows.delays:fit",
                signature="(rows, alpha=)",
                inputs={"rows": FromParam("rows"), "alpha": FromValue({"a": [1, 2.5, None, "ä"]})},
                outputs={
                    "return_value": FromReturnValue(
                        serializer={"name": "csv", "options": {"x": 1}}
                    ),
                    "key_a": FromProperty("b", of=FromKey(0, of=FromKey("a"))),
                },
                options=Options(
                    retries=2,
                    retry_delay="30s",
                    retry_backoff=2,
                    timeout="1h30m",
                    resources=Resources(cpu="500m", memory="1Gi"),
                    env={"LEVEL": "debug"},
                    image="registry/image:1",
                ),
                runtime_options={"airflow": {"pool": "small", "tags": ["a"]}, "kfp": {}},
            )
        },
        {"rows": FromItem("carriers", path=(("key", "rows"), ("attribute", "x")))},
        {"model": FromNodeOutput("fit", path=(("key", 0),))},
        within=("carriers",),
        after=("load",),
        name="inner",
    )
    return DAG(
        {
            "load": Task(
                function="flow.py:load",
                inputs={"source": FromParam("source")},
                outputs={
                    "return_value": FromReturnValue(
                        serializer={"name": "json", "annotation": "flow.py:load#return"},
                        partitioned=True,
                    )
                },
            ),
            "inner": inner,
            "best": Task(
                function="flow.py:best",
                inputs={
                    "models": FromList(
                        [ForEach("carriers", [FromNodeOutput("inner", "model"), FromValue(None)])]
                    )
                },
                outputs={"return_value": FromReturnValue(serializer="pickle")},
                within=("pairs",),
            ),
        },
        {
            "source": FromParam(
                default=["a"], json_schema={"type": "array"}, description="Where from"
            ),
            "carriers": FromParam("carriers"),
        },
        {"all": FromParam("carriers", path=(("key", 0),))},
        loops={
            "carriers": Loop(FromParam("carriers")),
            "loads": Loop(FromNodeOutput("load")),
            "more": Loop(FromNodeOutput("load")),
            "pairs": Loop(zips=("loads", "more")),
        },
        name="delays",
        function="flow.py:delays",
        description="All of it.",
        runtime_options={"airflow": {"schedule": None}},
    )


def test_a_document_gives_the_model_back() -> None:
    dag = everything()
    again = loads(dumps(dag))
    assert again == dag
    assert hash(again) == hash(dag)
    assert dumps(again) == dumps(dag)
    assert dag.model_dump() == json.loads(dag.model_dump_json())


def test_version_1_is_read_and_written_as_ever() -> None:
    text = FIXTURE.read_text("utf-8")
    assert loads(text) == everything()
    assert dumps(everything()) == text


def test_what_has_its_default_is_left_out() -> None:
    assert to_json(DAG({"n": Task(function="m:f")})) == {
        "format": "dagger-providers.dag/1",
        "kind": "dag",
        "nodes": {"n": {"kind": "task", "function": "m:f"}},
    }


def test_unknown_fields_are_ignored_when_read() -> None:
    document = to_json(everything())
    document["later"] = 1
    document["nodes"]["load"]["later"] = {"a": 1}
    document["nodes"]["inner"]["nodes"]["fit"]["options"]["later"] = 1
    document["loops"]["carriers"]["over"]["later"] = 1
    assert from_json(document) == everything()
    jsonschema.validate(document, json_schema())


@pytest.mark.parametrize(
    ("document", "kind", "text"),
    [
        (
            {"format": "dagger-providers.dag/2"},
            FormatError,
            "this version reads up to dagger-providers.dag/1: upgrade dagger-providers",
        ),
        ({"format": "dagger-providers.card/1"}, FormatError, "expected format"),
        ({}, FormatError, "expected format dagger-providers.dag/1, got None"),
        ([], FormatError, "a pipeline document is an object, not list"),
        ({"format": "dagger-providers.dag/1"}, ModelError, "DAG: nodes: input should be"),
        (
            {"format": "dagger-providers.dag/1", "nodes": {"n": {"kind": "loop"}}},
            ModelError,
            "DAG: nodes.n: input tag 'loop'",
        ),
    ],
)
def test_another_document_is_refused_in_one_line(
    document: Any, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind) as refusal:
        from_json(document)
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(FormatError, match="is no JSON"):
        loads("{")


def test_the_schema_accepts_documents_and_refuses_others() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = to_json(everything())
    jsonschema.validate(document, schema)
    for wrong in ({"nodes": 1}, {"format": "x/1"}, {"loops": {"l": {"zips": 1}}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, **wrong}, schema)
