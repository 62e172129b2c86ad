"""Every control meets every asset; a control that stays silent is a fault that shows."""

from datetime import UTC, datetime

import pytest

from governance.controls.evaluate import SilentControlError, evaluate
from governance.controls.manual import SECTIONS, manual
from governance.controls.outcomes import percent
from governance.controls.registry import CONTROLS
from governance.controls.subjects import shown_name
from governance.controls.windows import in_window
from governance.model.asset import AssetKind
from governance.model.ladders import Severity
from governance.model.outcome import Outcome, Status
from governance.model.rules import Window


class _Silent:
    """A control that has nothing to say."""

    id = "silent"
    version = 1
    severity = Severity.LOW
    applies_to = frozenset(AssetKind)

    def evaluate(self, subject):
        return iter(())


class _Elsewhere(_Silent):
    """A control that speaks about another asset."""

    def evaluate(self, subject):
        yield Outcome(self.id, "another", Status.NOT_APPLICABLE, "x")


@pytest.mark.parametrize("control", [_Silent(), _Elsewhere()])
def test_a_control_that_breaks_its_contract_is_an_error(control, build) -> None:
    asset, world = build({})
    with pytest.raises(SilentControlError):
        evaluate((asset,), world, (control,))


def test_controls_are_sorted_and_each_id_is_its_class_in_kebab_case() -> None:
    ids = [control.id for control in CONTROLS]
    assert ids == sorted(set(ids))
    for control in CONTROLS:
        words = type(control).__name__
        kebab = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words)
        assert kebab.lstrip("-") == control.id


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_docstring_is_a_whole_manual_page(control) -> None:
    page = manual(control)
    texts = (page.summary, page.why, page.fails_when, page.fix, page.source)
    assert all(text.endswith(".") for text in texts), texts
    assert "\n" not in "".join(texts)


def test_a_docstring_without_its_sections_is_refused() -> None:
    with pytest.raises(ValueError, match=", ".join(SECTIONS)):
        manual(_Silent())


def test_an_outcome_gives_its_finding_the_asset_owner_and_a_stable_identity(build) -> None:
    case = {"facts": {"shop": {"fields": {"order_id": {"verdict": "EMAIL_ADDRESS"}}}}}
    first, again = (
        [one.finding for one in evaluate((asset,), world) if one.control == "pii-declared"]
        for asset, world in (build(case), build(case))
    )
    assert first == again
    assert first[0].owner == "team:sales"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("shop.orders", True),
        ("s3://lake/orders/2026-01-15.parquet", True),
        ("ana@example.org", False),
        ("+1 202 555 0143", False),
        ("12025550143", False),
        ("078-05-1120", False),
        ("AKIAIOSFODNN7EXAMPLE", False),
        ("", False),
    ],
)
def test_only_an_identifier_from_a_log_is_shown(name: str, shown: bool) -> None:
    assert shown_name(name) == (name if shown else None)


@pytest.mark.parametrize(
    ("hours", "days", "instant", "inside"),
    [
        ("07:00-20:00", None, "2026-06-15T07:00", True),
        ("07:00-20:00", None, "2026-06-15T06:59", False),
        ("22:00-06:00", None, "2026-06-15T23:00", True),
        ("22:00-06:00", None, "2026-06-15T12:00", False),
        # Saturday, two in the morning, belongs to Friday's night shift.
        ("22:00-06:00", "mon-fri", "2026-06-20T02:00", True),
        ("22:00-06:00", "mon-fri", "2026-06-21T02:00", False),
        (None, "fri-mon", "2026-06-21T02:00", True),
        (None, "tue, thu", "2026-06-17T02:00", False),
        (None, "someday", "2026-06-17T02:00", False),
    ],
)
def test_windows_close_on_time(hours, days, instant, inside) -> None:
    local = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert in_window(Window(days=days, hours=hours), local) is inside


def test_a_share_is_never_rounded_to_nothing_or_to_everything() -> None:
    assert percent(0.00001) == "under 0.1 %"
    assert percent(0.99999) == "over 99.9 %"
    assert percent(0.255) == "25.5 %"
