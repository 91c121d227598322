"""Releases for research: of those who agreed, pseudonymous, k-anonymous, with a data dictionary (docs/research.md)."""
