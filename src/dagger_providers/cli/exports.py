"""Write what a pipeline gives to plain locations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagger_providers.card import Card
from dagger_providers.card.inputs import input_spec
from dagger_providers.cli.node_options import Request
from dagger_providers.execution import Resolver
from dagger_providers.storage import write_location


def export(
    card: Card, resolver: Resolver, request: Request, values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write the outputs that a request names.

    Args:
        card: Its inputs say where each output comes from.
        resolver: Reads them.
        request: Where to write them.
        values: The values, where they are at hand; else they are read from the run's store.

    Returns:
        Sha256, serializer and size of each.
    """
    located = {}
    for name, location in request.output.items():
        spec, depth, partitioned = input_spec(card, name)
        serializer: Any = resolver.serializer(spec, partitioned=partitioned)
        kind = request.output_as.get(name)
        binding = card.inputs[name]
        value = resolver.value(binding, {}, lazy=True) if values is None else values[name]
        if kind is not None:
            from dagger_providers.serializers.engine_text import EngineText

            serializer, depth = EngineText(serializer, kind, depth), 0
        made = write_location(location, value, serializer, depth=depth)
        located[name] = {"sha256": made.sha256, "serializer": spec.name, "size": made.size}
    return located
