"""The package that `pip install` installs."""

import ast
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.servers import ROOT
from tests.embedding.shop import wheel

# One file of each kind that the app needs.
NEEDED = {
    "chat/templates/chat/room.html",
    "chat/static/chat/js/main.js",
    "chat/static/chat/component/room.js",
    "chat/static/chat/vendor/manifest.json",
    "chat/locale/de/LC_MESSAGES/django.mo",
    "chat/migrations/0001_squashed_0043_imports_unchecked.py",
    "chatclient/py.typed",
}
# Parts of daphne, pydantic, aiohttp and Django, which bring them along.
BROUGHT = {"autobahn", "twisted", "zope", "pydantic_core", "yarl", "aiohappyeyeballs", "asgiref"}
TRY = """
import django, pathlib
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "chat"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SECRET_KEY="x" * 50, STATIC_URL="/static/", USE_I18N=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)
django.setup()
import chat
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.utils import translation
get_template("chat/room.html")
print(pathlib.Path(chat.__file__).parent)
print(finders.find("chat/component/room.js"))
with translation.override("de"):
    print(translation.gettext("Settings"))
"""


def test_the_wheel_has_pages_files_and_sentences_and_nothing_of_the_project() -> None:
    with zipfile.ZipFile(wheel()) as archive:
        names = set(archive.namelist())
    assert names >= NEEDED
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {
        "backchannel.py",
        "chat",
        "chatclient",
    }


def test_the_wheel_asks_for_everything_that_the_chat_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [line for extra in project["optional-dependencies"].values() for line in extra] + project["dependencies"]
    given = set(BROUGHT)
    by_module = packages_distributions()
    for name in {canonicalize_name(Requirement(line).name) for line in asked}:
        given |= {module for module, packages in by_module.items() if name in map(canonicalize_name, packages)}
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "chat").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in names_of(node)
    }
    assert imported - given - sys.stdlib_module_names - {"chat"} == set()


def names_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_a_clean_environment_finds_them_after_pip_install(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    python = tmp_path / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        # Saves a second of a core; Python compiles what is imported.
        "--no-compile",
        "--no-index",
        str(wheel()),
    ]
    subprocess.run(pip, check=True)
    # Dependencies come from the packages of this run.
    [packages] = tmp_path.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run([python, "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=True)
    where, script, german = done.stdout.splitlines()
    assert where == str(packages / "chat")
    assert script.startswith(where)
    assert german == "Einstellungen"
