"""How values are written: a serializer's name, what it needs, and which one a type asks for."""

from dagger_providers.serializers.annotations import (
    is_json_native,
    is_lazy_reader,
    is_stream,
    item_annotation,
    spec_for,
)
from dagger_providers.serializers.contract import (
    AnySerializer,
    PathSerializer,
    Serializer,
    is_path_serializer,
)
from dagger_providers.serializers.registry import NAMES, SUFFIXES, load, spec_of_name
from dagger_providers.serializers.spec import JsonScalar, SerializerSpec

__all__ = [
    "NAMES",
    "SUFFIXES",
    "AnySerializer",
    "JsonScalar",
    "PathSerializer",
    "Serializer",
    "SerializerSpec",
    "is_json_native",
    "is_lazy_reader",
    "is_path_serializer",
    "is_stream",
    "item_annotation",
    "load",
    "spec_for",
    "spec_of_name",
]
