"""Describes the machine as the operating system reports it: processor, memory and disk."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SYSTEM: str = sys.platform
_M_ARENA_MAX = -8
"""glibc's name for the number of arenas, from malloc.h."""

_FEATURES = {
    "AVX2": "AVX2",
    "AVX512F": "AVX-512",
    "AVX512VNNI": "VNNI",
    "ASIMD": "NEON",
    "ASIMDDP": "dot product",
}
"""Instruction sets that make the engines faster, by numpy's names: vectors of 8 and 16 floats,
products of 8-bit numbers, and the same on ARM."""
_BUSY_LOAD_PER_CORE = 1.5
"""Programs that compute at once, for each core."""


@dataclass(frozen=True, slots=True)
class Processor:
    """The CPU."""

    name: str
    """The maker's name for it, or only the architecture."""
    cores: int
    """Number of cores that this process may use, hyper-threads included."""
    features: tuple[str, ...]
    """Instruction sets that make the engines faster; empty if they are unknown."""
    load: float = 0.0
    """Mean number of programs that computed or waited to compute in the last minute; 0 if
    unknown."""

    @property
    def is_busy(self) -> bool:
        """Whether so many programs compute that no measured speed is reliable."""
        return self.load > _BUSY_LOAD_PER_CORE * self.cores

    @property
    def busy_with(self) -> str:
        """How busy it is, for a person."""
        return f"busy with {self.load:.0f} programs at once"


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory, in bytes."""

    total: int
    available: int
    """Memory that programs can still get without swapping, within this container's limit."""


def processor() -> Processor:
    """Describe the processor."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        cores = os.cpu_count() or 1
    name = ""
    if _SYSTEM == "linux":
        name = _field(_text("/proc/cpuinfo"), "model name")
    elif _SYSTEM == "darwin":
        name = _output("sysctl", "-n", "machdep.cpu.brand_string")
    name = name or platform.processor() or platform.machine()
    name = re.sub(r"\((R|TM)\)| CPU| Processor|@.*", "", name)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return Processor(" ".join(name.split()), cores, _features(), load)


def graphics() -> tuple[str, ...]:
    """The names of NVIDIA GPUs, as the driver's program lists them; none without a driver."""
    lines = _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    return tuple(name.strip() for name in lines.splitlines() if name.strip())


def memory() -> Memory | None:
    """Measure the memory; None if the system does not report it."""
    if _SYSTEM == "linux":
        return linux_memory(
            _text("/proc/meminfo"),
            _text("/sys/fs/cgroup/memory.max"),
            _text("/sys/fs/cgroup/memory.current"),
            _text("/sys/fs/cgroup/memory.stat"),
        )
    if _SYSTEM == "darwin":
        return macos_memory(_output("sysctl", "-n", "hw.memsize"), _output("vm_stat"))
    return _windows_memory()


def free_disk(folder: Path) -> int:
    """Free bytes on the disk of `folder`, which need not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def resident_memory() -> int:
    """Bytes of main memory that this process holds now; 0 if the system does not report it."""
    pages = _text("/proc/self/statm").split()[1:2]
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def share_memory_arenas() -> None:
    """Let the threads of this process allocate from two arenas, where glibc allocates.

    It gives each thread its own otherwise, and an arena keeps what was once allocated in it: with
    many sessions, each of which has many threads, that was 200 MB a session instead of 80.
    """
    if _SYSTEM == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def linux_memory(
    meminfo: str, limit: str = "", used: str = "", used_for: str = ""
) -> Memory | None:
    """Parse /proc/meminfo, and a container's memory.max, memory.current and memory.stat."""
    try:
        total, available = (
            int(_field(meminfo, name).split()[0]) * 1024 for name in ("MemTotal", "MemAvailable")
        )
    except (ValueError, IndexError):
        return None
    if limit.strip().isdecimal() and used.strip().isdecimal() and int(limit) < total:
        total = int(limit)
        # Files that were read lately count as used, and make room where it is needed.
        cached = re.search(r"^inactive_file (\d+)$", used_for, re.MULTILINE)
        held = int(used) - (int(cached[1]) if cached else 0)
        available = min(available, max(0, total - held))
    return Memory(total, available)


def macos_memory(memsize: str, vm_stat: str) -> Memory | None:
    """Parse the output of `sysctl -n hw.memsize` and of `vm_stat`."""
    with suppress(ValueError, IndexError):
        page = int(vm_stat.partition("page size of ")[2].split()[0])
        pages = [
            int(_field(vm_stat, f"Pages {kind}").rstrip("."))
            for kind in ("free", "inactive", "speculative")
        ]
        return Memory(int(memsize), page * sum(pages))
    return None


def _windows_memory() -> Memory | None:
    if sys.platform == "win32":

        class Status(ctypes.Structure):
            _fields_ = (
                ("size", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                ("total", ctypes.c_ulonglong),
                ("available", ctypes.c_ulonglong),
                ("others", ctypes.c_ulonglong * 5),
            )

        status = Status(size=ctypes.sizeof(Status))
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return Memory(status.total, status.available)
    return None


def _features() -> tuple[str, ...]:
    """The instruction sets that numpy detected, which works the same on every system."""
    try:
        module = importlib.import_module("numpy._core._multiarray_umath")
        found: Mapping[str, bool] = module.__cpu_features__
    except (ImportError, AttributeError):
        return ()
    return tuple(name for key, name in _FEATURES.items() if found.get(key))


def _field(text: str, name: str) -> str:
    """The value of the first line `name: value`."""
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.strip() == name:
            return value.strip()
    return ""


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def machine_name() -> str:
    """Name the hardware that engines compute on: processor, cores and GPU."""
    cpu = processor()
    return ", ".join([cpu.name, f"{cpu.cores} cores", *graphics()])
