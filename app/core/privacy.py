"""The one rule on how small a group may be before figures about it are withheld (domain notes, section 4.4)."""

SMALLEST_GROUP = 10
SMALLEST_EXACT_GROUP = 20
