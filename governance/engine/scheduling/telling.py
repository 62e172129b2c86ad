"""After a run: compose what each channel was not told yet, send it, and record how that went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from governance.engine.ledger import Ledger
from governance.engine.scheduling.notices import (
    SENT,
    Item,
    Notice,
    Today,
    compose,
    failed_event,
    inert,
    items_of,
    known_since,
    sent_events,
    told_before,
    untold,
)
from governance.engine.scheduling.running import Ended
from governance.engine.scheduling.sending import send
from governance.formats.cleaning import clean
from governance.model.trail import Event
from governance.trail.reading import read_entries

_NO_RESULT = {
    2: "wrong usage, or policy files that do not load",
    3: "something was not evaluated",
    4: "the trail could not be written or does not verify",
}


@dataclass(frozen=True)
class Teller:
    """Who tells whom.

    Args:
        today: What there may be to tell besides the run.
        environment: Where the channels' addresses are.
        say: Prints a line for whoever watches.
    """

    project: str
    ledger: Callable[[], Ledger]
    today: Callable[[], Today]
    environment: Mapping[str, str]
    say: Callable[[str], None]

    def tell(self, ended: Ended) -> bool:
        """Tell the channels of a schedule; return whether every notice arrived.

        Raises:
            TrailError: If it cannot be recorded.
        """
        channels = tuple(dict.fromkeys(ended.job.schedule.notify))
        if not channels:
            return True
        today = self.today()
        items, since = (*_of_the_run(ended), *items_of(today)), known_since(today)
        failed = []
        for channel in channels:
            notice = self._notice(channel, ended, items, since)
            if notice is not None and not self._send(notice, ended):
                failed.append(channel)
        for channel in channels if failed else ():
            if channel not in failed:
                self._send(compose(self.project, channel, _failures(failed, ended)), ended)
        return not failed

    def _notice(
        self,
        channel: str,
        ended: Ended,
        items: Sequence[Item],
        since: Mapping[str, datetime],
    ) -> Notice | None:
        if ended.output:
            body = "\n".join(map(inert, ended.output.splitlines()))
            title = clean(f"governance {self.project}: {ended.job.name}", 200)
            key = f"digest {ended.job.name} {ended.due.isoformat()}"
            return Notice(channel, title, body, (key,))
        sent = read_entries(self.ledger().path, types=frozenset({SENT}))
        new = untold(items, told_before(sent, channel), since)
        return compose(self.project, channel, new) if new else None

    def _send(self, notice: Notice, ended: Ended) -> bool:
        name = ended.job.name
        reason = send(notice.channel, notice.title, notice.body, self.environment)
        events: list[Event] = sent_events(notice, name)
        if reason is not None:
            events = [failed_event(notice, name, reason)]
        with self.ledger() as ledger:
            ledger.append(events)
            ledger.seal()
        told = f"told {notice.channel}" if reason is None else f"{notice.channel}: {reason}"
        self.say(f"{name}: {told}")
        return reason is None


def _of_the_run(ended: Ended) -> Iterator[Item]:
    name, due = ended.job.name, ended.due
    topic = "runs that came to no result"
    when = f"{due:%Y-%m-%d %H:%M} UTC"
    if ended.exit_code is None:
        yield Item(topic, f"run {name} {due.isoformat()}", f"{name} of {when}: {ended.reason}")
    elif ended.exit_code in _NO_RESULT:
        # NOTE: what is not evaluated stays so for long; once a week is often enough.
        year, week, _ = due.isocalendar()
        told = f"{year}-W{week}" if ended.exit_code == 3 else due.isoformat()
        key = f"run {name} exit {ended.exit_code} {told}"
        yield Item(topic, key, f"{name} of {when}: {_NO_RESULT[ended.exit_code]}")
    elif ended.exit_code > 4:
        yield Item(topic, f"run {name} {due.isoformat()}", f"{name} of {when}: was interrupted")


def _failures(channels: Sequence[str], ended: Ended) -> tuple[Item, ...]:
    return tuple(
        Item("channels that failed", f"channel {each} {ended.due.isoformat()}", each)
        for each in channels
    )
