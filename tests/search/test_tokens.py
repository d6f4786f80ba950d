"""Every text that contains a search phrase also has its tokens, in any script; compared with a plain definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.search.characters import BETWEEN, kinds
from chat.search.folding import fold, fold_with_places
from chat.search.query import parse
from chat.search.tokens import Term, text_tokens
from chat.search.wanted import Folded, Phrase, marks
from support import search_reference as reference

# Letters of eight scripts, marks, digits, characters that join identifiers, emoji with their joiners, and spaces.
LETTERS = "abcIİß éŁœǅ ñ\u0301\u0308 αΣς жЁй שלוֹ مرَحبا नमस्ते कि 東京大學ー ﾞｶカﾞ 한글 ᄒ\u1161\u11ab กำลัง ျမန္ ①½㎏ﬁ"
OTHERS = "0123 _-.+#%@/:'’“”*`$\u200b\u200d\u00ad\ufe0f👍👍🏽👨‍👩‍👧🇩🇪❤️☺↔\n\t\x00\U0001fae8"
texts = st.text(st.sampled_from(LETTERS + OTHERS) | st.characters(codec="utf-8"), max_size=40)
WHOLE_TABLE = [
    # A query, and texts that contain it.
    ("tele", ["telemetry", "TELE", "the Telephone"]),
    ("creme", ["Crème brûlée", "CRÈME"]),
    ("straße", ["STRASSE", "Straße 5"]),
    ("İstanbul", ["istanbul"]),
    ("ёлка", ["елка", "Ёлка"]),
    ("שלום", ["שָׁלוֹם"]),
    ("مرحبا", ["مَرْحَبًا"]),
    ("नमस्", ["नमस्ते"]),
    ("京", ["東京都", "京"]),
    ("東京", ["大東京都"]),
    ("ｶﾞｽ", ["ガスト"]),
    ("한글", ["한글을"]),
    ("กำ", ["กำลัง"]),
    ("foo_bar.baz", ["foo_bar.baz()", "see foo_bar.bazaar"]),
    ("bar", ["foo_bar.baz"]),
    ("C++", ["C++11", "in c++."]),
    ("c#", ["C# 12"]),
    ("7f3a-19c2", ["ref. 7f3a-19c2"]),
    ("19c2", ["ref. 7f3a-19c2"]),
    ("#1234", ["fixes #1234."]),
    ("1234", ["fixes #12345"]),
    ("50%", ["50% off"]),
    ("ada@example.org", ["<Ada@example.org>"]),
    ("example", ["ada@example.org", "https://example.org/a"]),
    ("https://example.org/a?b=1", ["see https://example.org/a?b=1#c"]),
    ("👍", ["👍🏽", "ok👍"]),
    ("👨‍👩‍👧", ["the 👨‍👩‍👧 here"]),
    ("🇩🇪", ["🇫🇷🇩🇪"]),
    ("don't", ["I don’t"]),
    ('"big dog"', ["the **big** dog!", "big\ndog"]),
    ('"big do', ["big dog"]),
    ("hello,", ["hello there"]),
    ("tele*", ["telemetry"]),
]
NOT = [
    ("metry", "telemetry"),
    ("C++", "c and b"),
    ("50%", "50 percent"),
    ("#1234", "1234"),
    ("東都", "東京都"),
    ('"big do"', "big dog"),
    ('"dog big"', "big dog"),
    ('"big dog"', "big bad dog"),
    ('"tele"', "telemetry"),
    ("🇫🇪", "🇫🇷🇩🇪"),
]


def in_index(term: Term, tokens: set[str]) -> bool:
    return any(token.startswith(term.token) for token in tokens) if term.prefix else term.token in tokens


def found(phrase: Phrase, text: str) -> bool:
    return any(True for _ in phrase.found_in(Folded(fold(text))))


@pytest.mark.parametrize(("typed", "there"), WHOLE_TABLE, ids=lambda value: str(value)[:20])
def test_what_is_typed_is_found(typed: str, there: list[str]) -> None:
    query = parse(typed)
    for text in there:
        assert query.matches(fold(text)), text
        terms = [term for phrase in query.phrases for term in phrase.terms()]
        assert terms
        assert all(in_index(term, text_tokens(text)) for term in terms), text


@pytest.mark.parametrize(("typed", "text"), NOT)
def test_what_is_not_there_is_not_found(typed: str, text: str) -> None:
    assert not parse(typed).matches(fold(text))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[str], bool]:
    """A text, and words that are parts of it or close to one."""
    text = draw(texts)
    folded = fold(text)
    pieces = st.builds(
        lambda at, size: folded[at : at + size], st.integers(0, max(len(folded) - 1, 0)), st.integers(1, 6)
    )
    words = draw(st.lists(pieces | texts.map(fold), min_size=1, max_size=3))
    split = [word for piece in words for word in piece.split()]
    return text, [word for word in split if kinds(word).strip(BETWEEN)], draw(st.booleans())


@given(cases())
def test_it_agrees_with_the_plain_definition(case: tuple[str, list[str], bool]) -> None:
    text, words, whole = case
    if words:
        assert found(Phrase(tuple(words), whole), text) is reference.matches(text, words, whole=whole)


@given(cases())
def test_no_text_with_a_phrase_lacks_its_tokens(case: tuple[str, list[str], bool]) -> None:
    text, words, whole = case
    tokens = text_tokens(text)
    for phrase in [Phrase(tuple(words), whole)] if words else []:
        there = all(in_index(term, tokens) for term in phrase.terms())
        assert there or not found(phrase, text)
        # The index relies on this to leave messages out.
        assert not phrase.is_one_token or there is found(phrase, text)


@given(texts)
def test_marks_are_places_of_the_text_as_it_was_written(text: str) -> None:
    folded, places = fold_with_places(text)
    assert folded == fold(text)
    assert all(0 <= first < last <= len(text) for first, last in places)
    for word in folded.split()[:2]:
        if kinds(word).strip(BETWEEN):
            spans = marks(text, (Phrase((word,), whole=False),))
            assert spans
            assert all(0 <= first < last <= len(text) for first, last in spans)
            assert all(word[0] in fold(text[first:last]) for first, last in spans)


def test_marks_cover_what_was_typed() -> None:
    text = "They Resumed in 大東京都. The **big** dog 👍🏽!"
    spans = marks(text, parse('resum 東京 "big dog" 👍').phrases)
    assert [text[first:last] for first, last in spans] == ["Resum", "東京", "big** dog", "👍🏽"]


@given(st.text(max_size=2100) | st.text('"-:#@ fromin\0', max_size=80))
def test_no_query_is_too_odd_to_be_read(typed: str) -> None:
    query = parse(typed)
    assert all(phrase.words and all(phrase.words) for phrase in (*query.phrases, *query.without))
    query.matches(fold(typed))


def test_a_token_has_no_sign_that_an_index_would_read() -> None:
    tokens = text_tokens("".join(map(chr, range(0x3000))) + " a'b\"c\\d!r1 *:&|()")
    assert not any(set(token) & set("!^'\"\\*:&|() \t\n\0") for token in tokens)
    # The tokens of two words.
    assert all(len(token) == 3 and token.rfind("~") == 0 for token in tokens if "~" in token)


def test_a_phrase_has_the_tokens_of_its_words_in_their_order() -> None:
    def couples(typed: str) -> set[str]:
        [phrase] = parse(typed).phrases
        return {term.token for term in phrase.terms() if term.token[0] == "~"}

    assert len(couples('"big bad dog"')) == 2
    assert couples('"big bad dog"') > couples('"big bad"') == couples('"big bad do') == couples("big-bad-do")
    assert couples('"bad big"') & text_tokens("a BIG, bad dog and a big dog") == set()
    assert couples('"big, bad"') < text_tokens("a BIG - bad dog")
    assert couples("big") == set()
    # Next to text without spaces only the adjacent character counts: any part of that text may be searched for.
    assert couples('"京 big 東"') == couples('"東京 big 東京"') < text_tokens("大東京 big 東京都")
    assert couples('"big ✅"') < text_tokens("A BIG ✅✅") - text_tokens("✅ big")


def test_a_phrase_of_runs_without_spaces_has_the_pair_between_them() -> None:
    [phrase] = parse('"로지어 세르"').phrases
    between = {term.token for term in phrase.terms()} - text_tokens("로지어") - text_tokens("세르비아")
    assert between == {"어세"}
    assert between < text_tokens("로지어 세르비아") & text_tokens("로지어세르비아")
    assert not between & text_tokens("세르비아 로지어")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("typed", ['"😀 😀 😀 a"', "😀 😀 😀 a", '"😀 a"', '"a 😀 😀"', '"_ _ _ a"'])
def test_a_row_of_signs_is_compared_in_a_time_that_grows_with_its_length(typed: str) -> None:
    query = parse(typed)
    assert not query.matches(fold("b" + 10_000 * "😀"))
    assert not query.matches(fold("b" + 10_000 * "_"))
    assert query.matches(fold(f"{typed.strip(chr(34))} {1_000 * '😀'}"))
