"""Sound and videos: copied, without decoding, into a new container that holds only the streams.

A phone's video has its location and device in tags of the container and in data streams; neither is copied. The index
comes first (`faststart`), so that a player can start before it has read the whole file.
"""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from chat.media.kinds import READERS, RECORDINGS
from chat.media.pictures import PIXELS_MAX, Prepared, still_thumbs
from chat.media.refused import Refused

STREAMS_MAX = 8
_COPIED = {"video", "audio"}


def prepare(path: Path, folder: Path, kind: str) -> Prepared:
    """Write the recording, and the first picture of a video, into `folder`.

    Raises:
        Refused: it contains neither sound nor pictures.
        Exception: any error that PyAV raises for a file it cannot read; see `chat.media.worker`.
    """
    reader = READERS[kind.partition("/")[2]]
    with _opened(path, reader) as source:
        streams = [stream for stream in source.streams if stream.type in _COPIED and not _is_cover(stream)]
        if not streams or len(streams) > STREAMS_MAX:
            raise Refused("The recording holds no sound and no picture that could be played.")
        videos = [stream for stream in streams if stream.type == "video"]
        kind = _kind(kind, has_video=bool(videos))
        prepared = Prepared(kind, "main")
        if videos:
            prepared.width, prepared.height = _shown_size(videos[0])
        duration = _copy(source, streams, folder / prepared.main, kind)
        prepared.duration = round(duration, 3) if duration else None
    if videos:
        # A video is accepted even if its first picture cannot be decoded.
        with suppress(av.error.FFmpegError, ValueError, OSError, StopIteration):
            still_thumbs(_first_picture(path, reader, prepared), folder, prepared)
    return prepared


def _opened(path: Path, reader: str) -> Any:
    # Only this file: a container may refer to others.
    options = {"protocol_whitelist": "file"}
    return av.open(str(path), format=reader, options=options, metadata_errors="ignore")


def _kind(kind: str, *, has_video: bool) -> str:
    """The type by the streams: audio and video share the containers."""
    if kind == "video/quicktime":
        # It is written as MP4, which more browsers play.
        return "video/mp4" if has_video else "audio/mp4"
    family, _, container = kind.partition("/")
    if container in {"mp4", "webm", "ogg"}:
        family = "video" if has_video else "audio"
    return f"{family}/{container}"


def _is_cover(stream: Any) -> bool:
    """Whether the stream is a cover: a picture among the streams of a song, with tags of its own."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _copy(source: Any, streams: list[Any], path: Path, kind: str) -> float:
    """Copy the packets and return their duration in seconds."""
    format = RECORDINGS[kind]
    options = {"movflags": "+faststart"} if format in {"mp4", "ipod"} else {}
    end = Fraction(0)
    with av.open(str(path), "w", format=format, options={"fflags": "+bitexact"} | options) as target:
        copies = {stream.index: target.add_stream_from_template(stream, opaque=True) for stream in streams}
        for copy in copies.values():
            copy.metadata.clear()
        target.metadata.clear()
        for packet in source.demux(streams):
            if packet.dts is None:
                continue
            if packet.pts is not None and packet.time_base:
                end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
            packet.stream = copies[packet.stream.index]
            target.mux(packet)
    start = Fraction(source.start_time or 0, av.time_base)
    return float(max(end - max(start, Fraction(0)), Fraction(0)))


def _shown_size(stream: Any) -> tuple[int, int]:
    width, height = stream.codec_context.width, stream.codec_context.height
    if not width or not height or width * height > PIXELS_MAX:
        raise Refused(f"The video has {width} x {height} pixels, which is not possible here.")
    return width, height


def _first_picture(path: Path, reader: str, prepared: Prepared) -> Any:
    with _opened(path, reader) as source:
        stream = source.streams.video[0]
        stream.thread_count = 1
        frame = next(source.decode(stream))
        picture = frame.to_image()
        rotation = int(getattr(frame, "rotation", 0) or 0) % 360
        if rotation:
            picture = picture.rotate(rotation, expand=True)
        prepared.width, prepared.height = picture.size
        return picture
