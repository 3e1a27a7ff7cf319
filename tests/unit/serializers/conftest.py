import io

import pytest

from dagger_providers.serializers import SerializerSpec, load


@pytest.fixture
def write():
    """Write a value by a serializer's name or spec; gives the bytes."""

    def write(value, spec="json", annotation=None):
        stream = io.BytesIO()
        load(spec, annotation).write(value, stream)
        assert not stream.closed
        return stream.getvalue()

    return write


@pytest.fixture
def read():
    """Read bytes by a serializer's name or spec."""

    def read(data, spec="json", annotation=None):
        stream = io.BytesIO(data)
        value = load(spec, annotation).read(stream)
        assert not stream.closed
        return value

    return read


@pytest.fixture
def survives(write, read):
    """Assert that a value comes back equal and of the same type; gives its bytes."""

    def survives(value, annotation=None, spec="json"):
        data = write(value, spec, annotation)
        again = read(data, spec, annotation)
        assert again == value
        assert type(again) is type(value)
        assert write(again, spec, annotation) == data
        return data

    return survives


@pytest.fixture
def frame_spec():
    return lambda name, frame: SerializerSpec(name, (("frame", frame),))
