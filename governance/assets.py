"""Find the data that ships with the code: ``policies/`` and ``reports/``.

In a wheel both live under ``governance/_assets``; in a checkout they are top-level folders.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def asset_folder(name: str) -> Path:
    """Return the folder of shipped data called ``name`` (``policies`` or ``reports``).

    Raises:
        FileNotFoundError: If the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_assets" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}: not shipped with this installation. reinstall governance.")
