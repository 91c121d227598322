"""Grades: what the grading engine says, kept and shown."""
