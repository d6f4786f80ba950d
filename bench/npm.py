"""Peers that npm installs, as their lock file pins them, into `var/bench`."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from support.programs import need
from support.servers import ROOT

INSTALL_SECONDS = 180


class Unavailable(Exception):
    """Raised when a peer cannot run on this machine; the others are measured without it."""


def install(name: str) -> Path:
    """The folder of a peer with its packages, installed again when one of its files has changed."""
    npm, source = need("npm", package="npm"), ROOT / "bench" / "peers" / name
    files = sorted(file for file in source.iterdir() if file.is_file())
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    folder = ROOT / "var" / "bench" / f"{name}-{digest}"
    if (folder / "installed").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    command = [str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm did not install {name} within {INSTALL_SECONDS} s.") from None
    if done.returncode:
        raise Unavailable(f"npm cannot install {name}: {done.stderr.strip()[-300:]}")
    (folder / "installed").touch()
    return folder
