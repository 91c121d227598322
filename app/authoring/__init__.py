"""Writing a lab: its source notebook, marked, previewed, checked through the grader and published."""
