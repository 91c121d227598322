"""Nudges: an instructor writes to trainees who are behind or silent; they read it in the portal and by e-mail."""
