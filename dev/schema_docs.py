"""Write docs/pipeline.schema.json: the JSON Schema of pipelines written as YAML or JSON.

With ``--check`` only compare it, and exit with 1 when it is not what the code says.
"""

import json
import sys

from pages import DOCS, write_or_compare

from dagger_providers.dsl.schema import document_schema

PAGE = DOCS / "pipeline.schema.json"


def page() -> str:
    """Return the schema."""
    return json.dumps(document_schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page))
