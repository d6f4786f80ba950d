"""The version of the static files. It is part of their URLs, so that browsers may cache them permanently."""

import hashlib
from pathlib import Path

import django


def version(folder: Path, *makers: Path) -> str:
    """Return a digest of the names and contents of all files under `folder`, of Django's version, and of the modules
    that build further files from them."""
    digest = hashlib.blake2b(django.__version__.encode(), digest_size=6)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.blake2b(file.read_bytes()).digest())
    for file in makers:
        digest.update(hashlib.blake2b(file.read_bytes()).digest())
    return digest.hexdigest()
