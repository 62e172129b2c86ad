"""Write the example organisation's data: the same bytes for the same day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from governance.engine.demo import desk, events, exports, lists, logs, shop


def generate(directory: Path, *, today: date) -> None:
    """Write about 100,000 rows and log lines below ``data/`` and ``logs/`` of a folder.

    Args:
        directory: The workspace; created if need be. What lies there is overwritten.
        today: The day that everything is dated before. The policy files in ``policies/demo``
            are dated around ``DEMO_NOW``, and only then do all planted breaches hold.

    Raises:
        OSError: If a file cannot be written.
    """
    data = directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    people = shop.customers(today)
    shop.write_database(data / "shop.db", people, today=today)
    lists.write_contacts(data, today=today)
    lists.write_employees(data, today=today)
    lists.write_suppliers(data, today=today)
    lists.write_marketing(data, today=today)
    lists.write_forgotten_copy(data, people)
    desk.write_tickets(data, people, today=today)
    desk.write_clickstream(data, today=today)
    exports.write_orders_export(data, people, today=today)
    exports.write_broken_returns(data, today=today)
    logs.write_text_logs(directory / "logs", people, today=today)
    events.write_access_log(directory / "logs", today=today)
    events.write_lineage(directory / "logs", today=today)
