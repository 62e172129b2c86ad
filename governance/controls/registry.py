"""Every control there is, sorted by id."""

from __future__ import annotations

from governance.controls.access import AccessGranted, AccessInWindow
from governance.controls.anonymity import AnonymityThresholds
from governance.controls.clearance import ClearanceMatches
from governance.controls.content import ByproductsClean, FreeTextClean, PiiDeclared
from governance.controls.duties import BreachDrilled, RegulationTracked, SkillsCurrent
from governance.controls.followup import (
    FindingsClosedInTime,
    ReportReproducible,
    ScansRanOnSchedule,
)
from governance.controls.inventory import CollectionRecorded, NoShadowData
from governance.controls.lifecycle import ResidencyKept, RetentionKept
from governance.controls.lineage import MaskedDownstream
from governance.controls.models import TestsFresh
from governance.controls.ownership import ContactsNamed, OwnerDeclared, OwnershipUnbroken
from governance.controls.protection import TechniqueApplied
from governance.controls.purpose import UseWithinPurpose
from governance.controls.recertify import AccessRecertified
from governance.controls.record import RecordComplete
from governance.controls.review import ReviewedInTime, WaiverExpired
from governance.controls.special import SpecialCategorySafeguarded
from governance.controls.trail import TrailUnbroken
from governance.model.world import Control

CONTROLS: tuple[Control, ...] = (
    AccessGranted(),
    AccessInWindow(),
    AccessRecertified(),
    AnonymityThresholds(),
    BreachDrilled(),
    ByproductsClean(),
    ClearanceMatches(),
    CollectionRecorded(),
    ContactsNamed(),
    FindingsClosedInTime(),
    FreeTextClean(),
    MaskedDownstream(),
    NoShadowData(),
    OwnerDeclared(),
    OwnershipUnbroken(),
    PiiDeclared(),
    RecordComplete(),
    RegulationTracked(),
    ReportReproducible(),
    ResidencyKept(),
    RetentionKept(),
    ReviewedInTime(),
    ScansRanOnSchedule(),
    SkillsCurrent(),
    SpecialCategorySafeguarded(),
    TechniqueApplied(),
    TestsFresh(),
    TrailUnbroken(),
    UseWithinPurpose(),
    WaiverExpired(),
)
