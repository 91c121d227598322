"""What people may ask of an academy that knows something about them: all of it, to take away."""
