"""Write docs/capabilities.md from the capability table of every target.

With ``--check`` only compare it, and exit with 1 when it is not what the table says.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from dagger_providers.cli.targets import TARGETS, Target

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "capabilities.md"

INTRODUCTION = """\
# What targets cannot do

All that a target refuses or limits, why, and what to write instead. It is refused when a pipeline
is compiled, never built and left to fail. `dagger-providers check` tells what of it one pipeline
meets:

```text
$ dagger-providers check flow.py
local: fine (dagger-providers 0.1.0)
airflow: fine (apache-airflow 3.3.2)
kfp: parameter 'n' is 9007199254740993, and KFP rounds whole numbers beyond 2**53; pass it as a \\
str and convert it in a task [kfp/whole-number]
argo: fine (argo-workflows 4.1)
```

It exits with 1 if anything is refused. Without `--target` it asks all targets that are installed,
and names the extra of each that is not (Argo needs none). `--target local:threads` or
`airflow:kubernetes` asks for one way of a target; `--store` and `--image` are checked when they are
given. A row that is a *limit* depends on how a cluster is configured: `check` tells it, and nothing
is refused.

Made from the table in the code by `make docs`."""


def page() -> str:
    """Return the whole page."""
    return "\n\n".join([INTRODUCTION, *map(section, TARGETS.values())]) + "\n"


def section(target: Target) -> str:
    """Return a target's part of the table."""
    head = ["id", "what", "why", "known from", "instead", "versions"]
    rows = [
        [
            f"`{rule.name}`",
            _plain(rule.about) + ("" if rule.certain else " (*limit*)"),
            _plain(rule.reason),
            _plain(rule.source),
            _plain(rule.instead),
            f"`{rule.versions}`",
        ]
        for rule in target.table()
    ]
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    about = f"`{target.name}`; versions are those of {target.engine}."
    return f"## {target.title[:1].upper()}{target.title[1:]}\n\n{about}\n\n{table}"


def _plain(text: str) -> str:
    """Return a text as it can stand in a Markdown table."""
    return re.sub(r"([*_|<>\[\]])", r"\\\1", text)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it with what is there."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not what the table says: make docs rewrites it")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
