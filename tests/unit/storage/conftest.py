import uuid

import pytest

from dagger_providers.serializers import SerializerSpec, load
from dagger_providers.storage import open_store


@pytest.fixture(params=["path", "file", "memory"])
def root(request, tmp_path):
    """A folder of each kind that needs no server."""
    return {
        "path": str(tmp_path / "store"),
        "file": f"file://{tmp_path}/store",
        "memory": f"memory://{uuid.uuid4().hex}/store",
    }[request.param]


@pytest.fixture
def store(root):
    return open_store(root)


@pytest.fixture
def json():
    return load("json")


JSON = SerializerSpec("json")


@pytest.fixture
def spec():
    return JSON
