"""What the trail keeps of a change in words: the policy's text, and nobody's name."""

from __future__ import annotations

import dataclasses

import pytest

from governance.engine.differ import without_persons
from governance.policy.comparison.change import Change, Direction

CHANGE = Change(
    id="0" * 16, direction=Direction.WEAKER, kind="grant", document="g", path="",
    before="", after="", sentence="", base=None, head=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("path", "sentence", "kept"),
    [
        ("", "Grant g lets user:bo@example.org read crm.people, 2026-01-01 to 2026-03-01",
         "Grant g lets a person read crm.people, 2026-01-01 to 2026-03-01"),
        ("owner", "Dataset a moves from user:kim to team:sales",
         "Dataset a moves from a person to team:sales"),
        ("approved_by", "Waiver w adds user:bo, user:kim to the approvers",
         "Waiver w adds a person, a person to the approvers"),
        ("schedules.n.notify", "The project adds mailto:kim@example.org to the addressees",
         "The project adds an address to the addressees"),
        ("retention.max_age", "Dataset a changes the longest age of rows from 1y to 2y",
         "Dataset a changes the longest age of rows from 1y to 2y"),
        ("reason", "Waiver w changes the reason from Kim is ill to Kim is back", None),
        ("rules.r.why", "Policy p changes the why of the rule r from Kim said so to none", None),
    ],
)  # fmt: skip
def test_a_sentence_in_the_trail_names_no_person(path, sentence, kept):
    change = dataclasses.replace(CHANGE, path=path, sentence=sentence)
    assert without_persons(change) == kept


def test_a_sentence_in_the_trail_is_bounded():
    change = dataclasses.replace(CHANGE, sentence="adds one, " * 400)
    assert len(without_persons(change) or "") == 300
