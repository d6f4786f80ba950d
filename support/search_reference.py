"""The definition of a match, written as simply as possible: slow, without an index, character by character."""

import unicodedata

from chat.search import characters
from chat.search.folding import fold


def is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" and not is_dense(char)


def is_dense(char: str) -> bool:
    code = ord(char)
    if unicodedata.category(char) in ("So", "Cn", "Co"):
        return True
    if any(first <= code <= last for first, last in characters._PICTURES):
        return True
    spaceless = any(first <= code <= last for first, last in characters._UNSPACED)
    return spaceless and unicodedata.category(char)[0] in "LMN"


def goes_on(text: str, at: int) -> bool:
    """Whether this position is inside a word."""
    return 0 < at < len(text) and is_word(text[at - 1]) and is_word(text[at])


def word_at(text: str, word: str, at: int, *, ends: bool) -> bool:
    there = text[at : at + len(word)] == word and not goes_on(text, at)
    return there and not (ends and goes_on(text, at + len(word)))


def phrase_at(text: str, words: list[str], at: int, *, whole: bool) -> bool:
    first, *rest = words
    if not word_at(text, first, at, ends=whole or bool(rest)):
        return False
    if not rest:
        return True
    gap = at + len(first)
    for start in range(gap, len(text)):
        # The next occurrence of the word decides, as for a reader who looks for it.
        if word_at(text, rest[0], start, ends=whole or len(rest) > 1):
            between = text[gap:start]
            return not any(is_word(char) or is_dense(char) for char in between) and phrase_at(
                text, rest, start, whole=whole
            )
    return False


def matches(text: str, words: list[str], *, whole: bool = False) -> bool:
    """Whether a message with this text has the phrase."""
    folded = fold(text)
    return any(phrase_at(folded, words, at, whole=whole) for at in range(len(folded)))
