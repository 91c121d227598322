"""Exercises: a simulation that an instructor sets a cohort, assessed or played together."""
