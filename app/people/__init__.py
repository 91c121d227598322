"""People brought in from a file, and the page of a person."""
