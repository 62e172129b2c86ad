"""The keys of policy tests."""

from __future__ import annotations

from collections.abc import Mapping

CASES: Mapping[str, Mapping[str, str]] = {
    "PolicyTest": {
        "title": "What the test is about, for people to read.",
        "now": "The instant at which everything is asked, as 2026-11-23T10:00.",
        "principals": "Who asks: each user:, service:, team: or role:, and what it is held for.",
        "actions": "Actions that are asked for beside those of the cases.",
        "assets": "Datasets that are asked for beside those of the cases.",
        "purposes": "Purposes that are asked for beside those of the cases.",
        "access": "By name: who may do what at one instant; what is not listed must be denied.",
        "data": "By name: rows of a dataset, and what a scan must find in them.",
        "changes": "By name: a change of a document, and what a diff must say of it.",
    },
    "Persona": {
        "teams": "Teams that it is supposed to belong to, as [sales].",
        "roles": "Roles that it is supposed to hold, as [analyst].",
        "as_of": "The day whose memberships count, instead of the day of the access.",
    },
    "Matrix": {
        "at": "The instant of every access; the test's now if unsaid.",
        "network": "Where every access comes from: an address, or a network as 10.0.0.0/8.",
        "region": "The region that every access comes from, as DE.",
        "allowed": "By name: what must be allowed.",
        "denied": "By name: what must be denied, as everything that is not listed.",
        "undecided": "By name: what the log must leave open, as for want of a purpose.",
    },
    "AccessCase": {
        "who": "Principals of this test.",
        "actions": "What each of them does: read, write, export, delete, train.",
        "assets": "The datasets that each of them uses.",
        "purposes": "What for; none at all is an access that states no purpose.",
        "by": "The rule or grant that must decide so, as access-shop.never-for-advertising.",
    },
    "DataCase": {
        "dataset": "The declared dataset that the rows are laid into.",
        "model": "The declared model that the case is about, in place of a dataset.",
        "location": "Which of its places; may stay unsaid where there is one.",
        "set": "What its file is supposed to say otherwise, as {owner: none}.",
        "remove": "Keys that its file is supposed not to have.",
        "rows": "Invented rows, each a map from column to text; a column left out is empty.",
        "findings": "By name: what must be found.",
        "absent": "By name: what must not be found, though it was looked for.",
        "nothing_else": "Whether anything found beyond the findings fails the case.",
    },
    "Expected": {
        "control": "The control that finds it, as technique-applied.",
        "field": "The column it concerns; unsaid is any.",
        "rule": "The rule that it breaks, as exports-email.keyed-token; unsaid is any.",
        "severity": "Its severity; unsaid is any.",
    },
    "ChangeCase": {
        "kind": "The kind of the document that changes.",
        "document": "The id of the document that changes; the Project needs none.",
        "set": "Key, as retention.max_age, to its new value; maps are merged.",
        "remove": "Keys that go, as [rules.never-exported].",
        "head": "The whole document after the change, without its header; it may be new.",
        "deleted": "Whether the document itself goes.",
        "direction": "The worst of what changes: weaker, unknown, stronger, neutral or none.",
        "approvers": "Exactly who must approve; unsaid is anybody.",
    },
}
