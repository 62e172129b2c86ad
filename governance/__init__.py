"""Audit the governance of datasets and models, and prove it from the data."""

__version__ = "0.1.0"
