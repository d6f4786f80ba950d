"""Pictures are decoded and encoded again: the visible content stays, metadata goes."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image

from chat.media import process, worker
from chat.media.kinds import kind_of
from chat.media.pictures import Prepared, prepare, preview
from chat.media.process import Workers
from chat.media.refused import Refused

CASES = Path(__file__).parent / "images"
EXPECTED = json.loads((CASES / "expected.json").read_text())
ANIMATED = [name for name, facts in EXPECTED.items() if "durations_ms" in facts]


def written(name: str, folder: Path) -> Prepared:
    return prepare(CASES / name, folder, kind_of(CASES / name))


def shown(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image.convert("RGBA")


def near(found: tuple[int, ...], wanted: tuple[int, ...] | list[int], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=False))


@pytest.mark.parametrize("name", [name for name, facts in EXPECTED.items() if "shown_corner_is_stored_corner" in facts])
def test_a_picture_is_turned_as_its_camera_says(tmp_path: Path, name: str) -> None:
    prepared = written(name, tmp_path)
    assert [prepared.width, prepared.height] == EXPECTED[name]["shown_size"]
    with Image.open(CASES / name) as source:
        # The AVIF decoder already rotates the picture on opening.
        stored = source.convert("RGBA") if source.size == (120, 80) else source.convert("RGBA").rotate(90, expand=True)
    places = {"tl": (3, 3), "tr": (-4, 3), "bl": (3, -4), "br": (-4, -4)}
    for part in ("main", "thumb480"):
        image = shown(tmp_path / part)
        assert image.size == (80, 120)
        for here, there in EXPECTED[name]["shown_corner_is_stored_corner"].items():
            assert near(at(image, places[here]), at(stored, places[there]), 16), (part, here)


def at(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    pixel = image.getpixel((place[0] % image.width, place[1] % image.height))
    assert isinstance(pixel, tuple)
    return pixel


@pytest.mark.parametrize("name", [name for name in EXPECTED if "orientation6" in name])
def test_nothing_is_left_of_place_camera_and_comment(tmp_path: Path, name: str) -> None:
    written(name, tmp_path)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert not [word for word in (b"GPS", b"exif\x00", b"Exif\x00\x00MM", b"Exif\x00\x00II") if word in content]
        with Image.open(path) as image:
            assert not dict(image.getexif())
            assert not {"comment", "xmp", "XML:com.adobe.xmp"} & image.info.keys()


def test_the_colours_of_a_profile_are_kept(tmp_path: Path) -> None:
    written("orientation6_gps_icc_comment.jpg", tmp_path)
    with Image.open(tmp_path / "main") as image:
        assert image.info["icc_profile"]


@pytest.mark.parametrize("name", ANIMATED)
def test_an_animation_keeps_its_times(tmp_path: Path, name: str) -> None:
    prepared = written(name, tmp_path)
    assert [prepared.width, prepared.height] == EXPECTED[name]["size"]
    for part in ("main", "thumb480"):
        times = []
        with Image.open(tmp_path / part) as image:
            for n in range(image.n_frames):  # type: ignore[attr-defined]
                image.seek(n)
                image.load()
                times.append(round(image.info["duration"]))
        assert times == EXPECTED[name]["durations_ms"]


def test_the_hidden_first_picture_of_an_animation_is_left_out(tmp_path: Path) -> None:
    written("apng_hidden_first.png", tmp_path)
    with Image.open(tmp_path / "main") as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]
        assert near(at(image.convert("RGBA"), (3, 3)), (220, 30, 30))


@pytest.mark.parametrize("name", [name for name, facts in EXPECTED.items() if "shown_pixel" in facts])
def test_sixteen_bits_and_printers_colours_look_as_before(tmp_path: Path, name: str) -> None:
    written(name, tmp_path)
    for part in ("main", "thumb480"):
        assert near(at(shown(tmp_path / part), (5, 5)), EXPECTED[name]["shown_pixel"], 5)


def test_a_phones_second_picture_is_no_animation(tmp_path: Path) -> None:
    assert written("phone_two_pictures.mpo.jpg", tmp_path).type == "image/jpeg"
    with Image.open(tmp_path / "main") as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize("name", ["palette_with_transparency.png", "orientation6_alpha.png"])
def test_what_is_transparent_stays_so(tmp_path: Path, name: str) -> None:
    written(name, tmp_path)
    for part in ("main", "thumb480"):
        image = shown(tmp_path / part)
        place = (image.width // 2, image.height // 2) if "alpha" in name else (3, 3)
        assert at(image, place)[3] == 0


def test_thumbnails_are_not_larger_than_the_picture_nor_than_asked(tmp_path: Path) -> None:
    Image.new("RGB", (2000, 1000), "red").save(tmp_path / "large.png")
    prepared = prepare(tmp_path / "large.png", tmp_path, "image/png")
    assert {side: shown(tmp_path / name).size for side, name in prepared.thumbs.items()} == {
        "480": (480, 240),
        "1600": (1600, 800),
    }


@pytest.fixture
def workers() -> Generator[Workers]:
    workers = Workers()
    yield workers
    workers.stop()


@pytest.mark.parametrize("name", ANIMATED)
def test_a_preview_is_one_small_picture_of_the_first_frame(tmp_path: Path, name: str, workers: Workers) -> None:
    prepared = workers.prepare(CASES / name, tmp_path, only="preview")
    assert prepared.thumbs == {"480": "thumb480"}
    assert [path.name for path in tmp_path.iterdir()] == ["thumb480"]
    with Image.open(tmp_path / "thumb480") as image:
        assert (image.format, getattr(image, "n_frames", 1), image.size) == (
            "WEBP",
            1,
            (prepared.width, prepared.height),
        )


def test_a_preview_of_a_thousand_frames_takes_the_time_of_one(tmp_path: Path) -> None:
    frames = [Image.new("L", (310, 310), number % 250) for number in range(1000)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=20)
    with Image.open(tmp_path / "a.gif") as image:
        assert getattr(image, "n_frames", 1) > 900
    began = time.process_time()
    preview(tmp_path / "a.gif", tmp_path, "image/gif")
    assert time.process_time() - began < 0.5


def test_only_pictures_have_a_preview(tmp_path: Path, workers: Workers) -> None:
    (tmp_path / "page").write_bytes(b"<title>Roses</title>")
    with pytest.raises(Refused):
        workers.prepare(tmp_path / "page", tmp_path, only="preview")


def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, workers: Workers) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match="9000 x 9000 pixels"):
        workers.prepare(tmp_path / "huge.png", tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


@pytest.mark.parametrize("content", [(CASES / "half_of_a_jpeg.jpg").read_bytes(), b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_a_damaged_picture_is_refused_and_the_next_one_is_opened(
    tmp_path: Path, workers: Workers, content: bytes
) -> None:
    (tmp_path / "half").write_bytes(content)
    with pytest.raises(Refused, match="damaged"):
        workers.prepare(tmp_path / "half", tmp_path)
    assert workers.prepare(CASES / "cmyk.jpg", tmp_path).width == 40


def test_a_process_that_was_killed_costs_no_upload(
    tmp_path: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, started = process._start, []

    def dying() -> subprocess.Popen[str]:
        started.append(1)
        if len(started) > 1:
            return start()
        return subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    monkeypatch.setattr(process, "_start", dying)
    assert workers.prepare(CASES / "cmyk.jpg", tmp_path).width == 40


def test_a_stop_of_all_processes_of_a_service_does_not_end_one_that_opens_a_file(
    tmp_path: Path, workers: Workers
) -> None:
    workers.prepare(CASES / "cmyk.jpg", tmp_path)
    [before] = workers._idle
    before.terminate()
    workers.prepare(CASES / "cmyk.jpg", tmp_path)
    assert workers._idle == [before]


def test_what_a_job_may_write_grows_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[int, int] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, values: limits.update({what: values[0]}))
    path = tmp_path / "film"
    for size, most in ((1, worker.WRITTEN_BYTES), (2**30, 2**31)):
        with path.open("wb") as film:
            film.truncate(size)
        worker._limit(path)
        assert limits[resource.RLIMIT_FSIZE] == most


def test_the_process_sees_no_setting_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "do-not-pass-this-on")
    workers = Workers()
    try:
        workers.prepare(CASES / "cmyk.jpg", tmp_path)
        [idle] = workers._idle
        assert b"do-not-pass" not in Path(f"/proc/{idle.pid}/environ").read_bytes()
    finally:
        workers.stop()
