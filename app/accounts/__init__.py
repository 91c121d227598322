"""People: academies, accounts, cohorts and who belongs to them; signing in and out."""
