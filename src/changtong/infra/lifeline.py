"""Children that do not outlive their parent, even when it is killed without warning."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable


_PR_SET_PDEATHSIG = 1
# Loaded here, because a forked child must not take the loader's locks.
_libc = ctypes.CDLL(None, use_errno=True)


def tied_to_parent(farewell: signal.Signals) -> Callable[[], None]:
    """
    Return what a child does before it becomes its program: ask for a signal at our death.

    The kernel sends it when the *thread* that started the child ends, so children are started
    from threads that live as long as they do.
    """
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:
            os._exit(1)

    return ask
