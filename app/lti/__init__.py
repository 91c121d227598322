"""LTI 1.3: a Moodle or a Canvas opens parts of Hunar for its people and gets their scores back (docs/lti.md)."""
