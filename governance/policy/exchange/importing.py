"""A file of another format as policy documents that load, and a report of what they lack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance.errors import InvalidPolicyError
from governance.policy.exchange.codeowners.read import read_owners
from governance.policy.exchange.cursor import Ledger
from governance.policy.exchange.dbt import read as dbt
from governance.policy.exchange.dbt.shape import PROPERTIES
from governance.policy.exchange.drafts import Draft, to_text
from governance.policy.exchange.fides import read as fides
from governance.policy.exchange.fides.shape import RESOURCES
from governance.policy.exchange.fitting import Surroundings, fit
from governance.policy.exchange.odcs import read as odcs
from governance.policy.exchange.odcs.shape import CONTRACT
from governance.policy.exchange.remarks import Remark
from governance.policy.exchange.shapes import Shape, check
from governance.policy.faults import IMPORTED, Fault, as_errors, quoted
from governance.policy.nodes import Mapping as MapNode
from governance.policy.reading import read_documents

_Read = Callable[[MapNode, Ledger, Surroundings, str | None], list[Draft]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    Args:
        title: What it is called. shape: What its documents look like.
        read: Makes drafts of one document of the right shape.
        names: The keys that name a map of a list.
        defaults: Keys with the value that holds without them anyway.
        reasons: Why a key cannot be carried, where more can be said than that there is none.
    """

    title: str
    shape: Shape
    read: _Read
    names: tuple[str, ...]
    defaults: Mapping[str, str]
    reasons: Mapping[str, str]


FORMATS: Mapping[str, Format] = {
    "odcs": Format(
        "Open Data Contract Standard",
        CONTRACT,
        odcs.read_contract,
        odcs.NAMES,
        odcs.DEFAULTS,
        odcs.REASONS,
    ),
    "dbt": Format("dbt properties", PROPERTIES, dbt.read_properties, dbt.NAMES, {}, dbt.REASONS),
    "fides": Format(
        "Fides resources",
        RESOURCES,
        fides.read_resources,
        fides.NAMES,
        fides.DEFAULTS,
        fides.REASONS,
    ),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """Policy documents made of a file.

    Args:
        text: The policy file; empty when the source holds no dataset.
        remarks: What became of every key that did not simply arrive.
    """

    text: str
    datasets: tuple[str, ...]
    remarks: tuple[Remark, ...]


def import_file(
    kind: str, file: str, data: bytes, around: Surroundings, *, prefix: str | None
) -> Imported:
    """Return the datasets that a file of another format describes.

    Args:
        kind: A key of ``FORMATS``.
        file: The path as shown to people; every line of the result names it.
        prefix: What the ids start with; None leaves it to the format.

    Raises:
        InvalidPolicyError: With every fault of the file, at its line and column.
    """
    chosen = FORMATS[kind]
    content = read_documents(file, data)
    faults = list(content.faults)
    for node in content.documents:
        faults += check(node, chosen.shape)
    drafts: list[Draft] = []
    ledger = Ledger(chosen.names)
    if not faults:
        for node in content.documents:
            drafts += chosen.read(node, ledger, around, prefix)
        faults += _without_own_id(drafts)
    if faults:
        raise InvalidPolicyError(as_errors(faults, {file: content.lines}))
    left = [
        remark
        for node in content.documents
        for remark in ledger.leftovers(node, defaults=chosen.defaults, reasons=chosen.reasons)
    ]
    return _imported(file, chosen.title, data, drafts, around, remarks=[*ledger.remarks, *left])


def import_owners(
    file: str, data: bytes, around: Surroundings, repository: Path | None, below: str
) -> Imported:
    """Return a dataset for each rule of a CODEOWNERS file that names data.

    Args:
        repository: To see which folders hold data. below: The workspace's folder in it.

    Raises:
        InvalidPolicyError: With every line that GitHub would pass over.
    """
    ledger = Ledger()
    drafts = read_owners(file, data, ledger, around, root=repository, below=below)
    faults = tuple(_without_own_id(drafts))
    if faults:
        raise InvalidPolicyError(as_errors(faults, {}))
    return _imported(file, "CODEOWNERS", data, drafts, around, remarks=ledger.remarks)


def _imported(
    file: str,
    title: str,
    data: bytes,
    drafts: Sequence[Draft],
    around: Surroundings,
    *,
    remarks: Sequence[Remark],
) -> Imported:
    fitted = fit(drafts, around) if drafts else []
    head = [f"{IMPORTED}{file} ({title}), sha256:{hashlib.sha256(data).hexdigest()}."]
    return Imported(
        to_text(drafts, head) if drafts else "",
        tuple(draft.id for draft in drafts),
        tuple(sorted({*remarks, *fitted})),
    )


def _without_own_id(drafts: Sequence[Draft]) -> Iterable[Fault]:
    first: dict[str, Draft] = {}
    for draft in drafts:
        if not draft.id:
            problem = "the name holds no letter and no digit that an id could have"
            yield Fault(draft.position, problem, "rename it")
        elif draft.id in first:
            line = first[draft.id].position.line
            problem = f"gives the id {quoted(draft.id)}, as line {line} does"
            yield Fault(draft.position, problem, "rename one of the two")
        else:
            first[draft.id] = draft
