"""Surveys of a cohort before and after its course, whose answers belong to nobody (docs/surveys.md)."""
