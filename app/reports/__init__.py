"""Cohorts compared, the report on a cohort for the head of the academy, and its records as files (docs/reports.md)."""
