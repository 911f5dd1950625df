"""Rules of responses: what measures owe to the posture that their text declares."""
