"""``governance baseline``: the list of findings that were there already."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.options import AsOfOption, WorkspaceOption
from governance.cli.printable import printable
from governance.cli.standing import Here, is_measured, stand
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.baseline import Baseline, Entry
    from governance.engine.upkeep import Standing, Upkeep

_LISTED = 50
_SEVERITIES = ("critical", "high", "medium", "low")

app = typer.Typer(
    no_args_is_help=True,
    help="Keep the list of known findings: they are shown and do not fail a run.",
)


@app.command()
def create(workspace: WorkspaceOption = None, as_of: AsOfOption = None) -> None:
    """Write the findings that are open today into a new baseline."""
    from governance.engine.baseline import baseline_file, dump_baseline
    from governance.engine.upkeep import create as create_baseline
    from governance.engine.upkeep import mark_for_union
    from governance.model.outcome import Status
    from governance.policy.rewriting import write_text

    here = stand(workspace, as_of)
    file, shown = baseline_file(here.workspace)
    if file.exists():
        problem, remedy = "there is a baseline already", "run 'governance baseline update'"
        raise UsageError(shown, problem, remedy)
    run = here.evaluate()
    made = create_baseline(run)
    text = dump_baseline(made.entries.values())
    _record(here, shown, text, made)
    write_text(file, text)
    typer.echo(f"wrote {printable(shown)}: {_counted(made.entries.values())}")
    attributes = mark_for_union(file)
    if attributes is not None:
        typer.echo(f"wrote {attributes.name}: git merges it line by line (merge=union)")
    _tell_unknown(run.count_outcomes()[Status.NOT_EVALUATED])
    typer.echo("commit it; beside a base, the list of the base counts")


@app.command()
def update(workspace: WorkspaceOption = None, as_of: AsOfOption = None) -> None:
    """Add the findings that are open today, and remove those that are resolved."""
    from governance.engine.upkeep import update as update_baseline

    here = stand(workspace, as_of)
    baseline = _read(here)
    _change(here, baseline, update_baseline(baseline, here.evaluate()))


@app.command()
def prune(workspace: WorkspaceOption = None, as_of: AsOfOption = None) -> None:
    """Remove the findings that are resolved; nothing is added."""
    from governance.engine.upkeep import prune as prune_baseline

    here = stand(workspace, as_of)
    baseline = _read(here)
    _change(here, baseline, prune_baseline(baseline, here.evaluate()))


@app.command()
def show(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json.")] = "text",
) -> None:
    """Print what the baseline lists, and how it stands beside what is found today."""
    from governance.engine.upkeep import standings_of

    if output not in ("text", "json"):
        raise UsageError("--output", f"unknown value '{output[:40]}'", "use one of: text, json")
    here = stand(workspace, as_of)
    baseline = _read(here)
    run = here.evaluate()
    standings = standings_of(baseline, run) if is_measured(run) else {}
    if output == "json":
        typer.echo(_as_json(baseline, standings))
        return
    for entry in sorted(baseline.entries.values(), key=_worst_first):
        now = str(standings.get(entry.id, "not known"))
        typer.echo(f"{entry.severity.value:9} {now:14} {_told(entry)}")
    typer.echo(f"{printable(baseline.path)} lists {_counted(baseline.entries.values())}")
    if not standings and baseline.entries:
        typer.echo("how they stand is not known: no scan has left facts here")
    for standing, number in Counter(standings.values()).items():
        typer.echo(f"{number:,} {standing}")


def _read(here: Here) -> Baseline:
    from governance.engine.baseline import baseline_file, read_baseline

    baseline = read_baseline(here.workspace)
    if baseline is None:
        _, shown = baseline_file(here.workspace)
        raise UsageError(shown, "there is no baseline", "run 'governance baseline create'")
    return baseline


def _change(here: Here, baseline: Baseline, made: Upkeep) -> None:
    """Write what an upkeep made of a baseline, and tell every change of it."""
    from governance.engine.baseline import baseline_file, dump_baseline
    from governance.engine.upkeep import Standing
    from governance.policy.rewriting import write_text

    file, shown = baseline_file(here.workspace)
    before, after = baseline.entries, made.entries
    removed = [entry for entry in before.values() if entry.id not in after]
    weighed = [entry for entry in after.values() if before.get(entry.id, entry) != entry]
    for sign, entries in (("+", made.added), ("-", removed), ("~", weighed)):
        _list(sign, entries)
    text = dump_baseline(after.values())
    if hashlib.sha256(text.encode()).hexdigest() != baseline.sha256:
        _record(here, shown, text, made)
        write_text(file, text)
    typer.echo(
        f"{printable(shown)}: {len(made.added):,} added, {len(removed):,} resolved and removed, "
        f"{len(weighed):,} of another severity now, {len(after):,} listed"
    )
    if made.count(Standing.WORSE) and not weighed:
        typer.echo(f"{made.count(Standing.WORSE):,} became more severe: they count as new")
    _tell_unknown(made.count(Standing.UNKNOWN))


def _list(sign: str, entries: Collection[Entry]) -> None:
    for entry in sorted(entries, key=_worst_first)[:_LISTED]:
        typer.echo(f"{sign} {entry.severity.value:9} {_told(entry)}")
    if len(entries) > _LISTED:
        typer.echo(f"{sign} and {len(entries) - _LISTED:,} more")


def _record(here: Here, shown: str, text: str, made: Upkeep) -> None:
    from governance.engine.upkeep import Standing
    from governance.model.trail import Event

    payload = {
        "path": shown,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "entries": len(made.entries),
        "added": len(made.added),
        "removed": made.count(Standing.RESOLVED),
    }
    here.record(Event("baseline.changed", payload))


def _tell_unknown(number: int) -> None:
    if number:
        typer.echo(f"{number:,} not evaluated today: what nobody looked at is not resolved")


def _as_json(baseline: Baseline, standings: Mapping[str, Standing]) -> str:
    from governance.formats.cleaning import inert_json

    entries = [
        {
            "id": entry.id,
            "severity": entry.severity.value,
            "control": entry.control,
            "asset": entry.asset,
            "place": entry.place,
            "field": entry.field,
            "subject": entry.subject,
            "standing": standings.get(entry.id),
        }
        for _, entry in sorted(baseline.entries.items())
    ]
    told = {"path": baseline.path, "sha256": baseline.sha256, "entries": entries}
    return inert_json(json.dumps(told, indent=2, sort_keys=True))


def _counted(entries: Iterable[Entry]) -> str:
    counts = Counter(entry.severity.value for entry in entries)
    listed = ", ".join(f"{counts[name]:,} {name}" for name in _SEVERITIES if counts[name])
    total = sum(counts.values())
    noun = "finding" if total == 1 else "findings"
    return f"{total:,} {noun}{f' ({listed})' if listed else ''}"


def _told(entry: Entry) -> str:
    parts = (entry.control, entry.asset, entry.place, entry.field, entry.subject)
    return printable(" ".join(part for part in parts if part))


def _worst_first(entry: Entry) -> tuple[int, str, str, str]:
    return -entry.severity.rank, entry.control, entry.asset, entry.id
