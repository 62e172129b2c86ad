"""Evidence to outcomes: pure functions, one file per family."""
