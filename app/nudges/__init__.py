"""Nudges: an instructor writes to trainees who are behind or silent."""
