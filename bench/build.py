"""A build of Backchannel to measure: this checkout, or another one beside it."""

from dataclasses import dataclass
from pathlib import Path

from support.servers import PYTHON, ROOT


@dataclass(frozen=True)
class Build:
    """A checkout of Backchannel with the virtual environment it runs in."""

    root: Path
    python: str

    @classmethod
    def at(cls, root: Path) -> "Build":
        """The checkout in this folder, with the `.venv` that its `bin/setup` made. Raises ValueError without one."""
        python = root.resolve() / ".venv" / "bin" / "python"
        if not python.exists() or not (root / "manage.py").exists():
            raise ValueError(f"{root} is no checkout in which bin/setup has been run")
        return cls(root.resolve(), str(python))


HERE = Build(ROOT, PYTHON)
