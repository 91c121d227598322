"""The record of one person, opened by an administrator for a purpose and for a while; the person is told."""
