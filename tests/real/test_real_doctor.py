"""`stslocal doctor` with the starter pack: as a program, and with sockets forbidden."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import without_sockets

pytestmark = pytest.mark.real

CHECKOUT = Path(__file__).parents[2]


def doctor(starter_models: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command, "doctor", "--json"],
        cwd=CHECKOUT,
        env={**os.environ, "STSLOCAL_MODELS": str(starter_models)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_sentence_passes_through_every_stage(starter_models: Path) -> None:
    done = doctor(starter_models, "-m", "stslocal")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["models"]["state"] == "ok"
    assert "whisper-base" in found["models"]["figures"]["models"]
    assert found["network"]["figures"] == {"sockets": 0, "events": []}
    assert found["recognition"]["figures"]["real_time_factor"] > 0
    synthesis = found["synthesis"]["figures"]
    assert 0 < synthesis["first_audio_s"] <= synthesis["synthesis_s"]
    live = found["live"]["figures"]
    assert live["latency_s"] == pytest.approx(sum(live["steps_s"].values()))


@pytest.mark.skipif(not without_sockets.supported(), reason="needs seccomp")
def test_with_sockets_forbidden_by_the_kernel_the_doctor_succeeds(
    starter_models: Path, tmp_path: Path
) -> None:
    """The kernel also stops native libraries. PortAudio reaches a sound server through a socket,
    so it is made missing.
    """
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    done = doctor(
        starter_models,
        "-c",
        f"{program}; sys.argv[0] = 'stslocal'; "
        "from tests.without_sockets import forbid_sockets; forbid_sockets(); "
        "from stslocal.cli import main; sys.exit(main())",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["PortAudio"]["state"] == "note"
    assert found["network"]["state"] == "ok"
