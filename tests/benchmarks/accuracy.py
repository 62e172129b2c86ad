"""What is found in labelled texts and columns, against the labels and against Presidio.

Prints counts and shares, never a text. Run by ``make accuracy``; the data lies beside the project.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from governance.detectors.presidio import silence_presidio  # noqa: E402
from governance.policy.workspace import load_builtin  # noqa: E402
from tests.benchmarks import accuracy_cases, accuracy_columns, accuracy_texts  # noqa: E402
from tests.benchmarks.accuracy_figures import show  # noqa: E402

DATA = ROOT.parent / "shared" / "data"


def main() -> None:
    """Measure each thing; print the table of figures, then what explains them."""
    if not DATA.is_dir():
        sys.exit(f"{DATA.name}: the labelled data is not there. Put it beside the project.")
    silence_presidio()
    texts, patterns = DATA / "text", load_builtin().detectors
    show(
        [
            accuracy_columns.measure(DATA, patterns),
            accuracy_texts.structured(texts, patterns),
            accuracy_texts.generated(texts, patterns),
            accuracy_cases.measure(texts),
        ]
    )


if __name__ == "__main__":
    main()
