"""The public register of algorithms: what the portal computes about people, from what, how surely, and who answers."""
