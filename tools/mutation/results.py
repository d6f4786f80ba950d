"""The outcomes of the mutants of a module, kept over several runs."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tools.mutation.operators import Mutant
from tools.mutation.targets import Target

# A mutant whose tests take too long is killed as well. For a cold one, only a child that imports the module can tell.
KILLED, SURVIVED, LATE, COLD = "killed", "survived", "late", "cold"


@dataclass
class Results:
    """The known outcomes of the mutants of one module, kept in a file that grows by a line for each.

    A killed mutant stays killed while the text of the module is the same; one that survived is tried again when its
    tests have changed.
    """

    target: Target
    path: Path
    known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = _hash([self.target.text])
        self.tests = _hash(path.read_text("utf-8") for path in self.target.test_files() if path.is_file())
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            source, tests, key, result = json.loads(line)
            if source == self.source and (result != SURVIVED or tests == self.tests):
                self.known[key] = result

    def add(self, mutant: Mutant, result: str) -> None:
        self.known[mutant.key] = result
        with self.path.open("a") as file:
            file.write(json.dumps([self.source, self.tests, mutant.key, result]) + "\n")


def _hash(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()[:16]
