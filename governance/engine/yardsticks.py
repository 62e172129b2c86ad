"""What a branch is held to: the yardsticks of its base, whatever it says of them itself.

The assets, rules and records of a branch are what is judged. How they are judged is the base's: who
may see what, how often somebody must look, what counts as personal data, which values are looked
for. A branch may add to these; what it changes of them counts once it is merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from governance.model.documents import Project, Team
from governance.model.policy import EffectivePolicy
from governance.model.taxonomy import TaxonomyIndex

SETTINGS = (
    "approval", "clearances", "gate", "limits", "nlp", "review", "schedules", "signing", "skills",
    "tests", "timezone", "trail",
)  # fmt: skip
"""Keys of the Project that say how the rest is judged."""


def held_to(policy: EffectivePolicy, base: EffectivePolicy) -> EffectivePolicy:
    """Return a branch's policy under the settings, waivers, clearances and vocabulary of a base."""
    teams = {name: _cleared(team, base.teams.get(name)) for name, team in policy.teams.items()}
    return replace(
        policy,
        project=_project(policy.project, base.project),
        waivers=base.waivers,
        teams=teams,
        taxonomy=_taxonomy(policy.taxonomy, base.taxonomy),
        detectors=_over(policy.detectors, base.detectors),
    )


def _project(project: Project, base: Project) -> Project:
    settings: dict[str, Any] = {name: getattr(base, name) for name in SETTINGS}
    # Looking for the ids of one more country takes nothing away.
    settings["countries"] = tuple(dict.fromkeys((*base.countries, *project.countries)))
    return project.model_copy(update=settings)


def _cleared(team: Team, base: Team | None) -> Team:
    """Give each member the clearance that the base says; whom it does not know has none."""
    before = base.members if base is not None else {}
    members = {
        name: member.model_copy(
            update={"clearance": before[name].clearance if name in before else None}
        )
        for name, member in team.members.items()
    }
    return team.model_copy(update={"members": members})


def _taxonomy(taxonomy: TaxonomyIndex, base: TaxonomyIndex) -> TaxonomyIndex:
    return replace(
        taxonomy,
        categories=_over(taxonomy.categories, base.categories),
        entities=_over(taxonomy.entities, base.entities),
        regions=_over(taxonomy.regions, base.regions),
    )


def _over(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    return {**own, **base}
