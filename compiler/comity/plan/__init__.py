"""What a decision evaluates, in which order: between core and every backend. Read `ast` first."""

from comity.plan.ast import Axis, DecisionPlan, RulePlan
from comity.plan.make import plan_decision

__all__ = ["Axis", "DecisionPlan", "RulePlan", "plan_decision"]
