"""What KFP's tasks are called: a key for each step of a plan, and for what holds steps together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dagger_providers.kfp.importers import importers
from dagger_providers.planning import NestedPlan
from dagger_providers.planning.naming import unique, unique_keys
from dagger_providers.planning.plan import Branch, Branches, Loop, Region

STEPS, HOOKS, OUTCOME = "steps[]", "hooks[]", "outcome[]"
"""What the parts of a pipeline with hooks are called; brackets leave the key, no address has them.
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one plan's tasks.

    Attributes:
        named: The key by name: of a step its address, of an importer its own.
        names: What each loop, each switch and each of its branches is called, by its identity.
    """

    named: Mapping[str, str]
    names: Mapping[int, str]

    def of(self, part: str | Loop | Branches | Branch) -> str:
        """Return the key of a step or an importer by its name, or of what holds steps."""
        return self.named[part if isinstance(part, str) else self.names[id(part)]]


def keys_of(lowered: NestedPlan, imported: Iterable[str]) -> Keys:
    """Give a key to all that becomes a task.

    Args:
        lowered: The plan.
        imported: The names of importers.
    """
    names: dict[int, str] = {}
    _name_parts(lowered.root, names, set())
    taken = (*lowered.all_steps, *names.values(), *imported, STEPS, HOOKS, OUTCOME)
    return Keys(_keys(taken), names)


_ITEM = "-loop-item"
"""KFP's local engine cuts it out of the name of a list, and asks the task of the remaining name."""


def _keys(names: Iterable[str]) -> dict[str, str]:
    """Give a key to each name, which KFP's local engine finds again in the name of a list."""
    keys = unique_keys(names)
    taken = set(keys.values())
    cut = {name: key for name, key in keys.items() if _ITEM in key}
    return keys | {n: unique(key.replace(_ITEM, "-loopitem"), taken) for n, key in cut.items()}


def _name_parts(region: Region, names: dict[int, str], taken: set[str]) -> None:
    for part in region.parts:
        if isinstance(part, str):
            continue
        kind = f"for-each-{part.axis}" if isinstance(part, Loop) else f"switch-{part.name}"
        names[id(part)] = unique(f"{kind}[]", taken)
        for branch in part.branches if isinstance(part, Branches) else ():
            names[id(branch)] = unique(f"if-{branch.guard}[]", taken)
    for inner in region.inner:
        _name_parts(inner, names, taken)


class TaskNames(NamedTuple):
    """What KFP's tasks of one step are called.

    Attributes:
        own: The key of the tasks that run it.
        outer: The key of the task outside all loops and branches that they are in.
    """

    own: str
    outer: str


def task_names(lowered: NestedPlan) -> dict[str, TaskNames]:
    """Return by step what KFP calls its tasks in a run of the compiled pipeline."""
    keys = keys_of(lowered, importers(lowered))
    outer: dict[str, str] = {}
    for part in lowered.root.parts:
        inside = Region(lowered.root.space, (part,)).addresses
        outer |= dict.fromkeys(inside, keys.of(part))
    own = {address: keys.of(address) for address in lowered.all_steps}
    return {address: TaskNames(key, outer.get(address, key)) for address, key in own.items()}
