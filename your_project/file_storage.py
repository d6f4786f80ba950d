"""The storage of files: a folder, or an S3, by one address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from your_project import env

_EXAMPLE = "file:///a/folder or s3://key:secret@host/bucket"


def storage(name: str, data_dir: Path) -> dict[str, Any]:
    """Return Django's `STORAGES` entry for the address in the environment variable `name`."""
    raw = env.address(name, ["file", "s3"], _EXAMPLE)
    parts = urlsplit(raw)
    if parts.scheme == "s3":
        return _s3(name, raw)
    folder = unquote(parts.path) or str(data_dir / "files")
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # nginx can open a file whose name it is given; others cannot list the folders.
        "OPTIONS": {"location": folder, "file_permissions_mode": 0o644, "directory_permissions_mode": 0o711},
    }


def _s3(name: str, raw: str) -> dict[str, Any]:
    # Imported here, so that only installations with an S3 wait for it.
    from botocore.config import Config  # type: ignore[import-untyped]

    parts = urlsplit(raw)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if not bucket or options.keys() - {"region", "tls"}:
        env.refuse(name, _EXAMPLE, "an address without a bucket, or with an option other than region and tls")
    scheme = "http" if options.get("tls") == "0" else "https"
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": prefix,
            # Without a host: Amazon's, for the region.
            "endpoint_url": f"{scheme}://{host}" if host else None,
            # Without a key: the role of the machine.
            "access_key": unquote(parts.username) if parts.username else None,
            "secret_key": unquote(parts.password) if parts.password else None,
            "region_name": options.get("region"),
            "file_overwrite": False,
            "default_acl": None,
            # An unreachable S3 is reported within seconds; the client tries again.
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if host else "auto"},
                connect_timeout=3,
                read_timeout=20,
                retries={"max_attempts": 2},
            ),
        },
    }
