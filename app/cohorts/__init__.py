"""Cohorts as instructors and administrators see them."""
