"""Cohorts made, and trainees brought into them: by list, by code, by rule; and withdrawn."""
