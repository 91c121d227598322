"""What trainees dispute and complain about: decided by a deadline, reviewed by somebody else, closed with a reason."""
