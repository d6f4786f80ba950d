"""HEIC: kept as uploaded, with everything but the pictures overwritten with zeros.

Encoding a picture again takes 30 to 240 s of a core for 24 million pixels (x265 4.3, fastest and default presets), and
only Safari shows HEIC: people see the thumbnails, and download the original. The file is a list of boxes
(ISO/IEC 14496-12); its pictures and the camera's metadata are items of the box `meta` (23008-12).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# Item types of pictures, and of the parts that they are composed of; not Exif, XMP (mime) and the like.
_PICTURES = {b"hvc1", b"grid", b"iovl", b"iden", b"tmap", b"lhv1", b"unci"}
_KEPT = {b"ftyp", b"meta"}
# The offset of the TIFF header, and a header without fields: readers fail on zeros.
_EMPTY_EXIF = bytes(4) + b"MM\x00\x2a\x00\x00\x00\x08" + bytes(6)
_FULL = 4


class Box(NamedTuple):
    """A box of the file: where its content begins and ends."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Extent:
    item: int
    # Whether it is in the box `idat`; otherwise the offset is in the file.
    in_idat: bool
    offset: int
    length: int


def emptied(data: bytes) -> bytes:
    """Return the file with its pictures and the boxes that describe them, and zeros for the rest.

    Raises:
        ValueError: it is not the kind of file that phones write.
    """
    tops = list(boxes(data, 0, len(data)))
    meta = _only(tops, b"meta")
    inner = list(boxes(data, meta.start + _FULL, meta.end))
    kinds = _item_kinds(data, _only(inner, b"iinf"))
    idat = next((box for box in inner if box.kind == b"idat"), None)
    out = bytearray(len(data))
    end_of_last = 0
    for box in tops:
        begin = end_of_last
        end_of_last = box.end
        # Keep the header of each box, so that a reader finds the next one.
        out[begin : box.start] = data[begin : box.start]
        if box.kind in _KEPT:
            out[box.start : box.end] = data[box.start : box.end]
    if idat:
        out[idat.start : idat.end] = bytes(idat.end - idat.start)
    for extent in _extents(data, _only(inner, b"iloc")):
        begin = extent.offset + (idat.start if extent.in_idat and idat else 0)
        end = begin + extent.length
        if extent.length <= 0 or end > len(data):
            raise ValueError("an item outside of the file")
        kind = kinds.get(extent.item)
        if kind in _PICTURES:
            out[begin:end] = data[begin:end]
        elif kind == b"Exif" and extent.length >= len(_EMPTY_EXIF):
            out[begin : begin + len(_EMPTY_EXIF)] = _EMPTY_EXIF
    return bytes(out[:end_of_last])


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two offsets.

    Raises:
        ValueError: a box ends outside of them.
    """
    while end - start >= 8:
        size, kind, head = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            raise ValueError("a box that ends outside of the file")
        yield Box(kind, start + head, start + size)
        start += size


def _only(found: list[Box], kind: bytes) -> Box:
    wanted = [box for box in found if box.kind == kind]
    if len(wanted) != 1:
        raise ValueError(f"{len(wanted)} boxes {kind!r}")
    return wanted[0]


def _item_kinds(data: bytes, iinf: Box) -> dict[int, bytes]:
    count_bytes = 2 if data[iinf.start] == 0 else 4
    kinds = {}
    for box in boxes(data, iinf.start + _FULL + count_bytes, iinf.end):
        version = data[box.start]
        if box.kind == b"infe" and version >= 2:
            id_bytes = 2 if version == 2 else 4
            at = box.start + _FULL
            item = int.from_bytes(data[at : at + id_bytes])
            kinds[item] = data[at + id_bytes + 2 : at + id_bytes + 6]
    return kinds


def _extents(data: bytes, iloc: Box) -> Iterator[_Extent]:
    version, at = data[iloc.start], iloc.start + _FULL

    def number(size: int) -> int:
        nonlocal at
        if at + size > iloc.end:
            raise ValueError("iloc is cut off")
        at += size
        return int.from_bytes(data[at - size : at])

    sizes = number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    id_size = 4 if version == 2 else 2
    for _ in range(number(id_size)):
        item = number(id_size)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        for _ in range(number(2)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if method in (0, 1):
                yield _Extent(item, method == 1, base + offset, length)
