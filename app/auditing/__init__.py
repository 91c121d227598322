"""The audit log before those who may read it: looked through, checked, and taken away to be checked elsewhere."""
