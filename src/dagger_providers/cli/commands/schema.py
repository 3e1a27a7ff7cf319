"""The command that prints the schema of pipelines."""

from __future__ import annotations

import json

from dagger_providers.cli.launch import say


def schema() -> None:
    """Print the JSON Schema of pipelines in YAML or JSON.

    Editors complete and check documents by it.

    Example: dagger-providers schema > pipeline.schema.json
    """
    from dagger_providers.dsl.schema import document_schema

    say(json.dumps(document_schema(), indent=2))
