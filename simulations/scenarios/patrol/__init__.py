"""Patrol hours of six beats, with a hot-spot tool that learns from where patrols went."""
