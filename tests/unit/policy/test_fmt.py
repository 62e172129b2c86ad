"""The one layout: what it decides, what it leaves, and what it refuses to touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.cli.policy import app
from governance.errors import InvalidPolicyError, NothingToDoError
from governance.policy.formatting import format_policy

WRITTEN = """\

# About the whole file.
# yaml-language-server: $schema=../s.json


owner: team:sales   # who
# the id
id: sales.orders

kind:   Dataset
description: |+
    Lines kept,\x20\x20
      deeper
    # no comment

title: "a text that
   goes on"

apiVersion: governance/v1


purposes:
-   billing
# between
-   analytics.product
locations:
        here:   {path: "data/*.csv",
          # inside
          region: DE}
        # at the end of locations
fields:
    a:
         category: user.contact.email\x20\x20
         description: >-
               folded
                 more

         # above tags
         tags:
         - x
---
  # an indented document
  kind: Team
  apiVersion: governance/v1
  id: sales
  lead: user:a@example.org
# the end


"""

FORMATTED = """\
# About the whole file.
# yaml-language-server: $schema=../s.json

apiVersion: governance/v1
kind:   Dataset
# the id
id: sales.orders
title: "a text that
   goes on"
owner: team:sales   # who
description: |+
    Lines kept,\x20\x20
      deeper
    # no comment

purposes:
  - billing
  # between
  - analytics.product
locations:
  here:   {path: "data/*.csv",
    # inside
    region: DE}
  # at the end of locations
fields:
  a:
    category: user.contact.email
    description: >-
          folded
            more

    # above tags
    tags:
      - x
---
# an indented document
apiVersion: governance/v1
kind: Team
id: sales
lead: user:a@example.org
# the end
"""


@pytest.mark.parametrize(
    "text", [WRITTEN, FORMATTED, WRITTEN.replace("\n", "\r\n"), f"\ufeff{WRITTEN}"]
)
def test_everything_that_may_stand_anywhere_gets_its_place(text: str) -> None:
    assert format_policy("x.yaml", text.encode()) == FORMATTED


def test_a_text_block_that_ends_the_file_gets_no_line_break() -> None:
    text = "kind: Team\napiVersion: governance/v1\nid: x\nlead: user:a\ntitle: |\n  open end"
    assert format_policy("x.yaml", text.encode()) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: Team\nid: x\n\tlead: y\n", "x.yaml:3:1: a tab"),
        ("kind: Team\nid: x\nid: y\n", "x.yaml:3:1: duplicate key 'id'"),
        ("apiVersion: governance/v1\nkind: Teem\n", "x.yaml:2:7: unknown kind 'Teem'"),
        ("a: &x [1]\nb: *x\n", "x.yaml:1:4: the anchor"),
    ],
)
def test_a_file_that_does_not_load_is_not_touched(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidPolicyError) as caught:
        format_policy("x.yaml", text.encode())
    assert told in "\n".join(map(str, caught.value.errors))
    (tmp_path / "x.yaml").write_text(text)
    (tmp_path / "good.yaml").write_text(WRITTEN)
    result = CliRunner().invoke(app, ["fmt", str(tmp_path)])
    assert isinstance(result.exception, InvalidPolicyError)
    assert (tmp_path / "good.yaml").read_text() == WRITTEN


def test_check_writes_nothing_and_fails_until_the_files_are_formatted(tmp_path: Path) -> None:
    file, link = tmp_path / "kept" / "orders.yaml", tmp_path / "link.yaml"
    file.parent.mkdir()
    file.write_text(WRITTEN)
    file.chmod(0o640)
    link.symlink_to(file)
    checked = CliRunner().invoke(app, ["fmt", "--check", str(link)])
    assert (checked.exit_code, file.read_text()) == (1, WRITTEN)
    assert "would format" in checked.stdout
    assert CliRunner().invoke(app, ["fmt", str(link)]).exit_code == 0
    assert (file.read_text(), link.is_symlink()) == (FORMATTED, True)
    assert file.stat().st_mode & 0o777 == 0o640
    again = CliRunner().invoke(app, ["fmt", "--check", str(tmp_path)])
    assert again.exit_code == 0, again.stdout


def test_nothing_to_format_is_no_success(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["fmt", str(tmp_path)])
    assert isinstance(result.exception, NothingToDoError)
