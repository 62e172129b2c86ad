"""Schedules in the words of other schedulers: cron, systemd, GitHub Actions, Kubernetes.

Each line runs ``governance schedule run --once NAME``, so that intent, overlap, end and notices are
recorded whoever keeps the time.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from governance.engine.scheduling.calendar import (
    calendar_lines,
    debian_cron,
    plain_cron,
    utc_cron,
)
from governance.engine.scheduling.jobs import Job
from governance.engine.starter import gate_template
from governance.errors import UsageError

TARGETS = ("cron", "systemd", "github", "kubernetes")
ON_THIS_HOST = ("cron", "systemd")
IMAGE_ROOT = Path("/workspace")
"""Where a container has the workspace, unless said otherwise."""

_LONGEST_NAME = 52
CACHE = "actions/cache@0057852bfaa89a56745cba8c7296529d2fc39830"
"""Version 4.3.0; the other actions are pinned as the gate's workflow pins them."""


@dataclass(frozen=True)
class Deployment:
    """Where the exported lines run.

    Args:
        program: The command's path. root: The workspace's. image: A container's, for Kubernetes.
        now: From when on the times in UTC are worked out.
    """

    program: str
    root: Path
    image: str | None
    now: datetime


def export(target: str, jobs: tuple[Job, ...], where: Deployment) -> Mapping[str, str]:
    """Return the files of a target, by name.

    Raises:
        UsageError: If the target is unknown, there is no schedule, or the image is not named.
    """
    if target not in TARGETS:
        raise UsageError("export", f"unknown target '{target[:40]}'", f"use {', '.join(TARGETS)}")
    if not jobs:
        remedy = "write one under 'schedules' in governance.yaml"
        raise UsageError("export", "no schedule is declared", remedy)
    if target == "cron":
        return {"governance.cron": _cron(jobs, where)}
    if target == "systemd":
        units = (_systemd(job, where) for job in jobs)
        return dict(itertools.chain.from_iterable(unit.items() for unit in units))
    if target == "github":
        return {"governance-schedules.yml": _github(jobs, where)}
    if where.image is None:
        raise UsageError("--image", "Kubernetes runs images", "name the one that has governance")
    return {"governance-cronjobs.yaml": "---\n".join(_kubernetes(job, where) for job in jobs)}


def _words(job: Job, where: Deployment, *more: str) -> list[str]:
    once = [where.program, "schedule", "run", "--once", job.name, *more]
    return [*once, "--workspace", str(where.root)]


def _cron(jobs: tuple[Job, ...], where: Deployment) -> str:
    zone = jobs[0].timezone
    lines = [
        "# Written by 'governance schedule export cron'. Install it: crontab governance.cron",
        f"# The times are those of {zone}. cronie reads CRON_TZ; a cron that does not (Debian's)",
        "# takes the host's zone: set that to the same, or use the systemd timers.",
        f"CRON_TZ={zone}",
    ]
    for job in jobs:
        command = shlex.join(_words(job, where, "--if-due")).replace("%", r"\%")
        lines.append(f"{debian_cron(job.schedule.cron)} {command}")
    return "\n".join(lines) + "\n"


def _systemd(job: Job, where: Deployment) -> dict[str, str]:
    name = f"governance-{job.name}"
    command = " ".join(_systemd_word(word) for word in _words(job, where))
    times = "\n".join(f"OnCalendar={line}" for line in calendar_lines(job))
    service = f"""\
# Written by 'governance schedule export systemd'.
[Unit]
Description=governance: {job.name}
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 1 is findings: the run did its work.
SuccessExitStatus=1
# A run that is stopped records its abort.
KillSignal=SIGTERM
TimeoutStopSec=90
UMask=0077
NoNewPrivileges=yes
"""
    timer = f"""\
# Written by 'governance schedule export systemd'.
[Unit]
Description=governance: when {job.name} runs

[Timer]
{times}
# What was due while the machine was off runs when it is on again.
Persistent=true
RandomizedDelaySec={job.schedule.jitter_minutes}min
AccuracySec=1s

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timer}


def _systemd_word(word: str) -> str:
    word = word.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _github(jobs: tuple[Job, ...], where: Deployment) -> str:
    crons = {job.name: utc_cron(job, where.now, where.now + timedelta(days=800)) for job in jobs}
    listed = "\n".join(
        f"    - cron: {json.dumps(cron)}  # {name}: {job_cron(jobs, name)} {jobs[0].timezone}"
        for name, cron in crons.items()
    )
    steps = "\n".join(
        f"""\
      - name: {json.dumps(name)}
        if: github.event_name == 'workflow_dispatch' || github.event.schedule == {_quoted(cron)}
        run: governance schedule run --once {name} --if-due"""
        for name, cron in crons.items()
    )
    gate = gate_template("github")
    return f"""\
# Written by 'governance schedule export github'.
# GitHub keeps UTC: a line has every time that may be due, and --if-due runs what is.
# The trail must outlive the runner. A cache may be evicted and can be rewritten: keep the trail in
# a database (docs/trail.md), or pin its checkpoints, where that matters.
name: governance schedules
on:
  schedule:
{listed}
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: governance-schedules
  cancel-in-progress: false
jobs:
  run:
    runs-on: ubuntu-latest
    timeout-minutes: 360
    steps:
      - uses: {_pinned(gate, "actions/checkout")}
        with:
          persist-credentials: false
      - uses: {CACHE} # v4.3.0
        with:
          path: .governance
          key: governance-${{{{ github.run_id }}}}
          restore-keys: governance-
      - uses: {_pinned(gate, "actions/setup-python")}
        with:
          python-version: "3.12"
{_install_step(gate)}
{steps}
"""


def _pinned(gate: str, action: str) -> str:
    """Return an action with the commit and the version that the gate's workflow names."""
    (line,) = re.findall(rf"uses: ({re.escape(action)}@.+)", gate)
    return str(line)


def _install_step(gate: str) -> str:
    """Return the step of the gate's workflow that installs the tool."""
    steps = re.split(r"\n(?=      - )", gate)
    (step,) = (each for each in steps if each.startswith("      - name: Install governance"))
    return step


def job_cron(jobs: tuple[Job, ...], name: str) -> str:
    """Return the cron line of a schedule as it is written."""
    return next(job.schedule.cron for job in jobs if job.name == name)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _short(name: str) -> str:
    """Return a name that leaves room for what Kubernetes puts behind it, one for each schedule."""
    if len(name) <= _LONGEST_NAME:
        return name.strip("-")
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9].strip('-')}-{mark}"


def _kubernetes(job: Job, where: Deployment) -> str:
    name = _short(re.sub(r"[^a-z0-9-]+", "-", f"governance-{job.name}"))
    grace = job.schedule.grace_minutes
    deadline = "" if grace is None else f"\n  startingDeadlineSeconds: {max(grace * 60, 10)}"
    command = json.dumps(_words(job, where))
    root = json.dumps(str(where.root))
    return f"""\
# Written by 'governance schedule export kubernetes'. The claim holds the workspace with its state.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {json.dumps(name)}
spec:
  schedule: {json.dumps(plain_cron(job.schedule.cron))}
  timeZone: {json.dumps(job.timezone)}
  concurrencyPolicy: Forbid{deadline}
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 90
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            fsGroup: 10001
          containers:
            - name: governance
              image: {json.dumps(where.image)}
              command: {command}
              securityContext:
                allowPrivilegeEscalation: false
              volumeMounts:
                - name: workspace
                  mountPath: {root}
          volumes:
            - name: workspace
              persistentVolumeClaim:
                claimName: governance-workspace
"""
