import pytest

from dagger_providers.errors import FormatError, MissingValueError
from dagger_providers.storage import canonical_json, check_format, read_document, write_document


def test_a_document_round_trips_in_its_order(store):
    document = {"format": "dagger-providers.card/1", "b": "é", "a": [1, None]}
    write_document(store, "cards/x.json", document)
    assert store.read_bytes("cards/x.json") == canonical_json(document)
    assert read_document(store, "cards/x.json", "dagger-providers.card", 1) == document
    with pytest.raises(MissingValueError):
        read_document(store, "cards/y.json", "dagger-providers.card", 1)


def test_a_reader_accepts_its_major_and_older_ones():
    check_format({"format": "dagger-providers.card/1"}, "dagger-providers.card", 2)
    check_format({"format": "dagger-providers.card/2", "more": 1}, "dagger-providers.card", 2)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"format": 1},
        {"format": "dagger-providers.card"},
        {"format": "dagger-providers.card/x"},
        {"format": "dagger-providers.card/1.2"},
        {"format": "dagger-providers.run/1"},
    ],
)
def test_another_kind_of_document_is_refused(document):
    with pytest.raises(FormatError, match=r"^here: expected format dagger-providers.card/1, got "):
        check_format(document, "dagger-providers.card", 1, "here")


def test_a_newer_major_is_refused_with_what_to_do():
    with pytest.raises(FormatError, match=r"^the document is d/2, .* up to d/1: upgrade"):
        check_format({"format": "d/2"}, "d", 1)


def test_canonical_json_has_no_nan():
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
