"""Panels of experts about what nobody can count, in two rounds without names (docs/foresight.md)."""
