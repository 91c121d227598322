"""How far the trainees of a cohort are: a plan of days, one rule that says who is on track, and the pages of both."""
