"""A lab as the assignment of a cohort: its terms, who stands where, release, re-grades, submissions that are alike."""
