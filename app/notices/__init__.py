"""Notices: what one person is told, in the portal and, where they asked for that, by e-mail."""
