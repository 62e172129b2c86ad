"""Log events to counted uses: who did what to which dataset, without anybody's raw name.

Actors and datasets are held against the policy here. What the policy knows keeps its name;
any other actor becomes a keyed fingerprint before it leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeVar

from governance.detectors.privacy import fingerprint
from governance.engine.inventory import declared_assets
from governance.model.facts import AccessUse, ColumnClaim, LineageUse
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action
from governance.sources.events import AccessEvent, ColumnOrigin, LineageEvent

MAX_USES = 500_000
"""Distinct uses kept of one log; past it the log's coverage says so."""

UNKNOWN_PURPOSE = "unknown"
_LINES_KEPT = 20
_LONGEST_NAME = 200
_NAME = re.compile(r"[A-Za-z_][\w ./:#-]*", re.ASCII)
_PORT = re.compile(r":\d{2,5}(?=/|$)")
_TOKEN = re.compile(r"[A-Za-z0-9]+")
_NUMBERED = re.compile(r"(?:19|20)\d\d|[A-Za-z]{0,20}\d{1,2}")
_K = TypeVar("_K")
_AccessKey = tuple[str, str, str, bool, str | None, str | None, str | None, datetime]
_LineageKey = tuple[str, str | None, str, bool, str, str | None]
_ClaimKey = tuple[str, str, bool, str, bool, bool | None]


@dataclass
class _Tally:
    first: datetime
    last: datetime
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, at: datetime, line: int) -> None:
        self.count += 1
        self.first, self.last = min(self.first, at), max(self.last, at)
        if len(self.lines) < _LINES_KEPT:
            self.lines.append(line)


class Names:
    """What the policy calls actors, datasets, jobs, purposes and networks."""

    def __init__(self, policy: EffectivePolicy, key: bytes) -> None:
        self._key = key
        self._policy = policy
        self._principals = policy.principals()
        self._datasets = _dataset_names(policy)
        self._networks = _networks(policy)
        self._purposes = _purposes(policy)

    def actor(self, written: str) -> str:
        """Return the principal, or ``unknown:`` and a fingerprint."""
        for prefix in ("", "user:", "service:", "team:"):
            if f"{prefix}{written}" in self._principals:
                return f"{prefix}{written}"
        return f"unknown:{fingerprint(written, self._key)}"

    def dataset(self, written: str) -> tuple[str, bool]:
        """Return the dataset's id and True, or a printable name and False."""
        namespace, _, name = written.rpartition("/")
        for candidate in (written, name if namespace else written):
            if candidate in self._datasets:
                return self._datasets[candidate], True
        return self.undeclared(written), False

    def undeclared(self, written: str) -> str:
        """Return a name that nothing declares as the log wrote it, or a fingerprint.

        A value may have slipped into a name's place; only what reads as a name is kept.
        """
        if _reads_as_name(written):
            return written
        return f"undeclared:{fingerprint(written, self._key)}"

    def pipeline(self, job: str) -> str | None:
        """Return the pipeline that declares an OpenLineage job (``namespace/name``)."""
        name = job.rpartition("/")[2]
        for pipeline in self._policy.pipelines.values():
            patterns = pipeline.jobs or (pipeline.id,)
            if any(fnmatchcase(job, each) or fnmatchcase(name, each) for each in patterns):
                return pipeline.id
        return None

    def purpose(self, written: str | None) -> str | None:
        """Return a purpose of the taxonomy, ``unknown`` for another one, None for none."""
        if written is None:
            return None
        return written if written in self._purposes else UNKNOWN_PURPOSE

    def network(self, address: str | None) -> str | None:
        """Return the narrowest network of the policy that holds an address.

        The address itself is personal data and goes no further; ``elsewhere`` when no
        network of the policy holds it.
        """
        if address is None:
            return None
        try:
            parsed = ip_address(address)
        except ValueError:
            return "elsewhere"
        holding = [net for net in self._networks if parsed in net]
        return str(max(holding, key=lambda net: net.prefixlen)) if holding else "elsewhere"


class UseCollector:
    """Counts the events of one log, in memory bounded by ``MAX_USES``."""

    def __init__(self, log: str, names: Names) -> None:
        self._log = log
        self._names = names
        self._accesses: dict[_AccessKey, _Tally] = {}
        self._lineage: dict[_LineageKey, _Tally] = {}
        self._claims: dict[_LineageKey, dict[_ClaimKey, _Tally]] = {}
        self._claimed = 0
        self.dropped = 0

    def add_accesses(self, events: Iterable[AccessEvent]) -> None:
        """Count access events."""
        for event in events:
            dataset, declared = self._names.dataset(event.asset)
            key = (
                self._names.actor(event.who),
                _action(event.action),
                dataset,
                declared,
                self._names.purpose(event.purpose),
                self._names.network(event.network),
                _region(event.region),
                event.at.replace(second=0, microsecond=0),
            )
            self._count(self._accesses, key, event.at, event.line)

    def add_lineage(self, events: Iterable[LineageEvent]) -> None:
        """Count the datasets that each event's job read and wrote."""
        for event in events:
            job, pipeline = self._names.undeclared(event.job), self._names.pipeline(event.job)
            purpose = self._names.purpose(event.purpose)
            for role, written in (("input", event.inputs), ("output", event.outputs)):
                for name in written:
                    key = (job, pipeline, *self._names.dataset(name), role, purpose)
                    if self._count(self._lineage, key, event.at, event.line) and role == "output":
                        origins = (each for each in event.columns if each.output == name)
                        self._add_claims(self._claims.setdefault(key, {}), origins, event)

    def accesses(self) -> tuple[AccessUse, ...]:
        """Return the counted accesses in the order of their time."""
        uses = [
            AccessUse(self._log, *key, count=tally.count, lines=tuple(tally.lines))
            for key, tally in self._accesses.items()
        ]
        return tuple(sorted(uses, key=lambda use: (use.minute, use.lines, use.actor)))

    def lineage(self) -> tuple[LineageUse, ...]:
        """Return the counted lineage in the order of job, dataset and role."""
        uses = [
            LineageUse(
                self._log,
                *key[:-1],
                count=tally.count,
                first=tally.first,
                last=tally.last,
                lines=tuple(tally.lines),
                purpose=key[-1],
                columns=_columns(self._claims.get(key, {})),
            )
            for key, tally in self._lineage.items()
        ]
        return tuple(
            sorted(uses, key=lambda use: (use.job, use.dataset, use.role, use.purpose or ""))
        )

    def _add_claims(
        self,
        claims: dict[_ClaimKey, _Tally],
        origins: Iterable[ColumnOrigin],
        event: LineageEvent,
    ) -> None:
        for origin in origins:
            key = (
                self._names.undeclared(origin.field),
                *self._names.dataset(origin.source),
                self._names.undeclared(origin.source_field),
                origin.direct,
                origin.masking,
            )
            if key not in claims and self._claimed >= MAX_USES:
                self.dropped += 1
                continue
            self._claimed += key not in claims
            claims.setdefault(key, _Tally(event.at, event.at)).add(event.at, event.line)

    def _count(self, tallies: dict[_K, _Tally], key: _K, at: datetime, line: int) -> bool:
        """Count an event under a key; False when there are too many keys."""
        tally = tallies.get(key)
        if tally is None:
            if len(tallies) >= MAX_USES:
                self.dropped += 1
                return False
            tally = tallies[key] = _Tally(at, at)
        tally.add(at, line)
        return True


def _columns(claims: Mapping[_ClaimKey, _Tally]) -> tuple[ColumnClaim, ...]:
    ordered = sorted(claims.items(), key=lambda each: (*each[0][:5], str(each[0][5])))
    return tuple(
        ColumnClaim(*key, count=tally.count, lines=tuple(tally.lines)) for key, tally in ordered
    )


def _dataset_names(policy: EffectivePolicy) -> Mapping[str, str]:
    """Map every way a log may write a dataset to its id; a table name only where unique."""
    names: dict[str, str] = {}
    tables: dict[str, set[str]] = {}
    for asset in declared_assets(policy):
        if asset.id not in policy.datasets:
            continue
        names |= {asset.id: asset.id, f"dataset:{asset.id}": asset.id}
        for place in asset.places:
            names[place.uri] = asset.id
            path, _, table = place.uri.partition("#")
            tables.setdefault(table or path.rpartition("/")[2], set()).add(asset.id)
    unique = {table: next(iter(ids)) for table, ids in tables.items() if len(ids) == 1}
    return unique | names


def _networks(policy: EffectivePolicy) -> tuple[IPv4Network | IPv6Network, ...]:
    written = {
        network for ref in policy.rules() if ref.rule.origin for network in ref.rule.origin.network
    }
    return tuple(ip_network(network, strict=False) for network in sorted(written))


def _purposes(policy: EffectivePolicy) -> frozenset[str]:
    declared = (purpose for each in policy.datasets.values() for purpose in each.purposes or ())
    pipelines = (pipeline.purpose for pipeline in policy.pipelines.values())
    return frozenset({*policy.taxonomy.purposes, *declared, *pipelines})


def _reads_as_name(written: str) -> bool:
    """Words, with a year, a version or a port at most: no number, key, address or date."""
    if len(written) > _LONGEST_NAME or not _NAME.fullmatch(written):
        return False
    tokens = _TOKEN.findall(_PORT.sub("", written))
    numbered = [token for token in tokens if any(map(str.isdigit, token))]
    return len(numbered) <= 2 and all(map(_NUMBERED.fullmatch, numbered))


def _action(written: str) -> str:
    known = {action.value for action in Action}
    return written if written in known else "other"


def _region(written: str | None) -> str | None:
    return written if written and re.fullmatch(r"[A-Z]{2,4}", written) else None
