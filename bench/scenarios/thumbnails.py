"""Pictures: the time in which one is decoded, written anew and made small, for each megapixel, in this process."""

import contextlib
import tempfile
import time
from collections.abc import Generator
from functools import partial
from pathlib import Path

from PIL import Image

from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from chat.media.pictures import prepare

# Megapixels, rounds.
PLANS = {Effort.FULL: (12, 5), Effort.QUICK: (12, 2), Effort.SMALLEST: (1, 1)}
KINDS = {"jpeg": ("image/jpeg", "JPEG"), "png": ("image/png", "PNG"), "webp": ("image/webp", "WEBP")}


def measure(path: Path, kind: str, megapixels: float) -> Sample:
    """One picture."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        prepare(path, Path(folder), kind)
        return {"seconds": (time.process_time() - began) / megapixels}


@contextlib.contextmanager
def _opened(name: str, megapixels: int) -> Generator[Measure]:
    kind, form = KINDS[name]
    width, height = 4000, megapixels * 250
    # Between a drawing and noise, like a photograph.
    soft = Image.effect_noise((width // 8, height // 8), 60).resize((width, height), Image.Resampling.BICUBIC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        Image.merge("RGB", (soft, soft.transpose(Image.Transpose.FLIP_LEFT_RIGHT), soft)).save(path, form)
        yield partial(measure, path, kind, width * height / 1_000_000)


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    megapixels, rounds = PLANS[effort]
    cases = [Case(name, form, partial(_opened, name, megapixels)) for name, (_, form) in KINDS.items()]
    return Plan(cases, rounds, f"a soft colour picture of {megapixels} megapixels: the copy and both thumbnails")


THUMBNAILS = Scenario("thumbnails", "Pictures", (Figure("seconds", "CPU s a megapixel", ".3f"),), plan)
