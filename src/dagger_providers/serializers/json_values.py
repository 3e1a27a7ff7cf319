"""The JSON serializer: values that JSON keeps, or that an annotation restores."""

from __future__ import annotations

from typing import Any, BinaryIO

from dagger_providers.errors import DeserializationError, SerializationError
from dagger_providers.serializers.exact_json import dumps, is_native, loads


class JsonSerializer:
    """Compact UTF-8 JSON, keys in insertion order, no trailing newline.

    Attributes:
        annotation: What its values are restored by; None when JSON alone gives them back.
    """

    name = "json"
    extension = "json"

    def __init__(self, annotation: Any = None) -> None:
        self.annotation = annotation

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write one value.

        Raises:
            SerializationError: Some part would come back as something else; names its place.
        """
        stream.write(dumps(value if self.annotation is None else _encode(self.annotation, value)))

    def read(self, stream: BinaryIO) -> Any:
        """Read one value.

        Raises:
            DeserializationError: It is no JSON, or not what the annotation says.
        """
        data = loads(stream.read())
        return data if self.annotation is None else _decode(self.annotation, data)


def json_serializer(annotation: Any = None) -> JsonSerializer:
    """The JSON serializer of values with an annotation; None stands for no annotation.

    Raises:
        UsageError: The annotation has no JSON form.
    """
    if annotation is None or is_native(annotation):
        return JsonSerializer()
    # Most values of most pipelines are native: a container that has no others skips this.
    from dagger_providers.serializers.codecs import codec_for

    codec_for(annotation)  # refuses here what would fail in a container
    return JsonSerializer(annotation)


def _encode(annotation: Any, value: Any) -> Any:
    from dagger_providers.serializers.codecs import Mismatch, codec_for

    try:
        return codec_for(annotation).encode(value)
    except Mismatch as mismatch:
        raise SerializationError(str(mismatch)) from mismatch.__cause__
    except RecursionError as error:
        raise SerializationError("value: contains itself, or is nested too deeply") from error


def _decode(annotation: Any, data: Any) -> Any:
    from dagger_providers.serializers.codecs import Mismatch, codec_for

    try:
        return codec_for(annotation).decode(data)
    except Mismatch as mismatch:
        raise DeserializationError(str(mismatch)) from mismatch.__cause__
