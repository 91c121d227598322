"""The learning portal."""
