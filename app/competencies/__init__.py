"""Evidence for competencies, the estimates made from it, and the skill record."""
