"""A run in a process of its own, which ends with the scheduler that began it.

``python -m governance.cli.underling PARENT scan …`` is ``governance scan …``. When the parent dies,
however suddenly, the kernel interrupts this process, so that the run records its abort.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
ORPHANED = 130


def main() -> None:
    """Bind this process to its parent and run the command."""
    parent = int(sys.argv[1])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit(ORPHANED)  # it died before we could ask to be told
    sys.argv = ["governance", *sys.argv[2:]]
    from governance.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
