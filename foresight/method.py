"""Numbers that a study goes by, for whoever tells of it without computing one: no solver is loaded for them."""

METHOD_VERSION = "foresight 3"
PLAN_YEARS = 3
# Nodes of the search and not seconds end it, so that a plan is the same on a fast and on a slow machine.
SOLVER_NODES = 200
# Only where those before found no plan at all.
SOLVER_NODES_TO_A_PLAN = 20_000
# A plan is near enough to the best that could be.
RELATIVE_GAP = 5e-3
