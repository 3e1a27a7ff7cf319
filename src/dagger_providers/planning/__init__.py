"""Lower a pipeline to steps that every target can express."""

from dagger_providers.dsl.wiring import check_wiring
from dagger_providers.planning.lower import card_of, nested_plan, plan
from dagger_providers.planning.plan import Group, Hook, NestedPlan, Plan, Step

__all__ = [
    "Group",
    "Hook",
    "NestedPlan",
    "Plan",
    "Step",
    "card_of",
    "check_wiring",
    "nested_plan",
    "plan",
]
