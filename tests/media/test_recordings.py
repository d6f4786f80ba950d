"""Sound and videos lose their metadata, and are not encoded again."""

from pathlib import Path

import av
import pytest

from chat.media.kinds import kind_of
from chat.media.recordings import prepare
from chat.media.refused import Refused

CASES = Path(__file__).parent / "kinds"


@pytest.mark.parametrize(
    ("name", "kind", "seconds"),
    [
        ("tone.m4a", "audio/mp4", 0.3),
        ("tone.ogg", "audio/ogg", 0.3),
        ("tone.webm", "audio/webm", 0.31),
        ("v.mp4", "video/mp4", 0.32),
    ],
)
def test_a_recording_says_what_it_is_and_how_long(tmp_path: Path, name: str, kind: str, seconds: float) -> None:
    prepared = prepare(CASES / name, tmp_path, kind_of(CASES / name))
    assert prepared.type == kind
    assert prepared.duration == pytest.approx(seconds, abs=0.02)
    assert (prepared.width is not None) == kind.startswith("video")
    assert bool(prepared.thumbs) == kind.startswith("video")
    with av.open(str(tmp_path / "main")) as copy:
        assert sum(1 for packet in copy.demux() if packet.size) > 1


def test_a_playlist_that_looks_like_a_song_opens_no_other_file(tmp_path: Path) -> None:
    tags = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
    song = tmp_path / "song.mp3"
    song.write_bytes(
        tags + f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{CASES / 'tone.m4a'}\n#EXT-X-ENDLIST\n".encode()
    )
    assert kind_of(song) == "audio/mpeg"
    with pytest.raises((Refused, av.error.FFmpegError, ValueError)):
        prepare(song, tmp_path, "audio/mpeg")


@pytest.mark.parametrize("format", ["mp4", "mov"])
def test_the_place_of_a_video_is_left_out(tmp_path: Path, format: str) -> None:
    source = tmp_path / "phone.mp4"
    with (
        av.open(str(CASES / "v.mp4")) as film,
        av.open(str(source), "w", format=format, options={"movflags": "use_metadata_tags"}) as target,
    ):
        target.metadata["location"] = "+52.5200+013.4050/"
        target.metadata["com.apple.quicktime.location.ISO6709"] = "+52.5200+013.4050/"
        target.metadata["comment"] = "at home"
        stream = target.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(film.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert b"+52.5200" in source.read_bytes()
    prepared = prepare(source, tmp_path, kind_of(source))
    written = (tmp_path / "main").read_bytes()
    assert prepared.type == "video/mp4"
    assert b"+52.5200" not in written
    assert b"at home" not in written
    # The index comes before the media data: a player starts with the first bytes.
    assert written.index(b"moov") < written.index(b"mdat")
