"""What a recorded call of pretend people sounds like: two hums that take turns."""

import math
import wave
from functools import cache
from pathlib import Path
from typing import Final

RATE_HZ: Final = 8000
#: How long one side hums before the other one answers, and how high each does.
TURN_S: Final = 1.5
VOICES_HZ: Final = (180.0, 240.0)
#: Files that are kept; the oldest go first.
KEPT: Final = 100


def write(folder: Path, name: str, seconds: float) -> None:
    """Write `seconds` of a conversation; a folder that cannot be written to stays silent."""
    turns = conversation()
    needed = int(seconds * RATE_HZ)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with wave.open(str(folder / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(RATE_HZ)
            whole, rest = divmod(needed, len(turns))
            file.writeframes(turns * whole + turns[:rest])
        for old in sorted(folder.glob("*.wav"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return


@cache
def conversation() -> bytes:
    """Return one turn of each voice, one byte a sample."""
    return b"".join(_hum(pitch_hz) for pitch_hz in VOICES_HZ)


def _hum(pitch_hz: float) -> bytes:
    count = int(TURN_S * RATE_HZ)
    samples = bytearray()
    for at in range(count):
        # Syllables: it swells four times a second, and fades at both ends.
        loud = math.sin(math.pi * at / count) * (0.6 + 0.4 * math.sin(8 * math.pi * at / RATE_HZ))
        tone = math.sin(2 * math.pi * pitch_hz * at / RATE_HZ)
        tone += 0.5 * math.sin(4 * math.pi * pitch_hz * at / RATE_HZ)
        samples.append(int(128 + 40 * loud * tone))
    return bytes(samples)
