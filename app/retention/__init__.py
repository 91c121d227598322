"""How long what is known of people is kept: a rule for each kind, carried out daily, proved in the audit log."""
