"""The example organisation: its generated data, its answer key and the score against it.

``governance demo`` copies the policy files of ``policies/demo``, generates the data that they
describe, scans both and scores the findings against ``answer_key.json``. The scanner never
reads the key. Every person, number and account is invented: addresses at example.org,
example.com and example.net, telephone numbers from the ranges reserved for fiction, card
numbers of a test range, accounts at a bank code that no bank has.
"""

from __future__ import annotations

from datetime import UTC, datetime

DEMO_NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""The organisation's clock: its policy files and its planted breaches are dated around it."""
DEMO_EARLIER = datetime(2026, 9, 1, 8, tzinfo=UTC)
"""When somebody scanned one dataset, and nothing followed: what was found then is still open."""
LOOKED_AT = "logistics.suppliers"
