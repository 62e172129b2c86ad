"""A waiver written into a policy file, behind what stands there: nothing of it is touched.

What would be written is loaded first, in a copy of the policy files, so that no file of the
workspace is ever wrong, not even for a moment.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from governance.errors import UsageError
from governance.model.documents import Waiver
from governance.model.policy import EffectivePolicy
from governance.policy.rewriting import write_text
from governance.policy.workspace import load_workspace

_PACK = "pack:"
_ENDINGS = (".yaml", ".yml")
_SEPARATOR = "---"
# No YAML takes a word with a dot or a dash between letters, or a principal, for anything else.
_NAME = re.compile(r"[a-z]+(?:[.-][a-z]+)+|(?:user|team|role|service):[A-Za-z0-9._@-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a waiver says; either ``control`` or ``rule`` is there."""

    id: str
    dataset: str
    reason: str
    author: str
    approved_by: tuple[str, ...]
    opened: date
    expires: date
    control: str | None = None
    rule: str | None = None
    field: str | None = None
    location: str | None = None
    compensating: str | None = None
    ticket: str | None = None


def waiver_text(draft: Draft) -> str:
    """Return the document of a waiver, one key a line, every free text quoted.

    Raises:
        UsageError: If a text holds what a policy file may not.
    """
    target = {"dataset": draft.dataset, "field": draft.field, "location": draft.location}
    written = ", ".join(f"{key}: {_quoted(value)}" for key, value in target.items() if value)
    lines = ["apiVersion: governance/v1", "kind: Waiver", f"id: {_quoted(draft.id)}"]
    lines += [f"control: {_quoted(draft.control)}"] if draft.control else []
    lines += [f"rule: {_quoted(draft.rule)}"] if draft.rule else []
    lines += [f"target: {{{written}}}", f"reason: {_quoted(draft.reason)}"]
    lines += [f"compensating: {_quoted(draft.compensating)}"] if draft.compensating else []
    lines += [f"author: {_quoted(draft.author)}"]
    lines += [f"approved_by: [{', '.join(map(_quoted, draft.approved_by))}]"]
    lines += [f"opened: {draft.opened.isoformat()}", f"expires: {draft.expires.isoformat()}"]
    lines += [f"ticket: {_quoted(draft.ticket)}"] if draft.ticket else []
    return "\n".join(lines) + "\n"


def append_waiver(
    root: Path,
    path: Path,
    draft: Draft,
    *,
    known: EffectivePolicy,
    controls: frozenset[str],
    record: Callable[[Waiver], None],
) -> Waiver:
    """Write a waiver behind what a file of the workspace holds, or into a new one.

    Args:
        path: The file. known: The policy as it is. controls: What a waiver may name.
        record: Is given the waiver before the file is written; if it raises, nothing is.

    Returns:
        The waiver as the workspace now loads it.

    Raises:
        UsageError: If the id is taken, the file is none of the workspace, or cannot be written.
        InvalidPolicyError: If the file would not load; it was not written then.
    """
    if draft.id in known.waivers:
        problem = f"there is a waiver '{draft.id}' already"
        raise UsageError("--id", problem, "name another id; a waiver is never overwritten")
    shown = _shown(root, path)
    before = _text(path, shown)
    after = _joined(before, waiver_text(draft))
    own = [file.path for file in known.files if not file.path.startswith(_PACK)]
    with TemporaryDirectory(prefix="governance-waiver-") as folder:
        copy = Path(folder)
        _copy(root, own, copy)
        (copy / shown).parent.mkdir(parents=True, exist_ok=True)
        (copy / shown).write_text(after, encoding="utf-8", newline="")
        loaded = load_workspace(copy, known_controls=controls)
    if draft.id not in loaded.waivers:
        problem = "no pattern of 'include' matches this file, so that the waiver would not count"
        raise UsageError(shown, problem, "name another one with --file")
    # NOTE: an exception that nobody recorded must not exist; a record of one that does not may.
    record(loaded.waivers[draft.id])
    write_text(path, after)
    return loaded.waivers[draft.id]


def _shown(root: Path, path: Path) -> str:
    target = path.resolve()
    if not target.is_relative_to(root.resolve()) or path.suffix not in _ENDINGS:
        problem = "this is no policy file of the workspace"
        raise UsageError(str(path), problem, "name a .yaml file below governance.yaml")
    return target.relative_to(root.resolve()).as_posix()


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_bytes().decode("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise UsageError(shown, "the file is not UTF-8", "save it as UTF-8") from None
    except OSError as cause:
        problem = f"cannot read the file: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(shown, problem, "check its permissions") from cause


def _joined(before: str, document: str) -> str:
    if not before.strip("\ufeff \t\r\n"):
        return before + document
    end = "\r\n" if "\r\n" in before else "\n"
    # NOTE: no empty line in between: it could belong to a text of several lines above.
    gap = "" if before.endswith(("\n", "\r")) else end
    return f"{before}{gap}{_SEPARATOR}{end}{document.replace(chr(10), end)}"


def _copy(root: Path, shown: Iterable[str], into: Path) -> None:
    for path in shown:
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target)


def _quoted(text: str) -> str:
    """Return text as it is where it is plainly a name, else in quotes that JSON and YAML share.

    Raises:
        UsageError: If it holds a character that cannot be printed.
    """
    text = " ".join(text.split())
    if not text or not text.isprintable():
        problem = "a text is empty or holds a character that cannot be printed"
        raise UsageError("waiver", problem, "write it in plain words")
    return text if _NAME.fullmatch(text) else json.dumps(text, ensure_ascii=False)
