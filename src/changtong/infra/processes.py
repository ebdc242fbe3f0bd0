"""The programs of a running system: started together, watched, restarted, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from changtong.infra.lifeline import tied_to_parent


FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LIVED_WELL = 30.0
GRACE = 15.0

Say = Callable[[str, str], None]


class ProgramFailed(RuntimeError):  # noqa: N818 - it says what is so
    """Tell which program, without which we cannot go on, ended and how."""


@dataclass
class Program:
    """One child: how to start it, and how it has fared."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = 0.0


class Crew:
    """
    Start the programs from the current thread and keep them running.

    :param say: told the program's name and each line it writes
    """

    def __init__(self, programs: Sequence[Program], say: Say) -> None:
        self._programs = programs
        self._say = say

    def start(self) -> None:
        """Start every program."""
        for program in self._programs:
            self._start(program)

    def tend(self) -> None:
        """Start again what has ended; call it often, from the thread that started them."""
        for program in self._programs:
            if program.process is not None and program.process.poll() is not None:
                self._bury(program, program.process)
            if program.process is None and time.monotonic() >= program.start_again_at:
                self._start(program)

    def restart(self) -> None:
        """Replace every program by a fresh one, without delay."""
        self.stop()
        self.start()

    def stop(self, *, grace: float = GRACE) -> None:
        """Ask all to end, then end them; none is left, nor any child of theirs."""
        alive = [program.process for program in self._programs if program.process is not None]
        for process in alive:
            with suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + grace
        for process in alive:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            _kill_group(process)
            process.wait()
        for program in self._programs:
            program.process = None

    def finish(self, stopping: threading.Event) -> bool:
        """
        Return True when all programs have ended well, False when we are to stop.

        :raises ProgramFailed: if one has not
        """
        self.start()
        for program in self._programs:
            while program.process is not None and program.process.poll() is None:
                if stopping.wait(0.05):
                    self.stop()
                    return False
            if program.process is not None and program.process.returncode != 0:
                raise ProgramFailed(f"{program.name} {_ending(program.process.returncode)}")
        return True

    def _start(self, program: Program) -> None:
        process = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            program.command,
            env={**os.environ, **program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches us only; we stop the programs in our own order.
            process_group=0,
            preexec_fn=tied_to_parent(signal.SIGTERM),  # noqa: PLW1509 - it takes no lock
        )
        program.process, program.started_at = process, time.monotonic()
        threading.Thread(
            target=self._repeat, args=(program.name, process.stdout), daemon=True
        ).start()

    def _bury(self, program: Program, process: subprocess.Popen[str]) -> None:
        _kill_group(process)
        program.process = None
        lived_well = time.monotonic() - program.started_at > LIVED_WELL
        program.pause = FIRST_PAUSE if lived_well else _longer(program.pause)
        program.start_again_at = time.monotonic() + program.pause
        how = _ending(process.returncode)
        self._say(program.name, f"{how}; it is started again in {program.pause:g} s")

    def _repeat(self, name: str, output: IO[str]) -> None:
        for line in output:
            self._say(name, line.rstrip())


def _longer(pause: float) -> float:
    return min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def _kill_group(process: subprocess.Popen[str]) -> None:
    # A program that was killed cannot end its own children.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
