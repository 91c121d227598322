"""Marking by hand what a machine cannot: written answers, by the instructors of the academy."""
