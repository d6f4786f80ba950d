"""Texts designed to be slow to parse, and random sequences of marks."""

import random

SLOW = [
    "*a " * 3000,
    "**a" * 3000,
    "[" * 9000,
    "[" * 990 + "a" * 9000,
    "[" * 900 + "](" * 90,
    "[a](b" * 300,
    "![a" * 300 + "](x)" * 100,
    "`a" * 4000 + "`",
    "` `` " * 300,
    "\\`" * 450,
    "\\*a" * 300,
    "> " * 4000,
    "> > > > > > > > > > a\n" * 90,
    ">\n" * 390,
    "@" * 9000,
    "@bob " * 900,
    "a@b." * 249,
    "https://" * 1200,
    "https://a.b/(((((" * 200,
    "https://a.example/x " * 480,
    "www." * 2000,
    "~~*_" * 2400,
    "_a" * 900,
    "*a_" * 480,
    "- a\n" * 2500,
    "- 5\n" * 390,
    "> a\n- b\n" * 1200,
    "\n" * 9000 + "a",
    " " * 9000 + "a",
    "a" + " " * 9000 + "b",
    "#a " * 3000,
    "|a" * 9 + "\n" + "|-" * 9 + "\n" + "|\n" * 390,
    "```\n" * 390,
    "".join(" " * (2 * level) + "- a\n" for level in range(60)),
    ":a" * 900,
]
_MARKS = "* ** _ __ ~~ ~ ` `` ``` [ ] ( ) ]( \\ \\* \\_ - + > # 1. 2) | < <b> & / //"
_SIGNS = ". , ! ? : ; 。 「 」 （ ） 日本 テ é ü किताब ไทย 😀 👍🏽 \u200b \u202e a b foo 5 10 xn--"
_CALLS = "@bob @alice_ #garden :tada: ada@d.example www.c.example http:// https://a.example/x https://b.example"
_SPACES = [" ", "  ", "\t", "\n", "\n\n", "\n- ", "\n> ", "\n1. ", "\n# ", "\n```\n", "\u3000", "\u00a0"]
_WHOLE = ["[x](https://a.example)", "[a.example](https://evil.example)", "![i](https://a.example)", "**x**", "_y_"]
_TABLE = "\n| a | b |\n|---|---|\n| "
_PIECES = [*_MARKS.split(), *_SIGNS.split(" "), *_CALLS.split(), *_SPACES, *_WHOLE, _TABLE]


def mixed(count: int, seed: int) -> list[str]:
    """Texts composed of marks and words, the same for the same seed."""
    dice = random.Random(seed)
    return ["".join(dice.choice(_PIECES) for _ in range(dice.randint(2, 16))) for _ in range(count)]
