"""Checks whether the processor, memory, disk and GPU are sufficient."""

from __future__ import annotations

from pathlib import Path

from stslocal.doctor.findings import Finding, State, format_bytes
from stslocal.machine import Memory, Processor, free_disk

NEEDED_MEMORY_BYTES = 1_500_000_000
"""Memory that the translation of a file takes."""
NEEDED_DISK_BYTES = 500_000_000
"""Disk space that results and temporary files may take."""


def check_processor(processor: Processor) -> Finding:
    """Check the cores, the load, and the instructions that make 8-bit models fast."""
    cores = "1 core" if processor.cores == 1 else f"{processor.cores} cores"
    text = f"{', '.join([cores, *processor.features])} ({processor.name})"
    figures = {
        "name": processor.name,
        "cores": processor.cores,
        "features": list(processor.features),
        "load": processor.load,
    }
    if processor.features and not {"AVX2", "NEON"} & set(processor.features):
        advice = "without AVX2 all is slow: live needs a newer machine"
    elif processor.cores < 2:
        advice = "live needs a second core, to recognize while the first one speaks"
    elif processor.is_busy:
        advice = f"{processor.busy_with}: close some, speed suffers now"
    else:
        return Finding("processor", "ok", text, figures)
    return Finding("processor", "note", f"{text}; {advice}", figures)


def check_memory(memory: Memory | None) -> Finding:
    """Check whether a file can be translated without swapping."""
    if memory is None:
        return Finding("memory", "ok", "the system does not report how much is free")
    text = f"{format_bytes(memory.available)} free of {format_bytes(memory.total)}"
    figures = {"available": memory.available, "total": memory.total}
    if memory.available >= NEEDED_MEMORY_BYTES:
        return Finding("memory", "ok", text, figures)
    advice = f"a translation takes up to {format_bytes(NEEDED_MEMORY_BYTES)}: close other programs"
    return Finding("memory", "note", f"{text}; {advice}", figures)


def check_disk(folder: Path, *, to_fetch: int) -> Finding:
    """Check whether models of `to_fetch` bytes still fit into the folder."""
    try:
        free = free_disk(folder)
    except OSError as error:
        advice = "set STSLOCAL_MODELS to a folder that can be read"
        return Finding("disk", "broken", f"{folder}: {error.strerror}; {advice}")
    text = f"{format_bytes(free)} free for {folder}"
    # For a moment both the archives and the files made from them are on the disk.
    needed = NEEDED_DISK_BYTES + 2 * to_fetch
    figures = {"free": free, "needed": needed, "folder": str(folder)}
    if free >= needed:
        return Finding("disk", "ok", text, figures)
    advice = f"{format_bytes(needed)} are needed: free some, or set STSLOCAL_MODELS to another disk"
    return Finding("disk", "note", f"{text}; {advice}", figures)


def check_cuda(devices: int, cublas_problem: str, *, device: str) -> Finding:
    """Check whether the GPU that the settings ask for can be used."""
    gpus = "1 GPU" if devices == 1 else f"{devices} GPUs"
    figures = {"devices": devices}
    if devices and not cublas_problem:
        return Finding("CUDA", "ok", gpus, figures)
    if devices:
        state: State = "note" if device == "cpu" else "broken"
        return Finding("CUDA", state, f"{gpus}, but {cublas_problem}", figures)
    if device == "cuda":
        text = "no GPU, though the settings ask for one: install its driver, or take `device` out"
        return Finding("CUDA", "broken", text, figures)
    return Finding("CUDA", "ok", "no GPU: the processor does all the work", figures)
