"""Let the tests of this folder import example_year (importlib mode has no such path)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
