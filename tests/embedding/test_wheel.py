"""The package that `pip install` takes."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from tests.embedding.shop import wheel

# Of each kind one that the app does not work without.
NEEDED = {
    "chat/templates/chat/room.html",
    "chat/static/chat/js/main.js",
    "chat/static/chat/component/room.js",
    "chat/static/chat/vendor/manifest.json",
    "chat/locale/de/LC_MESSAGES/django.mo",
    "chat/migrations/0001_initial.py",
    "chatclient/py.typed",
}
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
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"chat", "chatclient"}


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
        "--no-index",
        str(wheel()),
    ]
    subprocess.run(pip, check=True)
    # What it depends on is taken from the packages of this run.
    [packages] = tmp_path.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run([python, "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=True)
    where, script, german = done.stdout.splitlines()
    assert where == str(packages / "chat")
    assert script.startswith(where)
    assert german == "Einstellungen"
