"""What Hunar costs: time, queries and bytes, side by side with the nbgrader command where there is a peer."""
