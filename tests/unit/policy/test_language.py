"""The language as a whole: its words are described, its schema holds, its taxonomy is complete."""

from __future__ import annotations

import inspect

import pytest
from jsonschema import Draft202012Validator

from governance.errors import UsageError
from governance.policy.messages import PATTERNS
from governance.policy.schema import policy_schema
from governance.policy.validation import KINDS
from governance.policy.wording import WORDING
from governance.policy.workspace import load_builtin

TEAM = {"apiVersion": "governance/v1", "kind": "Team", "id": "a", "lead": "user:a@example.org"}


def test_every_pattern_of_the_schema_is_said_in_words() -> None:
    used = _patterns(policy_schema())
    assert len(used) > 5
    assert used - set(PATTERNS) == set()


@pytest.mark.parametrize("kind", [None, *sorted(KINDS)])
def test_schema_is_one(kind: str | None) -> None:
    Draft202012Validator.check_schema(policy_schema(kind))


def test_combined_schema_takes_a_team_and_refuses_a_typo() -> None:
    validator = Draft202012Validator(policy_schema())
    assert validator.is_valid(TEAM)
    assert not validator.is_valid(TEAM | {"contact": {}})


def test_combined_schema_names_the_one_key_that_is_wrong() -> None:
    faults = list(Draft202012Validator(policy_schema()).iter_errors(TEAM | {"contact": {}}))
    assert [fault.validator for fault in faults] == ["additionalProperties"]
    assert "'contact' was unexpected" in faults[0].message


def test_no_key_lacks_a_description_and_no_description_lacks_a_key() -> None:
    """An editor shows them; write yours in ``governance/policy/wording/``."""
    models = policy_schema()["$defs"]
    keys = {
        (name, key): spec
        for name, model in models.items()
        for key, spec in model.get("properties", {}).items()
    }
    assert [key for key, spec in keys.items() if not spec.get("description")] == []
    written = {(name, key) for name, said in WORDING.items() for key in said}
    assert written - set(keys) == set()
    for text in (spec["description"] for spec in keys.values()):
        assert text.endswith("."), text


def test_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'Dataset'"):
        policy_schema("Datset")


def test_every_predefined_entity_of_presidio_has_a_known_category() -> None:
    from presidio_analyzer import predefined_recognizers

    taxonomy = load_builtin().taxonomy
    found: set[str] = set()
    for _, recognizer in inspect.getmembers(predefined_recognizers, inspect.isclass):
        try:
            found |= set(recognizer().supported_entities)
        except (ImportError, TypeError, ValueError):
            # Remote services and optional models cannot be made here.
            found |= set(getattr(recognizer, "ENTITIES", None) or ())
    assert len(found) > 80
    assert {entity for entity in found if taxonomy.category_of(entity) is None} == set()
    assert set(taxonomy.entities.values()) <= set(taxonomy.categories)


def _patterns(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["pattern"]} if isinstance(node.get("pattern"), str) else set()
        names = set(node.get("patternProperties", {}))
        return own.union(names, *(_patterns(child) for child in node.values()))
    if isinstance(node, list):
        return set().union(*(_patterns(child) for child in node))
    return set()
