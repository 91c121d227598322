"""Scenario folders, one per scenario."""
