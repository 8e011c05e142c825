"""Measure how well the speakers of a dialogue are found, and how like them their voices are.

    python scripts/bench/speakers.py [--data FOLDER] [--dialogues 2] [--seconds 60] [--voices]

Dialogues of two to four persons are made from clips of one person each (../shared/data), cut in
pauses, at levels up to 4 dB apart, with pauses of 0.05 to 0.8 s between the turns. In those with
`short` turns, two in five last 0.7 to 1.8 s; the others 2.5 to 6 s. `one corpus` takes all persons
of a dialogue from one collection, so that they do not differ in their microphones.

The diarization error rate (DER) is the share of the speech with a wrong person, missed, or found
where there is none, 0.25 s around the borders left out; the speech of the clips is as the detector
finds it, so most of the error is confusion of persons. `--voices` says how like a speaker the voice
is that speaks for them, and how like the other speakers (cosine of the speaker encoder, means).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path

import numpy as np
from corpus import Corpus, add_data_option

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from stslocal.audio.decode import read_audio  # noqa: E402
from stslocal.audio.resample import resample  # noqa: E402
from stslocal.engines import registry  # noqa: E402
from stslocal.engines.protocols import SpeakerEncoder, VoiceActivityDetector  # noqa: E402
from stslocal.files.utterances import speech_spans  # noqa: E402
from stslocal.models.store import ModelStore  # noqa: E402
from stslocal.types import (  # noqa: E402
    RECOGNITION_RATE,
    WINDOW,
    Embedding,
    Samples,
    Turn,
    VoiceProfile,
)
from stslocal.voices.diarization import EncoderDiarizer  # noqa: E402

COLLECTIONS = ("vctk_yourtts", "mls_pt_yourtts", "librispeech_test_other")
PAUSES_S = (0.05, 0.2, 0.3, 0.5, 0.8)
COLLAR_S = 0.25
STEP_S = 0.01
MOST_CLIPS = 8


@dataclass(frozen=True)
class Speech:
    """A clip of one person, and where its speech is."""

    samples: Samples
    spans: tuple[tuple[float, float], ...]


def speech_of(clip: Path, vad: VoiceActivityDetector) -> Speech:
    """Read a clip."""
    samples = read_audio(clip)
    windows = samples[: len(samples) // WINDOW * WINDOW]
    probabilities, _ = vad.probabilities(windows, vad.initial_state())
    return Speech(samples, speech_spans(probabilities.tolist(), 0, 0.5))


def piece(clip: Speech, least_s: float, most_s: float, rng: random.Random) -> Speech:
    """A part of a clip, cut in pauses."""
    first = rng.randrange(len(clip.spans))
    wanted_s = rng.uniform(least_s, most_s)
    start_s = end_s = max(0.0, clip.spans[first][0] - 0.05)
    for _, ends_s in clip.spans[first:]:
        if (ends_s - start_s > most_s and end_s > start_s) or end_s - start_s >= wanted_s:
            break
        end_s = ends_s
    end_s = min(end_s + 0.05, start_s + most_s)
    spans = tuple(
        (max(begins, start_s) - start_s, min(ends, end_s) - start_s)
        for begins, ends in clip.spans
        if begins < end_s and ends > start_s
    )
    samples = clip.samples[round(start_s * RECOGNITION_RATE) : round(end_s * RECOGNITION_RATE)]
    return Speech(samples, spans)


def dialogue(
    people: dict[str, list[Speech]], seconds: float, rng: random.Random, *, short: bool
) -> tuple[Samples, list[Turn]]:
    """A dialogue, and who speaks when."""
    sound = [np.zeros(RECOGNITION_RATE // 2, np.float32)]
    turns: list[Turn] = []
    position, last = len(sound[0]), ""
    while position < seconds * RECOGNITION_RATE:
        name = rng.choice([one for one in people if one != last])
        last = name
        is_short = short and rng.random() < 0.4
        lengths = (0.7, 1.8) if is_short else (2.5, 6.0)
        for _ in range(20):
            part = piece(rng.choice(people[name]), *lengths, rng)
            if sum(end - start for start, end in part.spans) > (0.5 if is_short else 1.5):
                break
        level = 0.05 * 10 ** (rng.uniform(-4.0, 4.0) / 20)
        samples = part.samples * np.float32(level / np.sqrt(np.mean(part.samples**2)))
        at_s = position / RECOGNITION_RATE
        turns += [Turn(at_s + start, at_s + end, name) for start, end in part.spans]
        pause = np.zeros(round(rng.choice(PAUSES_S) * RECOGNITION_RATE), np.float32)
        sound += [samples, pause]
        position += len(samples) + len(pause)
    noise = np.random.default_rng(1).normal(0.0, 3e-4, position)
    return (np.concatenate(sound) + noise).astype(np.float32), turns


def error_rate(truth: list[Turn], found: tuple[Turn, ...], seconds: float) -> float:
    """The diarization error rate, for the best assignment of the persons found."""
    real, given = ([*dict.fromkeys(one.speaker for one in turns)] for turns in (truth, found))
    reference, result = (np.full(round(seconds / STEP_S) + 1, -1) for _ in range(2))
    counted = np.ones(len(reference), bool)
    for turns, names, line in ((truth, real, reference), (found, given, result)):
        for turn in turns:
            line[round(turn.start_s / STEP_S) : round(turn.end_s / STEP_S)] = names.index(
                turn.speaker
            )
    for turn in truth:
        for border_s in (turn.start_s, turn.end_s):
            first = max(0, round((border_s - COLLAR_S) / STEP_S))
            counted[first : round((border_s + COLLAR_S) / STEP_S)] = False
    reference, result = reference[counted], result[counted]
    size = max(len(real), len(given))
    both = np.zeros((size, size))
    for one, other in product(range(len(real)), range(len(given))):
        both[one, other] = np.sum((reference == one) & (result == other))
    right = max(sum(both[one, p[one]] for one in range(size)) for p in permutations(range(size)))
    wrong = np.sum((reference >= 0) | (result >= 0)) - right
    return float(wrong / np.sum(reference >= 0))


def cases(people: dict[str, list[Speech]], home: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """The kinds of dialogues: a name, and the persons to choose from."""
    yield "any", list(people)
    for collection in COLLECTIONS:
        names = [name for name in people if home[name] == collection]
        if len(names) > 1:
            yield "one corpus", names


class RememberingEncoder:
    """Embeds the same sound once: each dialogue is diarized twice."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self._encoder = encoder
        self._known: dict[bytes, Embedding] = {}

    def embed(self, audio: Samples) -> Embedding:
        key = audio.tobytes()
        if key not in self._known:
            self._known[key] = self._encoder.embed(audio)
        return self._known[key]


def measure_voices(people: dict[str, list[Speech]], store: ModelStore) -> None:
    """Print how like its speaker each voice is, and how like the others."""
    encoder = registry.create(registry.SPEAKER_ENCODER, "auto", store)
    synthesizer = registry.create(registry.SYNTHESIZER, "kokoro", store, threads=1)
    matcher = registry.voice_matcher("kokoro", encoder, synthesizer)
    text = "Bom dia a todos. Hoje vamos falar do tempo e do mar, e depois da cidade."
    said: dict[str, np.ndarray] = {}
    own: dict[str, np.ndarray] = {}
    voices: list[VoiceProfile] = []
    for name, clips in people.items():
        reference = np.concatenate([clip.samples for clip in clips])[: 24 * RECOGNITION_RATE]
        own[name] = encoder.embed(reference)
        made = matcher.clone(reference, RECOGNITION_RATE, name="match", language="pt")
        voices.append(matcher.apart(made, voices))
        chunks = list(synthesizer.synthesize(text, language="pt", voice=voices[-1]))
        sound = resample(np.concatenate(chunks), synthesizer.sample_rate, RECOGNITION_RATE)
        said[name] = encoder.embed(sound)
        print(f"  {name}: {voices[-1].provenance.get('styles')}", flush=True)
    its = [float(said[name] @ own[name]) for name in people]
    others = [float(said[a] @ own[b]) for a in people for b in people if a != b]
    nearest = sum(max(people, key=lambda b: float(said[a] @ own[b])) == a for a in people)
    print(
        f"voices: {np.mean(its):.3f} like their speaker, {np.mean(others):.3f} like another one; "
        f"{nearest} of {len(its)} are most like their own; "
        f"{len({voice.provenance.get('styles') for voice in voices})} different voices"
    )


def main() -> None:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=2, help="of each kind and number")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--voices", action="store_true", help="measure voices, and no dialogues")
    add_data_option(parser)
    arguments = parser.parse_args()
    corpus: Corpus = arguments.data
    store = ModelStore.discover()
    vad = registry.create(registry.VAD, "auto", store)
    people, home = clips_by_person(corpus, vad)
    print(f"{corpus.title}: {len(people)} persons")
    if arguments.voices:
        names = [name for name in people if home[name] in COLLECTIONS]
        measure_voices({name: people[name] for name in names}, store)
        return
    encoder = registry.create(registry.SPEAKER_ENCODER, "auto", store)
    diarizer = EncoderDiarizer(vad, RememberingEncoder(encoder))
    print("dialogues | persons | turns | DER, % | found | DER, % (number given) | work, s a s")
    for kind, names in cases(people, home):
        for count, short in product((2, 3, 4), (False, True)):
            if count > len(names):
                continue
            rates, given, founds, work_s, length_s = [], [], [], 0.0, 0.0
            for seed in range(arguments.dialogues):
                rng = random.Random(f"{names} {count} {short} {seed}")
                chosen = {name: people[name] for name in rng.sample(names, count)}
                sound, truth = dialogue(chosen, arguments.seconds, rng, short=short)
                seconds = len(sound) / RECOGNITION_RATE
                blocks = [sound[at : at + 16_000] for at in range(0, len(sound), 16_000)]
                began = time.process_time()
                turns = diarizer.diarize(blocks)
                work_s, length_s = work_s + time.process_time() - began, length_s + seconds
                rates.append(100 * error_rate(truth, turns, seconds))
                founds.append(len({turn.speaker for turn in turns}))
                known = diarizer.diarize(blocks, speakers=count)
                given.append(100 * error_rate(truth, known, seconds))
            print(
                f"{kind} | {count} | {'short' if short else 'long'} | {np.mean(rates):.1f} | "
                f"{', '.join(map(str, founds))} | {np.mean(given):.1f} | {work_s / length_s:.3f}",
                flush=True,
            )


def clips_by_person(
    corpus: Corpus, vad: VoiceActivityDetector
) -> tuple[dict[str, list[Speech]], dict[str, str]]:
    """The speech of each person with two clips or more, and their collection."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for clip in corpus.clips:
        found[clip.speaker].append(clip.path)
    people, home = {}, {}
    for name, paths in found.items():
        if len(paths) > 1 and "several" not in name and "none" not in name:
            speech = [speech_of(path, vad) for path in paths[:MOST_CLIPS]]
            people[name] = [one for one in speech if one.spans]
            home[name] = paths[0].parent.name
    return people, home


if __name__ == "__main__":
    main()
