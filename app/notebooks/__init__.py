"""Notebook labs: drafts, submissions and receipts."""
