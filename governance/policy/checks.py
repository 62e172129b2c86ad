"""What one document cannot know by itself."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.policy import EffectivePolicy
from governance.policy.corpus import Corpus
from governance.policy.faults import Fault


def check_documents(
    corpus: Corpus, policy: EffectivePolicy, known_controls: frozenset[str] | None
) -> Iterator[Fault]:
    """Yield every fault that shows only between documents."""
    yield from ()
