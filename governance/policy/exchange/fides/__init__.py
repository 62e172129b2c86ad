"""Fides datasets, read and written."""
