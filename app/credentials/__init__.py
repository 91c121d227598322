"""A trainee's passport, and credentials that the academy signs: issued, verified, revoked and corrected."""
