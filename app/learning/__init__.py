"""Modules as a trainee walks through them: lessons and quizzes."""
