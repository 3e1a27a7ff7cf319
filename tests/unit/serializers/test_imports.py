import subprocess
import sys

HEAVY = [
    "airflow",
    "dagger_providers.serializers.codecs",
    "datetime",
    "decimal",
    "fsspec",
    "kfp",
    "pandas",
    "pathlib",
    "pickle",
    "polars",
    "pyarrow",
    "pydantic",
    "rich",
    "shutil",
    "tempfile",
    "typer",
    "uuid",
    "zoneinfo",
]


def test_a_json_value_on_a_local_path_loads_nothing_heavy(tmp_path):
    code = f"""
import sys
from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import open_store, read_value, write_value
store = open_store({str(tmp_path)!r})
written = write_value(store, "a/b", {{"x": [1]}}, load("json"), SerializerSpec("json"))
assert read_value(store, written, load("json")) == {{"x": [1]}}
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    # -S: an environment's .pth files may import what they like. -P keeps this folder out.
    told = subprocess.run(
        [sys.executable, "-S", "-P", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
