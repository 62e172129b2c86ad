"""``governance audit``: the commands over the trail, each in a module of its own."""

from __future__ import annotations

import typer

from governance.cli import (
    audit_checkpoint,
    audit_database,
    audit_export,
    audit_keys,
    audit_log,
    audit_prove,
    audit_retention,
    audit_verify,
    audit_witness,
)

app = typer.Typer(no_args_is_help=True, help="Read and verify the audit trail.")
app.command("log")(audit_log.log)
app.command("verify")(audit_verify.verify)
app.command("checkpoint")(audit_checkpoint.checkpoint)
app.command("prove")(audit_prove.prove)
app.command("export")(audit_export.export)
app.command("setup")(audit_database.setup)
app.add_typer(audit_keys.app, name="key")
app.command("erase")(audit_retention.erase)
app.command("prune")(audit_retention.prune)
app.add_typer(audit_retention.hold_app, name="hold")
app.add_typer(audit_witness.app, name="witness")
