"""What one document cannot know by itself: every check between documents, in one place."""

from __future__ import annotations

from collections.abc import Iterator

from governance.model.policy import EffectivePolicy
from governance.policy.corpus import Corpus
from governance.policy.exceptions import check_exceptions
from governance.policy.expectations import check_policy_tests
from governance.policy.faults import Fault
from governance.policy.known import Known
from governance.policy.logged import check_logged_names
from governance.policy.references import check_references
from governance.policy.rules import check_rules
from governance.policy.sense import check_sense


def check_documents(
    corpus: Corpus, policy: EffectivePolicy, known_controls: frozenset[str] | None
) -> Iterator[Fault]:
    """Yield every fault that shows only between documents, or between lines of one."""
    known = Known(corpus, policy, known_controls)
    yield from check_references(known)
    yield from check_sense(known)
    yield from check_rules(known)
    yield from check_logged_names(known)
    yield from check_exceptions(known)
    yield from check_policy_tests(known)
