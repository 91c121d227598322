"""Courses that a trainee finished elsewhere: reported, looked at, and evidence only once they are approved."""
