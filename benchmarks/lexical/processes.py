"""What the kernel says of processes."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time of the processes so far, user and system, to a hundredth of a second."""
    total = 0
    for pid in pids:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        total += int(after_name[11]) + int(after_name[12])  # utime, stime
    return total / _TICKS


def peak_memory(pids: Iterable[int]) -> int:
    """Bytes: the sum of the most that each process has had in memory at once."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1]) * _KIB
    return total
