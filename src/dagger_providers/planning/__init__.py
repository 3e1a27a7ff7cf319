"""Lower a pipeline to steps that every target can express."""

from dagger_providers.dsl.wiring import check_wiring
from dagger_providers.planning.lower import card_of, plan
from dagger_providers.planning.plan import Group, Hook, Plan, Step

__all__ = ["Group", "Hook", "Plan", "Step", "card_of", "check_wiring", "plan"]
