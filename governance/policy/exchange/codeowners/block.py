"""The generated part of a CODEOWNERS file, between two markers; all else is left as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from governance.errors import UsageError
from governance.policy.exchange.codeowners.rules import deciding, read_rules
from governance.policy.faults import quoted

BEGIN = "# >>> governance: written by 'governance policy export codeowners'. Edit the policy files."
END = "# <<< governance"
_BEGINS = "# >>> governance"


@dataclass(frozen=True, slots=True)
class Line:
    """One generated rule.

    Args:
        pattern: Anchored at the root of the repository, spaces escaped.
        sample: A path that it matches.
    """

    pattern: str
    owners: tuple[str, ...]
    sample: str


def render(lines: Sequence[Line]) -> str:
    """Return the block, its markers included."""
    width = max((len(line.pattern) for line in lines), default=0)
    rows = [f"{line.pattern:{width}}  {' '.join(line.owners)}" for line in lines]
    return "\n".join([BEGIN, *rows, END]) + "\n"


def put_in(text: str, block: str, shown: str) -> str:
    """Return a file with the block in its place, or at the end where there was none.

    Raises:
        UsageError: If the markers of the file do not make one block.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = text.replace("\r\n", "\n").split("\n")
    begins = [number for number, row in enumerate(rows) if row.startswith(_BEGINS)]
    ends = [number for number, row in enumerate(rows) if row.strip() == END]
    if not begins and not ends:
        before = text.replace("\r\n", "\n").rstrip("\n")
        joined = f"{before}\n\n{block}" if before else block
        return joined.replace("\n", newline)
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        number = (begins or ends)[-1] + 1
        problem = "the markers of the generated part do not make one block"
        raise UsageError(f"{shown}:{number}:1", problem, "take the markers out and run it again")
    kept = [*rows[: begins[0]], *block.rstrip("\n").split("\n"), *rows[ends[0] + 1 :]]
    return newline.join(kept)


def overridden(text: str, lines: Iterable[Line], shown: str) -> Iterator[str]:
    """Yield a sentence for each generated rule that a later line of the file takes back.

    The last match wins: whoever adds a line below the block decides for what the block names.
    """
    rules, _ = read_rules(shown, text.encode())
    rows = text.split("\n")
    end = next((number for number, row in enumerate(rows, 1) if row.strip() == END), len(rows))
    for line in lines:
        rule = deciding(rules, line.sample)
        if rule and rule.position.line > end and set(rule.owners) != set(line.owners):
            owners = " ".join(rule.owners) or "nobody"
            yield (
                f"{rule.position}: {quoted(rule.pattern)} decides for {line.pattern}: {owners} "
                f"instead of {' '.join(line.owners)}. move the line above the generated part."
            )
