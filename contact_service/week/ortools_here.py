"""OR-Tools where it is installed: the only module that imports it."""

import importlib
from types import ModuleType

from contact_service.week.errors import PlannerMissing


def is_here() -> bool:
    """Whether the extra ``planner`` is installed."""
    try:
        cp_sat()
    except PlannerMissing:
        return False
    return True


def cp_sat() -> ModuleType:
    """The solver of constraints; raises ``PlannerMissing``."""
    return _module("ortools.sat.python.cp_model")


def linear() -> ModuleType:
    """The solver of linear programmes; raises ``PlannerMissing``."""
    return _module("ortools.linear_solver.python.model_builder_helper")


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise PlannerMissing from None
