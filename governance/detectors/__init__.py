"""Batches to evidence: which personal data and secrets a field holds.

The only room that keeps values in hand.
"""
