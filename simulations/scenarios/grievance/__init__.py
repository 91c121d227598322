"""S2: citizen grievance handling in a division."""
