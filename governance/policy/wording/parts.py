"""The keys of what documents are made of."""

from __future__ import annotations

from collections.abc import Mapping

_REFERENCES = "The articles it serves, as [gdpr:art25]."
_SELECTED = "a word, a glob, or any_of, all_of and none_of"

PARTS: Mapping[str, Mapping[str, str]] = {
    "ProjectDefaults": {
        "dataset": "What every dataset has unless its folder or itself tightens it.",
        "access": "What happens to an access that no rule allows: deny or allow.",
    },
    "Defaults": {
        "owner": "Who owns a dataset that names nobody.",
        "steward": "Who does the daily work for a dataset that names nobody.",
        "classification": "The lowest tier that a dataset may have.",
        "residency": "The regions that a dataset may shrink, never widen.",
        "purposes": "The purposes that a dataset may shrink, never widen.",
        "retention": "How long rows are kept at the longest.",
        "state": "How far every personal field is at least from an identified person.",
    },
    "Limits": {
        "waiver_max": "The longest life of a waiver, by severity, as {critical: 30d, high: 90d}.",
        "grant_max": "The longest life of a grant, as 365d.",
    },
    "Approval": {
        "weakening": "Who approves a weaker protection: asset_owner, policy_owner.",
        "waiver": "Who approves a waiver: asset_owner, policy_owner.",
        "author_may_approve": "Whether the author of a waiver may approve it too.",
    },
    "Gate": {
        "fail_on": "What fails the pre-merge gate, as [high, gap].",
        "max_facts_age": "How old the facts may be that the gate answers from, as 30d.",
        "facts": "The file that 'governance facts export' wrote, for machines without facts.",
        "baseline": "The file of known findings.",
    },
    "ReviewCadence": {
        "cadence": "How often an asset is reviewed, as 365d.",
        "high_risk": "How often a high-risk model or special categories are reviewed, as 180d.",
        "access": "How often access to a dataset is confirmed, as 180d.",
        "access_high": "How often access to restricted or special data is confirmed, as 90d.",
        "drills": "How often a breach is drilled, as 365d.",
        "regulations": "How often the register of laws is gone through, as 90d.",
        "findings": "How long a finding of each severity may stay open, as {high: 30d}.",
        "reports": "How soon an issued report is made again to compare, as 30d.",
        "notice": "How long before a review is due or a waiver ends people are told, as 30d.",
    },
    "Signing": {
        "authors": "Who may sign a review as its author, as [role:auditor].",
        "advisers": "Who is heard before a review is approved, as [role:dpo].",
        "approvers": "Who may approve a review, as [team:management].",
        "separate_accounts": "Whether author and approver must sign from different accounts.",
    },
    "TestCadence": {
        "cadence": "How often a model of each risk class is tested, as {high: 90d}.",
    },
    "Schedule": {
        "cron": "When, as five cron fields in the project's time zone.",
        "run": "Which command, without 'governance', as scan.",
        "fail_on": "From which severity on the run fails.",
        "notify": "Who is told, as env:NAME of a variable that holds the address.",
        "jitter_minutes": "The start is put off by up to so many minutes.",
        "grace_minutes": "How late a missed start is made up for; until the next one if not said.",
    },
    "Nlp": {
        "engine": "The library that runs the model; bundled ships with the tool, none skips it.",
        "model": "The model's name, or the path of its folder.",
        "language": "The language it reads, as en.",
    },
    "TrailPin": {
        "public_key": "The public key of the audit trail, as 'governance audit' prints it.",
        "witnesses": "Those elsewhere who co-sign checkpoints, each with key and address.",
        "quorum": "How many of the witnesses it takes; all of them if it is left out.",
        "time_stamps": "The authorities whose RFC 3161 time stamps over checkpoints count.",
        "minimum": "The level below which 'governance audit verify' fails.",
    },
    "PinnedWitness": {
        "public_key": "The witness's public key, as 'governance audit witness key' prints it.",
        "url": "Where it listens, as https://witness.example.org.",
    },
    "PinnedAuthority": {
        "certificate": "The path of the authority's root certificate in PEM.",
        "url": "Where it answers, as https://tsa.example.org.",
    },
    "CategorySpec": {
        "description": "What data of this category is.",
        "personal": "Whether it is about persons; holds for everything below.",
        "special": "Whether it is a special category (GDPR Art. 9); holds for everything below.",
    },
    "Membership": {
        "since": "The first day.",
        "until": "The last day, which still counts.",
        "roles": "The roles held, which access rules name as role:analyst.",
        "accounts": "Names of theirs in logs: a database login, an ARN, an address. Globs allowed.",
        "clearance": "The most sensitive data that this member may see, whatever the roles say.",
    },
    "Collection": {
        "from": "Where the data came from, as web checkout.",
        "since": "The first day of collection.",
        "until": "The last day of collection.",
        "notice": "The privacy notice that persons were shown.",
    },
    "Location": {
        "type": "How the place is read; auto finds it out from the content.",
        "path": "A file, folder or glob within the workspace; either this or url.",
        "url": "A database file or another address; either this or path.",
        "table": "The table or view of a database.",
        "region": "Where it is stored: a country or a group, as DE or EU.",
        "environment": "What the place serves, as production or export; rules name it under in.",
    },
    "FieldSpec": {
        "category": "What the column holds, as user.contact.email.",
        "classification": "How sensitive it is: at least the tier of its dataset.",
        "state": "How far it is from an identified person: one state, or one for each place.",
        "type": "The type of its values, as string or date.",
        "description": "What the column means.",
        "tags": "Labels for selectors.",
    },
    "Filter": {
        "reason": "Why the rows are removed.",
        "owner": "Who answers for it.",
        "review_by": "The day by which somebody must confirm that it is still needed.",
    },
    "Tenure": {
        "since": "The first day.",
        "until": "The last day, which still counts; without it the ownership lasts.",
    },
    "Retention": {
        "max_age": "How long rows are kept, as 3y, 18m or 30d.",
        "measured_by": "The column that tells a row's age; it must be a declared field.",
        "then": "What happens to older rows: archive, anonymise or delete.",
        "basis": "The law or reason for the length.",
    },
    "Review": {
        "on": "The day of the review.",
        "by": "Who reviewed it.",
        "report": "Where the report lies.",
    },
    "Assessment": {
        "id": "The assessment's name or number.",
        "on": "The day it was concluded.",
    },
    "Oversight": {
        "by": "Who watches over it, as [user:ana@example.org].",
        "how": "How they notice that something is wrong, and how they stop or overrule it.",
    },
    "LogSpec": {
        "type": "How it is read: text, access, openlineage, cloudtrail, pgaudit, bigquery or auto.",
        "path": "The files, as a glob within the workspace.",
        "region": "Where the log is stored, as DE.",
        "fields": "Our names (at, who, action, asset, ...) to the log's own; prefix for pgaudit.",
    },
    "ModelTest": {
        "kind": "What was tested, as accuracy, slice, stability, robustness or fairness.",
        "on": "The day of the test.",
        "result": "How it ended: passed, failed or skipped.",
        "report": "Where the report lies.",
    },
    "Selector": {
        "dataset": f"Ids of datasets: {_SELECTED}.",
        "field": f"Names of columns: {_SELECTED}.",
        "category": f"Categories with everything below them: {_SELECTED}.",
        "classification": f"Tiers: {_SELECTED}, or a comparison such as '>= confidential'.",
        "state": f"Declared states: {_SELECTED}, or a comparison such as '< pseudonymised'.",
        "owner": f"Owners: {_SELECTED}.",
        "subject": f"Whose data it is: {_SELECTED}.",
        "location": f"Names of locations: {_SELECTED}.",
        "environment": f"Environments of locations: {_SELECTED}.",
        "tag": f"Tags of the dataset or the field: {_SELECTED}.",
        "region": f"Regions of locations: {_SELECTED}.",
        "model": f"Ids of models: {_SELECTED}. Selects models, and then nothing else.",
        "risk_class": f"Risk classes of models: {_SELECTED}, or a comparison such as '>= high'.",
        "may_be_empty": "Whether the selector may match nothing without an error.",
    },
    "Choice": {
        "any_of": "At least one of these must match.",
        "all_of": "Every one of these must match.",
        "none_of": "None of these may match.",
    },
    "Rule": {
        "require": "The keys that a dataset or a model must declare, as [owner, retention].",
        "require_state": "The state that every selected field must have reached.",
        "require_anonymity": "The thresholds that a released table must keep.",
        "allow": "The actions that are permitted: read, write, export, delete, train.",
        "deny": "The actions that are forbidden; a deny beats every allow.",
        "accept": "The techniques that count as reaching the state, as [hmac_sha256, drop].",
        "form": "What the values that are left must look like: a year, three digits of a ZIP code.",
        "never": "How none of these values may begin, as ['036', '059'].",
        "in": "Names or environments of the locations where it holds; without it, everywhere.",
        "verify": "How strictly the state is verified in the data.",
        "to": f"Whom it concerns: anyone, a principal, {_SELECTED}.",
        "for": "For which purposes, each with everything below it; dataset.purposes for its own.",
        "when": "The days and hours in which it holds.",
        "from": "The networks and regions from which it holds.",
        "severity": "How bad a breach is.",
        "references": _REFERENCES,
        "why": "Why the rule exists.",
        "fix": "How a breach is put right.",
    },
    "Anonymity": {
        "k": "The smallest number of persons that may share a combination.",
        "quasi_identifiers": "The columns that single out a person when they are combined.",
        "sensitive": "The columns to protect, each with its l and t.",
    },
    "SensitiveLimits": {
        "l": "The fewest values it takes among persons who look alike (l-diversity), above 1.",
        "t": "How far its distribution among them may lie from everybody's (t-closeness), 0 to 1.",
    },
    "Verify": {
        "max_hits": "How many values in clear are tolerated.",
        "technique_check": "Whether the values must look like one of the accepted techniques.",
    },
    "Window": {
        "days": "Days of the week, as mon-fri or sat,sun.",
        "hours": "Hours of the day, as 07:00-20:00; 22:00-06:00 runs over midnight.",
    },
    "Origins": {
        "network": "Networks in CIDR notation, as [10.0.0.0/8].",
        "region": "Countries or groups of countries, as [EU].",
    },
    "Target": {
        "dataset": "The id of the asset.",
        "field": "One column of it.",
        "location": "One location of it.",
    },
    "PatternDetector": {
        "entity": "What a hit is, as EMPLOYEE_NUMBER; a Taxonomy says its category.",
        "patterns": "Regular expressions, by name.",
        "deterministic": "Whether a single hit leaves no doubt.",
        "context": "Whole words of a header or nearby text that corroborate a hit.",
        "checksum": "A check that a hit must pass: luhn, mod97 or stdnum:<module>.",
        "allow": "Values that are never hits.",
        "deny": "Values that are always hits.",
        "countries": "Only looked for where the project names one of them.",
        "secret": "The kind of secret, where the entity is SECRET.",
        "why": "What a hit means to a reader.",
    },
    "Pattern": {
        "regex": "The regular expression.",
        "score": "What a bare hit is worth, from 0 to 1.",
    },
}
