"""Pictures: decoded and encoded again, with thumbnails.

The new file holds pixels, a colour profile and the frame times of an animation, and nothing else of the original: no
location, no camera, no comment, no bytes after the end.
"""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageOps, ImageSequence, JpegImagePlugin

from chat.media.heif import emptied
from chat.media.kinds import PICTURES
from chat.media.refused import Refused

pillow_heif.register_heif_opener(thumbnails=False)
# `_check_size` checks the size before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

# Pixels of one picture: 160 MB when decoded as RGBA.
PIXELS_MAX = 40_000_000
# Pixels of all frames of an animation together, and the number of frames: about 10 s of a core.
ANIMATED_PIXELS_MAX = 100_000_000
FRAMES_MAX = 1_000
# The longer side of each thumbnail in pixels, as clients request it.
THUMBS = (480, 1600)
# The side in pixels of the square pictures of people and rooms.
SQUARES = (512, 128)
# The longer side of an emoji.
EMOJI = 128
# A thumbnail so small that it fits into the message's event.
PLACEHOLDER = 16
PLACEHOLDER_CHARS_MAX = 400
QUALITY = 90
THUMB_QUALITY = 80
# Milliseconds that browsers use for a frame with the duration 0.
DEFAULT_FRAME_MS = 100
_SRGB = ImageCms.createProfile("sRGB")
_SIXTEEN_BITS = {"I;16", "I;16B", "I;16L", "I;16N", "I"}


@dataclass
class Prepared:
    """A harmless copy of a file. Paths are relative to the given folder; `thumbs` is in the order of `THUMBS`."""

    type: str
    main: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    placeholder: str = ""
    thumbs: dict[str, str] = field(default_factory=dict)


def prepare(path: Path, folder: Path, kind: str) -> Prepared:
    """Write the picture and its thumbnails into `folder`.

    Raises:
        Refused: it is too large.
        Exception: any error that Pillow raises for a picture it cannot read; see `chat.media.worker`.
    """
    with Image.open(path, formats=PICTURES[kind]) as image:
        _check_size(image)
        if _number_of_frames(image) > 1:
            return _animation(image, folder, kind)
        return _still(image, folder, kind)


def preview(path: Path, folder: Path, kind: str) -> Prepared:
    """Write the smaller thumbnail of the picture, or of the first frame of an animation; other frames are not decoded.

    Raises:
        Refused: it is too large.
        Exception: as for `prepare`.
    """
    with Image.open(path, formats=PICTURES[kind]) as image:
        _check_size(image)
        plain, profile = _upright(image)
    prepared = Prepared(kind, "", *plain.size)
    _write_thumb(_in_srgb(plain, profile), THUMBS[0], folder, prepared)
    return prepared


def square(path: Path, folder: Path) -> Prepared:
    """Write the middle of one of our thumbnails as squares of SQUARES pixels.

    Raises:
        Exception: any error of Pillow.
    """
    with Image.open(path, formats=["WEBP"]) as image:
        first = image.convert("RGBA" if "A" in image.getbands() else "RGB")
    prepared = Prepared("image/webp", "")
    for side in SQUARES:
        name = f"square{side}"
        ImageOps.fit(first, (side, side), Image.Resampling.LANCZOS).save(folder / name, "WEBP", quality=THUMB_QUALITY)
        prepared.thumbs[str(side)] = name
    return prepared


def emoji(path: Path, folder: Path) -> Prepared:
    """Write one of our thumbnails as an emoji, at most EMOJI pixels high and wide; for an animation also its first
    frame.

    Raises:
        Exception: any error of Pillow.
    """
    prepared = Prepared("image/webp", "")
    with Image.open(path, formats=["WEBP"]) as image:
        pictures, times = _frames(image)
    small = [_scaled(picture, EMOJI) for picture in pictures]
    if len(small) > 1:
        _write_animation(small, times, folder / "emoji", "image/webp", loop=0)
        small[0].save(folder / "still", "WEBP", quality=THUMB_QUALITY)
        prepared.thumbs = {str(EMOJI): "emoji", "still": "still"}
    else:
        small[0].save(folder / "emoji", "WEBP", quality=THUMB_QUALITY)
        prepared.thumbs = {str(EMOJI): "emoji"}
    return prepared


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > PIXELS_MAX:
        raise Refused(
            f"The picture has {width} x {height} pixels; at most {PIXELS_MAX // 1_000_000} million are allowed."
            " Make it smaller and send it again."
        )


def _number_of_frames(image: Image.Image) -> int:
    # An MPO is a photo with a second picture for depth or preview; a phone's HEIC file holds several pictures.
    if image.format in {"MPO", "HEIF"}:
        return 1
    frames = getattr(image, "n_frames", 1)
    if frames > FRAMES_MAX or (frames > 1 and frames * image.width * image.height > ANIMATED_PIXELS_MAX):
        raise Refused(f"The animation is too long: {frames} frames of {image.width} x {image.height} pixels.")
    return int(frames)


# --- One picture -------------------------------------------------------------------------------------


def _still(image: Image.Image, folder: Path, kind: str) -> Prepared:
    plain, profile = _upright(image)
    main = folder / "main"
    if kind == "image/heic":
        main.write_bytes(emptied(Path(getattr(image, "filename", "")).read_bytes()))
    else:
        _write(plain, main, kind, profile=profile, source=image)
    prepared = Prepared(kind, main.name, *plain.size)
    still_thumbs(_in_srgb(plain, profile), folder, prepared)
    return prepared


def _upright(image: Image.Image) -> tuple[Image.Image, bytes | None]:
    """The upright pixels of the picture or its first frame, and their colour profile."""
    image.load()
    turned = ImageOps.exif_transpose(image)
    profile = turned.info.get("icc_profile")
    plain = _plain(turned, profile)
    return plain, profile if plain.mode in {"RGB", "RGBA"} and turned.mode != "CMYK" else None


def still_thumbs(image: Image.Image, folder: Path, prepared: Prepared) -> None:
    """Write the thumbnails of a picture in sRGB, and its placeholder."""
    prepared.placeholder = _placeholder(image)
    for side in _sides(image.size):
        _write_thumb(image, side, folder, prepared)


def _write_thumb(image: Image.Image, side: int, folder: Path, prepared: Prepared) -> None:
    thumb = folder / f"thumb{side}"
    _scaled(image, side).save(thumb, "WEBP", quality=THUMB_QUALITY, method=2)
    prepared.thumbs[str(side)] = thumb.name


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The pixels as L, RGB or RGBA, without metadata."""
    mode = image.mode
    if mode in _SIXTEEN_BITS:
        # `convert` would clip instead of scale: the picture would be all white. 65,535 / 257 = 255.
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    elif mode == "CMYK":
        image = _from_cmyk(image, profile)
    elif mode in {"LA", "PA", "La", "RGBa"} or (mode in {"P", "L", "RGB", "1"} and "transparency" in image.info):
        image = image.convert("RGBA")
    elif mode not in {"L", "RGB", "RGBA"}:
        image = image.convert("L" if mode == "1" else "RGB")
    else:
        image = image.copy()
    image.info = {}
    image._exif = None
    return image


def _from_cmyk(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, ValueError, OSError):
            found = None
        if found is not None:
            return found
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, for thumbnails, which have no profile."""
    image = image if image.mode in {"RGB", "RGBA"} else image.convert("RGB")
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode=image.mode) or image
    except (ImageCms.PyCMSError, ValueError, OSError):
        return image


def _write(image: Image.Image, path: Path, kind: str, *, profile: bytes | None, source: Image.Image) -> None:
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    match kind:
        case "image/jpeg":
            _write_jpeg(image.convert("RGB") if image.mode == "RGBA" else image, path, source, options)
        case "image/png":
            image.save(path, "PNG", **options)
        case "image/gif":
            image.save(path, "GIF")
        case "image/webp":
            lossless = _is_lossless(source)
            image.save(path, "WEBP", quality=75 if lossless else QUALITY, lossless=lossless, method=2, **options)
        case "image/avif":
            image.save(path, "AVIF", quality=80, speed=9, **options)


def _write_jpeg(image: Image.Image, path: Path, source: Image.Image, options: dict[str, Any]) -> None:
    tables = getattr(source, "quantization", None)
    if source.mode == image.mode and isinstance(source, JpegImagePlugin.JpegImageFile) and tables:
        # Encoding with the same tables again loses almost nothing.
        sampling = JpegImagePlugin.get_sampling(source) if image.mode == "RGB" else -1
        try:
            image.save(path, "JPEG", qtables=tables, subsampling=max(sampling, 0), **options)
            return
        except (ValueError, OSError):
            pass
    image.save(path, "JPEG", quality=QUALITY, **options)


def _is_lossless(source: Image.Image) -> bool:
    """Whether a WebP is lossless, by the name of its first or second chunk."""
    path = getattr(source, "filename", "")
    if not path:
        return False
    with Path(path).open("rb") as file:
        return b"VP8L" in file.read(64)


def _sides(size: tuple[int, int]) -> list[int]:
    """The sizes of the thumbnails that differ: none is larger than the picture."""
    return [side for n, side in enumerate(THUMBS) if n == 0 or max(size) > THUMBS[n - 1]]


def _scaled(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small


def _placeholder(image: Image.Image) -> str:
    """A tiny picture as a `data:` URL; the page blurs it until the real one has loaded."""
    tiny = _scaled(image, PLACEHOLDER)
    out = io.BytesIO()
    tiny.save(out, "WEBP", quality=40, method=4)
    address = "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
    return address if len(address) <= PLACEHOLDER_CHARS_MAX else ""


# --- Animations --------------------------------------------------------------------------------------


def _animation(image: Image.Image, folder: Path, kind: str) -> Prepared:
    loop = int(image.info.get("loop", 1) or 0) if kind != "image/avif" else 0
    endless = 0 if kind in {"image/gif", "image/png"} and "loop" not in image.info else loop
    profile = image.info.get("icc_profile")
    pictures, times = _frames(image)
    if len(pictures) == 1:
        return _still(pictures[0], folder, kind)
    size = pictures[0].size
    main = folder / "main"
    _write_animation(pictures, times, main, kind, loop=endless, profile=profile)
    small = [_in_srgb(picture, profile) for picture in pictures]
    prepared = Prepared(kind, main.name, *size, placeholder=_placeholder(small[0]))
    # Only one animated thumbnail: the larger one would cost ten times as much, and the original serves as well.
    thumb = folder / f"thumb{THUMBS[0]}"
    _write_animation([_scaled(picture, THUMBS[0]) for picture in small], times, thumb, "image/webp", loop=endless)
    prepared.thumbs[str(THUMBS[0])] = thumb.name
    return prepared


def _frames(image: Image.Image) -> tuple[list[Image.Image], list[int]]:
    """Each frame as displayed, as RGBA, and its duration in milliseconds."""
    pictures: list[Image.Image] = []
    times: list[int] = []
    for frame, ms in _shown(image):
        turned = ImageOps.exif_transpose(frame).convert("RGBA")
        turned.info = {}
        pictures.append(turned)
        times.append(ms)
    return pictures, times


def _shown(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    # The first picture of some APNGs is only for programs without APNG support (PNG 3, 4.8: no fcTL before IDAT).
    hidden = bool(image.info.get("default_image"))
    for n, frame in enumerate(ImageSequence.Iterator(image)):
        if n == 0 and hidden:
            continue
        frame.load()
        yield frame, round(frame.info.get("duration") or DEFAULT_FRAME_MS)


def _write_animation(
    pictures: list[Image.Image], times: list[int], path: Path, kind: str, *, loop: int, profile: bytes | None = None
) -> None:
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    match kind:
        case "image/gif":
            options = {"disposal": 2, "optimize": False}
        case "image/png":
            options |= {"default_image": False, "blend": 0, "disposal": 0}
        case "image/webp":
            options |= {"quality": THUMB_QUALITY, "method": 2, "minimize_size": False}
        case "image/avif":
            options |= {"quality": 80, "speed": 9}
    first, *rest = pictures
    format = {"image/gif": "GIF", "image/png": "PNG", "image/webp": "WEBP", "image/avif": "AVIF"}[kind]
    first.save(path, format, save_all=True, append_images=rest, duration=times, loop=loop, **options)
