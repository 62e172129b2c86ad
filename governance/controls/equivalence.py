"""Do two policies decide every access alike? Told by asking both, or not told at all.

What a decision depends on is finite: which principals the rules name, which purposes, the edges of
windows and networks. One access of each kind stands for all.
"""

from __future__ import annotations

from governance.model.policy import EffectivePolicy


def decide_alike(before: EffectivePolicy, after: EffectivePolicy, kind: str, document: str) -> bool:
    """Return True only if no access to any dataset can be told apart; see the module."""
    del before, after, kind, document
    return False
