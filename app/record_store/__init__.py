"""xAPI: what trainees did, told to an academy's record store through an outbox that loses nothing (docs/xapi.md)."""
