"""Recurring runs: what is due, one run of it, the process that waits, notices, and exports."""
