"""Each small example gives what its plain call gives."""

from pathlib import Path

import pytest

LOCALLY = [
    pytest.param({}, id="one job"),
    pytest.param({"jobs": 2}, id="two processes"),
    pytest.param({"workers": "command"}, id="node command"),
]
PIPELINES = [
    ("hello", "hello", {}),
    ("hello", "hello", {"name": "Ada"}),
    ("map_reduce", "word_count", {}),
    ("map_reduce", "word_count", {"text": "", "at_least": 1}),
    ("map_reduce", "word_count", {"text": "one\none two", "at_least": 1}),
    ("nested", "orbit", {"start": 27}),
    ("nested", "orbits", {}),
    ("nested", "orbits", {"starts": (27,)}),
    ("nested", "orbits", {"starts": ()}),
]


@pytest.mark.parametrize("options", LOCALLY)
@pytest.mark.parametrize(("file", "pipeline", "parameters"), PIPELINES)
def test_equals_the_plain_call(file, pipeline, parameters, options, example, tmp_path):
    function = getattr(example(file), pipeline)
    plain = function(**parameters)
    run = function.run(**parameters, **options, store=tmp_path)
    keys = run.outputs.keys()
    assert dict(run.outputs) == ({"return_value": plain} if "return_value" in keys else plain)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("hello", "Hello, a plain call!\nHello, a run!\n"),
        ("map_reduce", "{'the': 3, 'dog': 2}\n"),
        ("nested", "  3 #######\n  7 ################\n  9 ###################\n  6 ########\n"),
    ],
)
def test_prints_as_a_script(name, printed, script, tmp_path):
    assert script(name, tmp_path) == printed


def test_every_small_example_is_here():
    folder = Path(__file__).parents[2] / "examples"
    others = {"demo", "flight_delays", "taskflow_tasks"}
    assert {file.stem for file in folder.glob("*.py")} - others == {name for name, *_ in PIPELINES}
