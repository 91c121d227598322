"""Simulations in the portal: the desk, the decisions and the debrief."""
