"""Write docs/pipeline.schema.json: the JSON Schema of pipelines written as YAML or JSON.

With ``--check`` only compare it, and exit with 1 when it is not what the code says.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from dagger_providers.dsl.schema import document_schema

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "pipeline.schema.json"


def main(arguments: Sequence[str]) -> int:
    """Write the schema, or compare it with what is there."""
    text = json.dumps(document_schema(), indent=2) + "\n"
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not what the code says: make docs rewrites it")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
