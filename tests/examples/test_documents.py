"""The YAML examples are valid, and give what the Python pipelines beside them give."""

import json
from pathlib import Path

import jsonschema
import pytest

from dagger_providers import read_document
from dagger_providers.cli import main
from dagger_providers.dsl.plain_yaml import load_yaml
from dagger_providers.runtimes.local import run_dag

EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = json.loads((EXAMPLES.parent / "docs" / "pipeline.schema.json").read_text())
PAIRS = [
    ("word_count.yaml", "map_reduce", "word_count", {}),
    ("word_count.yaml", "map_reduce", "word_count", {"text": "a b\nb", "at_least": 1}),
    ("word_count.yaml", "map_reduce", "word_count", {"text": ""}),
    ("orbits.yaml", "nested", "orbits", {}),
    ("orbits.yaml", "nested", "orbits", {"starts": [27]}),
    ("orbits.yaml", "nested", "orbits", {"starts": []}),
    ("flight_delays.yaml", "flight_delays", "delays", {"min_flights": 20000}),
]


def test_every_document_is_listed():
    assert {file.name for file in EXAMPLES.glob("*.y*ml")} == {pair[0] for pair in PAIRS}


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.name)
def test_it_is_valid_by_the_published_schema(file):
    jsonschema.validate(load_yaml(file.read_text()), SCHEMA)


@pytest.mark.parametrize(("file", "module", "pipeline", "parameters"), PAIRS)
def test_it_equals_the_python_pipeline(file, module, pipeline, parameters, example, tmp_path):
    function = getattr(example(module), pipeline)
    python = function.run(**parameters, store=tmp_path)
    yaml = run_dag(read_document(str(EXAMPLES / file)), parameters, store=tmp_path)
    assert yaml.identities == python.identities
    assert executions(yaml) == executions(python)


def executions(run):
    return {address: (state.items, state.done) for address, state in run.nodes.items()}


def test_every_command_takes_it(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ref = str(EXAMPLES / "word_count.yaml")
    manifest = ["--to", "kfp", "-o", "flow.yaml", "--store", "s3://b/runs", "--image", "i"]
    for arguments in (
        ["run", ref, "--quiet"],
        ["compile", ref, *manifest],
        ["check", ref],
        ["plan", ref, "--target", "kfp"],
        ["graph", ref],
        ["parity", ref, "--on", "plain,local,process", "--quiet"],
        ["run-node", ref, "--output", "return_value", "words.json"],
    ):
        assert main(arguments) == 0, capsys.readouterr().err
    assert (tmp_path / "words.json").read_text() == '{"the":3,"dog":2}'
