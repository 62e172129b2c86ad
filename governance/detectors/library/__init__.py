"""Detectors written in Python: one module each, listed in ``governance.detectors.registry``."""
