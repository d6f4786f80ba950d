"""Mutants of a script, by its tokens, and their run under node.

The scripts are formatted by Biome: one statement a line, a condition in one pair of brackets.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tools.mutation.operators import Mutant
from tools.mutation.results import KILLED, LATE, SURVIVED
from tools.mutation.targets import ROOT, Target

NODE = Path(sys.executable).with_name("node")
SECONDS = 60.0
_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`"
    r"|#?[A-Za-z_$][\w$]*|\d+(?:\.\d+)?"
    r"|\?\?=|&&=|\|\|=|===|!==|=>|<=|>=|&&|\|\||\?\?|\?\.|\+=|-=|\+\+|--|\.\.\.|\S",
    re.DOTALL,
)
_OTHER = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "===": "!==",
    "!==": "===",
    "&&": "||",
    "||": "&&",
    "+=": "-=",
    "-=": "+=",
    "&&=": "=",
    "??=": "=",
    "??": "&&",
    "min": "max",
    "max": "min",
    "true": "false",
    "false": "true",
    "!": "",
}
# A sign after one of these has two sides (`a - b`); any other sign has one (`-b`).
_BEFORE_A_SIGN = re.compile(r"[\w$\])]$")
_STATEMENT = re.compile(r"^\s*(?:if \(.*\) )?((?:this|[a-z]\w*)[.\w#?]*(?:\(| [-+&?|]*= ).*;)$", re.MULTILINE)
_RETURN = re.compile(r"return [^;]+;")
_CALL_OF_CHAIN = re.compile(r"\.(?:sort|filter|slice)\((?:[^()]|\([^()]*\))*\)")


def mutants_of_script(text: str) -> list[Mutant]:
    """All mutants of a script, in the order of their lines."""
    found: dict[tuple[int, int, str], Mutant] = {}
    for start, end, new in _changes(text):
        line = text.count("\n", 0, start) + 1
        change = f"{' '.join(text[start:end].split())}  ->  {new or 'nothing'}"
        found[start, end, new] = Mutant(start, end, new, line, "", change)
    return sorted(found.values(), key=lambda one: one.start)


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    before = ""
    for token in _TOKEN.finditer(text):
        word, (start, end) = token[0], token.span()
        if word.startswith(("//", "/*")):
            continue
        if word in _OTHER:
            yield start, end, _OTHER[word]
        elif word in {"+", "-"}:
            both = _BEFORE_A_SIGN.search(before)
            yield start, end, ({"+": "-", "-": "+"}[word] if both else "")
        elif word.isdigit():
            yield start, end, str(int(word) + 1)
        elif word == "if":
            condition = text.index("(", end)
            closing = _closing(text, condition)
            yield condition + 1, closing, "true"
            yield condition + 1, closing, "false"
        before = word
    for pattern, group, new in ((_STATEMENT, 1, ";"), (_RETURN, 0, "return;"), (_CALL_OF_CHAIN, 0, "")):
        for match in pattern.finditer(text):
            yield match.start(group), match.end(group), new


def _closing(text: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError("An unclosed bracket.")


def run_scripts(target: Target, mutants: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, str]]:
    """Run the tests against each mutant, in copies of the folders they need."""
    free: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(prefix="backchannel-mutation-") as scratch, ThreadPoolExecutor(jobs) as threads:
        for number in range(jobs):
            copy = Path(scratch) / str(number)
            for folder in ("chat/static", "tests/js"):
                shutil.copytree(ROOT / folder, copy / folder)
            free.put(copy)

        def run(mutant: Mutant) -> tuple[Mutant, str]:
            copy = free.get()
            try:
                (copy / target.module).write_text(mutant.apply(target.text), "utf-8")
                return mutant, _run_tests(copy, target)
            finally:
                free.put(copy)

        for test in target.tests:
            if not (ROOT / test).exists():
                raise SystemExit(f"{test} is missing.")
        if _run_tests(Path(scratch) / "0", target) != SURVIVED:
            raise SystemExit(f"The tests of {target.module} fail without a mutant.")
        yield from threads.map(run, mutants)


def _run_tests(copy: Path, target: Target) -> str:
    names = [Path(test).name for test in target.tests]
    command = [str(NODE), "--test", "--import", "./page.mjs", *names]
    try:
        done = subprocess.run(command, cwd=copy / "tests/js", capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return LATE
    return SURVIVED if done.returncode == 0 else KILLED
