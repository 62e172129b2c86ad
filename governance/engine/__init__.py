"""The straight lines: scan, report, demo."""
