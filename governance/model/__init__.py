"""Frozen types and pure rules that every room shares; no I/O."""
