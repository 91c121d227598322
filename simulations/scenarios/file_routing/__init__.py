"""S1: files, desks and a classifier in a secretariat."""
