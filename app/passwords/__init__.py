"""Passwords without e-mail: changed by their owner, or set anew with a code that is handed over in person."""
