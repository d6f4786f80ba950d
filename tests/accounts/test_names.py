"""Which characters a typed line may contain, and which names look alike."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import services
from accounts.models import User
from chat.lib.fields import validate_line
from chat.lib.lookalikes import LOOKS_MAX, looks
from chat.lib.oneline import is_one_line, is_visible, isolated, repaired, tidy
from chat.models import Participant
from chat.models.validators import validate_display_name, validate_username
from chat.services.profile import profile_update
from chat.services.tokens import token_issue
from support.password import PASSWORD

WRITTEN = [
    "Zoë Müller-Łukasz",
    "Nguyễn Thị Ánh",
    "می\u200cخواهم",  # Persian, with the joiner that the word requires
    "श्री क्\u200dष",
    "ශ්\u200dරී ලංකා",
    "עִבְרִית",
    "مُحَمَّد",
    "葛\U000e0100城",  # a Japanese name with a variant of its character
    "ᠠ\u180bᠡ",
    "👩🏽\u200d🚀 Ada",
    "🏳️\u200d🌈",
    "❤️ 1️⃣ ©️",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇩🇪 日本語 한국어",
    "#1 & Co. (Berlin)",
]
REFUSED = [
    "a\nb", "a\tb", "a\rb", "a\x00b", "a\x85b", "a\u2028b", "a\u2029b",  # more than one line
    "a\u202eb", "a\u202a", "\u2066a\u2069", "\u200fa", "a\u061cb",  # reverse the text
    "\u200b", "ad\u200ba", "a\u2060b", "\ufeffa", "a\u00adb", "a\u034fb", "a\u180eb",  # invisible
    "\u3164", "a\u3164", "\u115f\u1160", "\u2800", "a\uffa0", "a\ufe0f", "a\U000e0100",
    "a\u200db", "a\u200d", "\u200cb", "م\u200c", "👩\u200d", "a\U000e0067\U000e007f",  # misplaced joiners and tags
    "\u0301a", "\ue000", "\ud800", "\uffff", "a\ufffc", "e" + "\u0301\u0302\u0303\u0304\u0305\u0306",
]  # fmt: skip
ALIKE = [
    ("ada", "аda"), ("Ada", "ADA"), ("ada", "ａｄａ"), ("ada", "𝒶𝒹𝒶"), ("ada", "ᴀᴅᴀ"), ("ada", "@ada"),
    ("ada", "Ada ✓"),
    ("Alice", "AIice"), ("ALICE", "a1ice"), ("Helen", "Ηelen"), ("Mary", "rnary"), ("Bob", "b0b"), ("Bob", "ВОВ"),
    ("Zoe", "Zoë"), ("Soren", "Søren"), ("iris", "İRIS"), ("Straße", "STRASSE"), ("Ann Marie", "Ann\u00a0\u2009Marie"),
    ("Will", "VViII"), ("مىخواهم", "مى\u200cخواهم"),
]  # fmt: skip
APART = [
    ("ada", "eda"),
    ("bob", "rob"),
    ("कमल", "कमला"),
    ("日本", "日木"),
    ("👩\u200d🚀", "👨\u200d🚀"),
    ("Bob 1", "Bob 2"),
]


@pytest.mark.parametrize("text", WRITTEN)
def test_every_script_can_be_written(text: str) -> None:
    assert is_one_line(text)
    assert is_visible(text)
    validate_display_name(text)


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_what_is_not_seen_or_changes_what_is_around_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        validate_line(text)


@pytest.mark.parametrize("text", [" \u0300", "\u00a0\u2003", " "], ids=ascii)
def test_something_is_to_be_seen(text: str) -> None:
    with pytest.raises(ValidationError, match="can be seen"):
        validate_line(text)


def test_a_line_is_kept_composed_and_without_blanks_around() -> None:
    assert tidy("\u00a0 Zoe\u0308\u3000\n") == "Zoë"
    assert tidy(" \n ") == ""


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert looks(one) == looks(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_do_not(one: str, other: str) -> None:
    assert looks(one) != looks(other)


def test_a_look_fits_its_column() -> None:
    assert len(looks("\ufdfa" * 64)) == LOOKS_MAX, "64 letters that stand for 18 each"


@pytest.mark.parametrize(
    "name",
    [
        "Deleted account",
        "deleted  ACCOUNT",
        "Dеleted account",
        "Gelöschtes Konto",
        "gelo\u0308schtes konto",
        "deleted-12",
        "Deleted 7",
    ],
)
def test_the_name_of_a_deleted_account_cannot_be_taken(name: str) -> None:
    with pytest.raises(ValidationError, match="reserved"):
        validate_display_name(name)


# Spellings of a mention of everyone, here and in other chats.
GROUPS = ["all", "Everyone", "chanNel", "_here_", "room__"]


@pytest.mark.parametrize("name", ["deleted-12", "Deleted_account", "deleted", "room", "HERE", *GROUPS])
def test_some_usernames_are_reserved(name: str) -> None:
    with pytest.raises(ValidationError, match="reserved"):
        validate_username(name)


@pytest.mark.parametrize("name", ["ali", "al", "hall", "everyone.else", "channel-4", "rooms", "admin", "system"])
def test_what_only_resembles_a_reserved_username_is_free(name: str) -> None:
    validate_username(name)


@pytest.mark.django_db
class TestReserved:
    @pytest.mark.parametrize("name", GROUPS)
    def test_names_for_everyone_cannot_be_taken_by_any_way_in(
        self, name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CHAT_SIGNUP = "open"
        admin = services.account_create(username="ada", password=None, staff=True)
        with pytest.raises(ValidationError, match="reserved"):
            services.account_create(username=name, password=None)
        with pytest.raises(ValidationError, match="reserved"):
            services.sign_up(username=name, password=PASSWORD, display_name="")
        monkeypatch.setattr("sys.stdin", StringIO(PASSWORD))
        with pytest.raises(CommandError, match="reserved"):
            call_command("adduser", name, "--password-stdin")
        browser = Client()
        form = {"username": name, "password": PASSWORD, "display_name": ""}
        assert "That username is reserved." in browser.post("/accounts/signup/", form).content.decode()
        browser.force_login(admin)
        form = {"username": name, "display_name": "", "usable_password": "false"}
        assert "reserved" in browser.post("/admin/accounts/user/add/", form).content.decode()
        form = {"username": name, "display_name": "", "email": "", "is_active": "on", "is_superuser": "on"}
        assert "reserved" in browser.post(f"/admin/accounts/user/{admin.pk}/change/", form).content.decode()
        assert list(User.objects.values_list("username", flat=True)) == ["ada"]

    def test_an_account_of_before_keeps_its_name_and_can_be_changed(self) -> None:
        admin = services.account_create(username="ada", password=None, staff=True)
        User.objects.create(username="everyone")
        old = User.objects.get(username="everyone")
        profile_update(user=old.participant, display_name="Eve Ryone")
        browser = Client()
        browser.force_login(admin)
        form = {"username": "everyone", "display_name": "Eve", "email": "", "is_active": "on"}
        page = browser.post(f"/admin/accounts/user/{old.pk}/change/", form)
        assert page.status_code == 302, page.content.decode()
        old.refresh_from_db()
        assert (old.username, old.display_name) == ("everyone", "Eve")
        old.username = "channel"
        with pytest.raises(ValidationError, match="reserved"):
            old.full_clean()


def shared() -> set[str]:
    return set(Participant.objects.filter(name_shared=True).values_list("username", flat=True))


@pytest.mark.django_db
class TestNamesakes:
    def test_two_similar_names_are_marked_until_one_changes(self) -> None:
        ada = services.account_create(username="ada", password=None, display_name="Ada Lovelace")
        eve = services.account_create(username="eve", password=None)
        assert shared() == set()
        profile_update(user=eve.participant, display_name="Аda  Lovelасе")
        assert shared() == {"ada", "eve"}
        profile_update(user=ada.participant, display_name="Ada Byron")
        assert shared() == set()

    def test_a_name_like_anothers_username_is_marked_and_the_other_is_not(self) -> None:
        services.account_create(username="ada", password=None, display_name="Countess")
        eve = services.account_create(username="eve", password=None, display_name="@АDА")
        assert eve.participant.name_shared
        assert shared() == {"eve"}

    def test_a_newcomer_whose_username_looks_like_a_name_marks_that_name(self) -> None:
        services.account_create(username="kim", password=None, display_name="Max Muster")
        services.account_create(username="max_muster", password=None, display_name="M.")
        assert shared() == {"kim"}

    def test_who_goes_back_to_the_name_of_their_username_is_not_marked_any_more(self) -> None:
        services.account_create(username="ada", password=None)
        eve = services.account_create(username="eve", password=None, display_name="Adа")
        assert shared() == {"ada", "eve"}
        profile_update(user=eve.participant, display_name="")
        assert shared() == set()

    @pytest.mark.parametrize("sign", ["@", "\ufe6b", "\uff20"])
    def test_a_name_that_pretends_to_hold_a_username_is_shown_with_the_true_one(self, sign: str) -> None:
        services.account_create(username="ada", password=None, display_name="Ada")
        eve = services.account_create(username="eve", password=None, display_name=f"Ada {sign}ada")
        assert shared() == {"eve"}
        assert eve.told_name == f"Ada {sign}ada @eve"
        profile_update(user=eve.participant, display_name="Eve at home")
        assert shared() == set()

    def test_a_deleted_account_is_similar_to_none(self) -> None:
        people = [
            services.account_create(username=name, password=None, display_name="Sam")
            for name in ("one", "two", "three")
        ]
        assert shared() == {"one", "two", "three"}
        for person in people[1:]:
            services.account_delete(user=person)
        assert shared() == set()

    def test_a_stale_account_that_is_saved_keeps_what_the_database_says(self) -> None:
        ada = services.account_create(username="ada", password=None)
        services.account_create(username="eve", password=None, display_name="Ada")
        ada.email = "ada@example.org"
        ada.save()
        assert shared() == {"eve", "ada"}

    @pytest.mark.parametrize("text", ["a\nb", "\u202etxet", "\u200b"], ids=ascii)
    def test_tokens_notes_and_names_are_lines(self, text: str) -> None:
        ada = services.account_create(username="ada", password=None)
        for attempt in (
            lambda: token_issue(user=ada.participant, name=text),
            lambda: services.invitation_issue(note=text),
            lambda: profile_update(user=ada.participant, display_name=text),
            lambda: services.account_create(username="eve", password=None, display_name=text),
        ):
            with pytest.raises(ValidationError):
                attempt()


def test_what_was_kept_before_the_rule_is_repaired() -> None:
    assert repaired("Tea\u202e \u200btime\nnow ") == "Tea time now"
    assert repaired("\u200b\u3164") == ""
    assert repaired("می\u200cخواهم") == "می\u200cخواهم"


def test_what_is_written_from_right_to_left_keeps_its_place_in_a_sentence() -> None:
    assert isolated("דנה") == "\u2068דנה\u2069"
    assert isolated("Dana") == "Dana"


def test_of_what_is_longer_than_any_name_or_line_the_rest_is_not_read() -> None:
    assert looks("é" * 1_000_000) == looks("é" * LOOKS_MAX)
    woman = "\N{WOMAN}"
    assert is_one_line("\u200d".join([woman] * 5_000))
    assert not is_one_line("\u200d".join([woman] * 5_001))
