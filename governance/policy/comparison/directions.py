"""The table of what counts as weaker: for each value of the language, who judges it.

A change that no line of the table knows is unknown, never neutral: what nobody thought of must be
looked at by a person.
"""

from __future__ import annotations

from governance.model.ladders import Classification, RiskClass, State
from governance.policy.comparison import judges, knowing
from governance.policy.comparison.change import Difference, Direction, Versions
from governance.policy.comparison.judges import Judge
from governance.policy.comparison.knowing import Knowing

# Kind and path, a star for one key, two for any keys that follow. The first line that fits decides.
_KNOWING: tuple[tuple[str, Knowing], ...] = (
    ("Dataset fields *", knowing.field),
    ("Dataset fields * category", knowing.category),
    ("Dataset fields * classification", knowing.tier),
    ("Dataset fields * state **", knowing.state),
    ("Dataset locations * region", knowing.region),
    ("Dataset residency", knowing.residency),
    ("Model training *", knowing.training),
    ("Pipeline", knowing.pipeline),
    ("Pipeline purpose", knowing.purpose),
    ("Pipeline logs * region", knowing.region),
    ("Policy severity", knowing.policy_severity),
    ("Policy rules * severity", knowing.severity),
    ("Policy rules * require_anonymity sensitive * *", knowing.sensitive),
    ("Project defaults dataset residency", knowing.residency),
    ("Defaults residency", knowing.residency),
    ("Project timezone", knowing.timezone),
    ("Project clearances *", knowing.clearance),
    ("Team members * clearance", knowing.clearance),
    ("Grant purpose", knowing.purpose),
    ("Grant to", knowing.grantee),
    ("Taxonomy entities *", knowing.mapping),
    ("Taxonomy regions *", knowing.region_group),
    ("Team", knowing.team),
    ("Team members *", knowing.membership),
    ("Team members * since", knowing.membership),
    ("Team members * until", knowing.membership),
    ("Waiver", knowing.waiver),
    ("Waiver expires", knowing.waiver_end),
    ("Waiver opened", knowing.waiver_start),
)

_PLAIN: tuple[tuple[str, Judge], ...] = (
    # Words for people.
    ("* title", judges.neutral), ("* ** description", judges.neutral),
    ("* ** why", judges.neutral), ("* ** fix", judges.neutral), ("* ** reason", judges.neutral),
    ("* ** references", judges.neutral), ("Team contacts **", judges.neutral),
    ("* ticket", judges.neutral), ("References **", judges.neutral),
    # Ownership and records, the same for every asset.
    ("* ** owner", judges.owned), ("* steward", judges.recorded), ("* reviews", judges.demanded),
    ("* recertifications", judges.demanded),
    ("* ownership *", judges.present), ("* ownership **", judges.newer),
    ("Dataset", judges.present), ("Policy", judges.present), ("Model", judges.present),
    ("Detectors", judges.present), ("Grant", judges.granted),
    # Datasets.
    ("Dataset classification", judges.ranked(Classification)),
    ("Dataset state", judges.ranked(State)),
    ("Dataset fields * type", judges.neutral), ("Dataset fields * tags", judges.neutral),
    ("Dataset tags", judges.neutral), ("Dataset aliases", judges.demanded),
    ("Dataset subjects", judges.demanded),
    ("Dataset purposes", judges.purposes), ("Dataset legal_basis", judges.present),
    ("Dataset special_ground", judges.recorded), ("Dataset person_key", judges.present),
    ("Dataset dpia", judges.present), ("Dataset dpia on", judges.newer),
    ("Dataset collected", judges.present), ("Dataset collected *", judges.recorded),
    ("Dataset retention", judges.present), ("Dataset retention max_age", judges.shorter),
    ("Dataset retention then", judges.disposal), ("Dataset retention basis", judges.neutral),
    ("Dataset retention measured_by", judges.present),
    ("Dataset locations *", judges.present), ("Dataset locations * path", judges.pattern),
    ("Dataset locations * environment", judges.neutral),
    ("Dataset filters *", judges.present), ("Dataset filters * review_by", judges.sooner),
    # Models.
    ("Model risk_class", judges.ranked(RiskClass)), ("Model out_of_scope", judges.present),
    ("Model risk_assessment", judges.present), ("Model risk_assessment on", judges.newer),
    ("Model oversight", judges.present), ("Model oversight by", judges.demanded),
    ("Model instructions", judges.present), ("Model notice", judges.present),
    ("Model logs", judges.demanded), ("Model version", judges.neutral),

    ("Model trained_on", judges.newer), ("Model deployed_on", judges.newer),
    ("Model retired_on", judges.granted), ("Model tests *", judges.present),
    ("Model tests * on", judges.newer), ("Model tests * result", judges.neutral),
    ("Model tests * report", judges.recorded),
    # Pipelines.
    ("Pipeline reads", judges.allowed), ("Pipeline writes", judges.allowed),
    ("Pipeline jobs", judges.widened), ("Pipeline logs *", judges.present),
    ("Pipeline logs * path", judges.pattern),
    # Rules.
    ("Policy applies_to may_be_empty", judges.off),
    ("Policy rules *", judges.present), ("Policy rules * require", judges.demanded),
    ("Policy rules * require_state", judges.ranked(State)),
    ("Policy rules * accept", judges.accepted), ("Policy rules * in", judges.places),
    ("Policy rules * verify max_hits", judges.less),
    ("Policy rules * verify technique_check", judges.on),
    ("Policy rules * form", judges.present), ("Policy rules * never", judges.demanded),
    ("Policy rules * require_anonymity", judges.present),
    ("Policy rules * require_anonymity k", judges.more),
    ("Policy rules * require_anonymity quasi_identifiers", judges.demanded),
    ("Policy rules * require_anonymity sensitive *", judges.present),
    ("Policy rules * allow", judges.allowed), ("Policy rules * deny", judges.demanded),
    # Grants and waivers.
    ("Grant ends", judges.sooner), ("Grant starts", judges.later),
    ("Grant actions", judges.allowed), ("Grant fields", judges.narrowing),
    ("Grant dataset", judges.replaced), ("Grant review_by", judges.sooner),
    ("* approved_by", judges.demanded), ("Waiver author", judges.present),
    ("Waiver compensating", judges.recorded), ("Waiver control", judges.replaced),
    ("Waiver rule", judges.replaced), ("Waiver target *", judges.replaced),
    # Teams.
    ("Team lead", judges.replaced), ("Team members * accounts", judges.allowed),
    ("Team members **", judges.neutral), ("Team accounts *", judges.allowed),
    # The project and its gate.
    ("Project organisation", judges.present), ("Project organisation **", judges.recorded),
    ("Project limits **", judges.shorter), ("Project approval author_may_approve", judges.off),
    ("Project approval *", judges.approving), ("Project watch", judges.globbed),
    ("Project packs", judges.demanded), ("Project countries", judges.demanded),
    ("Project review findings *", judges.shorter), ("Project review notice", judges.neutral),
    ("Project review *", judges.shorter),
    ("Project signing separate_accounts", judges.on), ("Project signing advisers", judges.demanded),
    ("Project signing *", judges.signers), ("Project skills * *", judges.shorter),
    ("Project tests cadence *", judges.shorter),
    ("Project nlp engine", judges.names_sought),
    ("Project gate fail_on", judges.gate), ("Project gate max_facts_age", judges.shorter),
    ("Project gate facts", judges.present), ("Project gate baseline", judges.granted),
    ("Project schedules *", judges.present), ("Project schedules * cron", judges.as_often),
    ("Project schedules * fail_on", judges.threshold),
    ("Project schedules * notify", judges.demanded),
    ("Project schedules * jitter_minutes", judges.neutral),
    ("Project schedules * grace_minutes", judges.neutral), ("Project trail", judges.present),
    ("Project defaults access", judges.ordered(("allow", "deny"))),
    ("Project defaults dataset classification", judges.ranked(Classification)),
    ("Project defaults dataset purposes", judges.purposes),
    ("Project defaults dataset state", judges.ranked(State)),
    ("Project defaults dataset retention", judges.present),
    ("Project defaults dataset retention max_age", judges.shorter),
    ("Project defaults dataset steward", judges.recorded),
    # What a folder hands down.
    ("Defaults classification", judges.ranked(Classification)),
    ("Defaults purposes", judges.purposes), ("Defaults state", judges.ranked(State)),
    ("Defaults retention", judges.present), ("Defaults retention max_age", judges.shorter),
    ("Defaults retention then", judges.disposal), ("Defaults retention basis", judges.neutral),
    ("Defaults retention measured_by", judges.present),
    # The vocabulary and the detectors.
    ("Taxonomy categories *", judges.present), ("Taxonomy categories * personal", judges.on),
    ("Taxonomy categories * special", judges.on), ("Taxonomy purposes *", judges.neutral),
    ("Taxonomy subjects *", judges.neutral),
    ("Detectors patterns *", judges.present), ("Detectors patterns * score", judges.more),
    ("Detectors deterministic", judges.on), ("Detectors context", judges.demanded),
    ("Detectors checksum", judges.granted), ("Detectors allow", judges.allowed),
    ("Detectors deny", judges.demanded), ("Detectors countries", judges.places),
    ("Detectors secret", judges.neutral),
    # Policy tests: what is allowed in one that was not before lets more through.
    ("PolicyTest", judges.present), ("PolicyTest principals *", judges.present),
    ("PolicyTest actions", judges.demanded), ("PolicyTest assets", judges.demanded),
    ("PolicyTest purposes", judges.demanded),
    ("PolicyTest access *", judges.present), ("PolicyTest access * allowed *", judges.granted),
    ("PolicyTest access * undecided *", judges.granted),
    ("PolicyTest access * denied *", judges.present),
    ("PolicyTest access * * * by", judges.present),
    ("PolicyTest access * denied * *", judges.demanded),
    ("PolicyTest access * * * *", judges.allowed),
    ("PolicyTest data *", judges.present), ("PolicyTest data * nothing_else", judges.on),
    ("PolicyTest data * findings *", judges.present),
    ("PolicyTest data * absent *", judges.present),
    ("PolicyTest data * findings * *", judges.present),
    ("PolicyTest data * absent * *", judges.granted),
    ("PolicyTest changes *", judges.present), ("PolicyTest changes * direction", judges.expected),
    ("PolicyTest changes * approvers", judges.prescribed),
)  # fmt: skip


def direction_of(difference: Difference, versions: Versions) -> Direction | None:
    """Return the direction of a difference by itself; None where it means nothing."""
    for pattern, knows in _KNOWING:
        if _fits(pattern, difference):
            return knows(difference, versions)
    for pattern, judge in _PLAIN:
        if _fits(pattern, difference):
            return judge(difference.before, difference.after)
    return Direction.UNKNOWN


def _fits(pattern: str, difference: Difference) -> bool:
    kind, *wanted = pattern.split(" ")
    if kind not in ("*", difference.kind):
        return False
    return _leads(wanted, difference.path)


def _leads(wanted: list[str], path: tuple[str, ...]) -> bool:
    if not wanted:
        return not path
    if wanted[0] == "**":
        return any(_leads(wanted[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and wanted[0] in ("*", path[0]) and _leads(wanted[1:], path[1:])
