"""What the detector tests share: the baseline's patterns, and a table examined in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from governance.detectors.conclude import conclude
from governance.detectors.examine import EMPTY, Examiner
from governance.model.documents import Detectors
from governance.model.facts import FieldFacts
from governance.model.rules import PatternDetector

KEY = b"a workspace's secret of 32 bytes"
Facts = Mapping[str, FieldFacts]
Examine = Callable[..., Facts]


@pytest.fixture(scope="session")
def baseline(root: Path) -> Mapping[str, PatternDetector]:
    files = [
        document
        for path in sorted((root / "policies/baseline").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    written = [Detectors.model_validate(each) for each in files if each["kind"] == "Detectors"]
    return {name: rule for each in written for name, rule in each.detectors.items()}


@pytest.fixture(scope="session")
def packed(root: Path) -> Mapping[str, PatternDetector]:
    """Return the detectors of the packs beside the baseline."""
    paths = sorted((root / "policies").glob("*/detectors.yaml"))
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths]
    return {
        name: rule
        for path, each in zip(paths, files, strict=True)
        if path.parent.name != "baseline"
        for name, rule in Detectors.model_validate(each).detectors.items()
    }


@pytest.fixture(scope="session")
def examined(baseline: Mapping[str, PatternDetector]) -> Examine:
    """Return a function from a table (or columns by name) to its facts by field."""

    def run(
        table: pa.Table | Mapping[str, Sequence[object]],
        countries: Iterable[str] = (),
        dated: Iterable[str] = (),
    ) -> Facts:
        if not isinstance(table, pa.Table):
            table = pa.table({name: pa.array(list(values)) for name, values in table.items()})
        examiner = Examiner(
            countries=tuple(countries), patterns=baseline, key=KEY, dated=frozenset(dated)
        )
        evidence, row = EMPTY, 1
        for batch in table.to_batches():
            evidence = evidence.merge(examiner.examine(batch, row))
            row += batch.num_rows
        read = evidence.merge(examiner.finish())
        return {field.name: field for field in conclude(read)}

    return run
