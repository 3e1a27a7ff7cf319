import datetime as dt
import subprocess
import sys

import pytest

from dagger_providers.errors import DeserializationError, SerializationError

FRAMES = ["pandas", "polars", "arrow"]


def make(frame, **columns):
    match frame:
        case "pandas":
            return pytest.importorskip("pandas").DataFrame(columns)
        case "polars":
            return pytest.importorskip("polars").DataFrame(columns)
        case _:
            return pytest.importorskip("pyarrow").table(columns)


@pytest.fixture(params=FRAMES)
def frame(request):
    return request.param


@pytest.mark.parametrize("name", ["parquet", "csv"])
def test_a_frame_comes_back_as_the_same_kind_of_frame(frame, name, frame_spec, write, read):
    spec = frame_spec(name, frame)
    rows = make(frame, carrier=["AA", "UA"], delay=[1, -2], share=[0.5, 1.0])
    data = write(rows, spec)
    again = read(data, spec)
    assert type(again) is type(rows)
    assert again.equals(rows)
    assert write(again, spec) == data


def test_parquet_keeps_types_that_csv_guesses(frame, frame_spec, write, read):
    spec = frame_spec("parquet", frame)
    rows = make(frame, code=["007", None], day=[dt.date(2013, 1, 1), None])
    assert read(write(rows, spec), spec).equals(rows)


def test_an_empty_frame_keeps_its_columns(frame, frame_spec, write, read):
    spec = frame_spec("parquet", frame)
    rows = make(frame, a=[1], b=["x"])[:0] if frame != "arrow" else make(frame, a=[1]).slice(1)
    assert read(write(rows, spec), spec).equals(rows)


def test_an_index_survives_parquet(frame_spec, write, read):
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame({"n": [1, 2]}, index=pandas.Index(["x", "y"], name="key"))
    spec = frame_spec("parquet", "pandas")
    pandas.testing.assert_frame_equal(read(write(rows, spec), spec), rows)


def test_another_librarys_frame_is_refused(frame_spec, write):
    rows = make("polars", a=[1])
    with pytest.raises(SerializationError, match=r"expected pandas.DataFrame, got polars\."):
        write(rows, frame_spec("parquet", "pandas"))


def test_what_a_format_cannot_hold_is_told_in_one_line(frame_spec, write, read):
    rows = make("pandas", a=[1, "x", object()])
    with pytest.raises(SerializationError) as caught:
        write(rows, frame_spec("parquet", "pandas"))
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None
    for frame in FRAMES:
        with pytest.raises(DeserializationError, match=r"^expected Parquet"):
            read(b"not parquet", frame_spec("parquet", frame))


@pytest.mark.parametrize(
    ("frame", "module"),
    [("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow"), ("pandas", "pyarrow")],
)
def test_a_library_that_is_not_installed_is_named_as_an_extra(frame, module):
    code = f"""
import io, sys
sys.modules[{module!r}] = None
from dagger_providers.errors import MissingExtraError
from dagger_providers.serializers import SerializerSpec, load
serializer = load(SerializerSpec("parquet", (("frame", {frame!r}),)))
try:
    if {frame!r} == {module!r} or {frame!r} == "arrow":
        serializer.read(io.BytesIO(b""))
    else:
        import pandas
        serializer.write(pandas.DataFrame({{"a": [1]}}), io.BytesIO())
except MissingExtraError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"pip install 'dagger-providers[{frame}]'" in told.stdout
