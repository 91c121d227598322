"""What cases of every scenario lean on: how far an officer can see for himself before the tool speaks."""

from simulations.engine import Floats

SIGNS_LOOKED_FOR = 5


def signs_seen(dice: Floats, shares: Floats, level: int) -> int:
    """How many of five signs a first look at the file finds.

    dice: at least five uniform dice.  shares: chance of each sign by level of the hidden truth, 0 to 1.
    """
    return int((dice[:SIGNS_LOOKED_FOR] < shares[level]).sum())
