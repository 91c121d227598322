"""Buying an AI system: claims, a pilot on local cases, clauses, and a price released by milestone."""
