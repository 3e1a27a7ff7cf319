import json

import pytest

from dagger_providers.errors import DaggerProvidersError, FormatError
from dagger_providers.serializers import SerializerSpec

FRAME = SerializerSpec("parquet", (("frame", "polars"),))
RESTORED = SerializerSpec("json", annotation="flights:best#return")


def test_a_bare_name_is_its_own_json_form():
    assert SerializerSpec("json").to_json() == "json"


def test_options_and_annotation_are_written_when_there_are_any():
    assert FRAME.to_json() == {"name": "parquet", "options": {"frame": "polars"}}
    assert RESTORED.to_json() == {"name": "json", "annotation": "flights:best#return"}


@pytest.mark.parametrize("spec", [SerializerSpec("json"), FRAME, RESTORED])
def test_it_round_trips_through_json(spec):
    assert SerializerSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_it_is_compared_whole_and_hashable():
    assert (
        len({FRAME, SerializerSpec("parquet"), SerializerSpec("parquet", (("frame", "x"),))}) == 3
    )
    assert SerializerSpec("parquet", (("frame", "polars"),)) == FRAME
    assert SerializerSpec("json") != RESTORED


def test_the_order_of_options_does_not_matter():
    one = SerializerSpec("m:C", (("b", 1), ("a", 2)))
    other = SerializerSpec("m:C", (("a", 2), ("b", 1)))
    assert one == other
    assert hash(one) == hash(other)
    assert one.option("b") == 1
    assert one.option("c", "none") == "none"


def test_unknown_fields_are_ignored():
    assert SerializerSpec.from_json({"name": "json", "since": 3}) == SerializerSpec("json")


@pytest.mark.parametrize("document", [None, 3, [], {}, {"name": 1}, {"name": "a", "options": [1]}])
def test_other_documents_are_refused(document):
    with pytest.raises(FormatError):
        SerializerSpec.from_json(document)


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        FRAME.name = "csv"
    assert issubclass(FormatError, DaggerProvidersError)
