"""Write docs/capabilities.md from the capability table of every target.

With ``--check`` only compare it, and exit with 1 when it is not what the table says.
"""

import sys

from pages import DOCS, plain, table, write_or_compare

from dagger_providers.cli.targets import TARGETS, Target

PAGE = DOCS / "capabilities.md"

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
given. A row that is a *limit* depends on how a cluster is configured: `check` tells it, and exits
with 1 too; compiling refuses nothing for it.

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
            plain(rule.about) + ("" if rule.certain else " (*limit*)"),
            plain(rule.reason),
            plain(rule.source),
            plain(rule.instead),
            f"`{rule.versions}`",
        ]
        for rule in target.table()
    ]
    about = f"`{target.name}`; versions are those of {target.engine}."
    return f"## {target.title[:1].upper()}{target.title[1:]}\n\n{about}\n\n{table(head, rows)}"


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page))
