"""What the policy calls what a log writes: actors, datasets, columns, jobs, purposes, networks.

What the policy knows keeps its name; any other actor becomes a keyed fingerprint before it leaves
this module, and so does a name that reads like a value.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import AF_INET, inet_ntoa, inet_pton

from governance.detectors.privacy import fingerprint
from governance.engine.objects import Meant, Objects, shortened
from governance.model.policy import EffectivePolicy
from governance.model.rules import Action

UNKNOWN_PURPOSE = "unknown"
ELSEWHERE = "elsewhere"
_LONGEST_NAME = 200
_NAME = re.compile(r"[A-Za-z_][\w ./:#-]*", re.ASCII)
_PORT = re.compile(r":\d{2,5}(?=/|$)")
_TOKEN = re.compile(r"[A-Za-z0-9]+")
_NUMBERED = re.compile(r"(?:19|20)\d\d|[A-Za-z]{0,20}\d{1,2}")
_REGION = re.compile(r"[A-Z]{2,4}")
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+")
_ACTIONS = frozenset(action.value for action in Action)


class Names:
    """The names of one policy. Every method is a pure function of what a log wrote."""

    def __init__(self, policy: EffectivePolicy, key: bytes) -> None:
        self._key = key
        self.policy = policy
        self._principals = policy.principals()
        self._accounts = policy.accounts()
        self._patterns = [(name, who) for name, who in self._accounts.items() if "*" in name]
        self._objects = Objects(policy)
        self._networks = _by_length(policy)
        self._purposes = _purposes(policy)

    def actor(self, written: str, also: tuple[str, ...] = ()) -> str:
        """Return the principal, or ``unknown:`` and a fingerprint.

        Args:
            also: Other names of the same principal. The last is the most general, and stands for
                it where none is known: sessions come and go, the role behind them stays.
        """
        names = (written, *also)
        for name in names:
            known = self._account(name)
            if known:
                return known
        return f"unknown:{fingerprint(names[-1], self._key)}"

    def dataset(self, written: str) -> tuple[str, bool, str | None]:
        """Return the dataset's id, True and its place; a printable name, False and None."""
        meant: Meant | None = self._objects.find(written)
        if meant is not None:
            return meant.dataset, True, meant.place
        return self.undeclared(shortened(written)), False, None

    def column(self, dataset: str, written: str) -> str:
        """Return a column that the dataset declares, or a printable name."""
        declared = self.policy.datasets.get(dataset)
        return written if declared and written in declared.fields else self.undeclared(written)

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
        for pipeline in self.policy.pipelines.values():
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
        network of the policy holds it. A port behind it does not matter.
        """
        if address is None:
            return None
        number, bits = _plain_address(address), 32
        if number is None:
            parsed = read_address(address)
            if parsed is None:
                return ELSEWHERE
            number, bits = int(parsed), parsed.max_prefixlen
        for version, length, known in self._networks:
            if bits == (32 if version == 4 else 128):
                network = number >> (bits - length) << (bits - length)
                if network in known:
                    return known[network]
        return ELSEWHERE

    def _account(self, written: str) -> str | None:
        if written in self._accounts:
            return self._accounts[written]
        for prefix in ("", "user:", "service:", "team:"):
            if f"{prefix}{written}" in self._principals:
                return f"{prefix}{written}"
        fitting = {who for pattern, who in self._patterns if fnmatchcase(written, pattern)}
        return fitting.pop() if len(fitting) == 1 else None


def action(written: str) -> str:
    """Return an action of the language, or ``other``."""
    return written if written in _ACTIONS else "other"


def region(written: str | None) -> str | None:
    """Return a region as the language writes it, or None."""
    return written if written and _REGION.fullmatch(written) else None


def read_address(written: str) -> IPv4Address | IPv6Address | None:
    """Return an address with or without a port; one of IPv4 within IPv6 as IPv4."""
    found = _WITH_PORT.fullmatch(written.strip()) if ":" in written else None
    bare = (found["six"] or found["four"]) if found else written.strip()
    try:
        parsed = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _plain_address(written: str) -> int | None:
    """Return an address of IPv4 as most logs write it; None for anything else."""
    try:
        packed = inet_pton(AF_INET, written)
    except (OSError, ValueError):
        return None
    return int.from_bytes(packed) if inet_ntoa(packed) == written else None


def _by_length(policy: EffectivePolicy) -> list[tuple[int, int, dict[int, str]]]:
    """Return the networks of all rules by version and length, the longest first."""
    found: dict[tuple[int, int], dict[int, str]] = {}
    for ref in policy.rules():
        for text in ref.rule.origin.network if ref.rule.origin else ():
            network = ip_network(text, strict=False)
            known = found.setdefault((network.version, network.prefixlen), {})
            known[int(network.network_address)] = str(network)
    ordered = sorted(found, key=lambda each: -each[1])
    return [(version, length, found[version, length]) for version, length in ordered]


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
