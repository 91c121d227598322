"""S9: a licence queue with a document check by machine and a human door."""
