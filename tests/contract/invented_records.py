"""Records at the borders of every rule, invented from a seed.

Each is a plain record with one to three columns changed. Left out is what a T-SQL server does not
store (NUL, lone surrogates), what the procedure does not do (compose artists and titles), and, on a
server that counts code points, lengths in UTF-16 units beyond the Basic Multilingual Plane.
"""

import random
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final

from shared.tracks.track import COLUMNS

PLAIN: Final = ["Dance", "Nilo Vesta", "Paper Lanterns", "7aB3dE5fG7hJ9kL1mN3pQ5", "61", "0.611",
                "0.389", "234147", "0.91", "0", "C#", "0.346", "-1.828", "Major", "0.0525",
                "166.969", "4/4", "0.814"]  # fmt: skip

BLANKS: Final = [chr(code) for code in range(1, 0x3001) if chr(code).isspace()]
CASED: Final = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) != "Cs" and chr(code).casefold() != chr(code)
]
MARKS: Final = [chr(code) for code in range(0x20000) if unicodedata.combining(chr(code))]
INVISIBLE: Final = [*"\u00ad\u200b\u200c\u200d\u2060\ufeff\u3164\u2800\ufe0f\u034f\u1160\U000e0061"]
PIECES: Final[Sequence[Sequence[str]]] = (
    [*"abcXYZ 0-&'{}\u2019"],
    [*"\x01\t\n\x1f\x7f\x85\x9f"],
    BLANKS,
    INVISIBLE,
    CASED,
    [letter.casefold() for letter in CASED],
    MARKS,
    [*"\u0627\u0648\u064a\u0915\u09c7\u0653\u0654\u093c\u094d\u09be\u0130i\u1b05\u1b35"],
    [*"\u30c0\u30a2\u4e16\uac00\u1100\u1161\u11a8\ufb01\ufb4f\U0001f3a7\U00020bb7\U0002f800"],
    [*"\ue000\ufffe\U000f0000\U0010ffff\u0378\ufffd"],
)
# fmt: off
NAMES: Final = (
    "Pop", "Stra\u00dfe", "all", "\u039f\u0394\u039f\u03a3", "Children\u2019s Music", "\u1fb3",
    "\u03d1", "\u00b5", "Lo-\ufb01", "\U00010400", "R&B", "\u0149", "\u13a0", "\u01f0", "\ua64a",
)
LIKE_ALL: Final = (
    "all", "ALL", "aLl", " all\u3000", "\uff41\uff4c\uff4c", "al\u00adl", "a\u200bll", "\u0430ll",
    "alI", "a l l", "all\u0301", "\U0001d41a\U0001d425\U0001d425",
)
NUMBERS: Final = (
    "", " ", "0", "-0", "1", "1.0", "1e0", "0.0001e-99", "1e-99", "9.9e-99", "-1e-99", "1e-100",
    "1e99", "nan", "inf", "-inf", "+1", ".5", "5.", "1e", "1e+", "1_0", "0x1", "1,5", "\u0661",
    "\uff11", "1d0", "$1", "--1", "1e1.0", "100", "100.5", "2147483647", "2147483648",
    "-2147483649", "0.9999999999999999999999999999", "-100", "20.0001", "500",
    "500.00000000000001", "\u200b1", "1\u200b", "007", "1 0", "1e-07",
)
TRACK_IDS: Final = (
    "", "x" * 21, "x" * 23, "x" * 21 + "-", "x" * 21 + "\u00e9", "x" * 10 + " " + "x" * 11,
    "\uff11" * 22, "\u0661" * 22, "\ufeff" + "x" * 21, "x" * 21 + "\u200b",
)
CHOICES: Final = (
    "", " ", "C", "c", "C#", "C\u266f", "\uff23", "Major", "major", "Minor", "\uff2dajor", "4/4",
    "4-Apr", "04-Apr", "4-apr", "0/4", "5-Apr", "2-Apr", "C\u200b",
)
# fmt: on


class Inventor:
    """Invents records; `counts_units` says what the server's LEN counts."""

    def __init__(self, seed: int, *, counts_units: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- test data
        self._wide = ["\U0001f3a7"] if counts_units else []

    def records(self, count: int) -> list[list[str]]:
        """Rows of the data set's 18 texts."""
        return [self._record(number) for number in range(count)]

    def _record(self, number: int) -> list[str]:
        """A number of ten may be that of an earlier record."""
        original = number if self._random.random() < 0.9 else self._random.randrange(number + 1)
        row = dict(zip(COLUMNS, PLAIN, strict=True)) | {"track_id": f"{original:022}"}
        count = self._random.choice([1, 1, 2, 3])
        names = ["genre"] if self._random.random() < 0.5 else self._random.sample(COLUMNS, count)
        for name in names:
            row[name] = self._around(self._text(name, row["track_id"]))
        return list(row.values())

    def _text(self, column: str, track_id: str) -> str:
        match column:
            case "genre":
                return self._genre()
            case "artist_name":
                return self._name(500)
            case "track_name":
                return self._name(1000)
            case "track_id":
                return self._random.choice([track_id, *TRACK_IDS])
            case "key" | "mode" | "time_signature":
                return self._random.choice(CHOICES)
            case _:
                return self._number()

    def _genre(self) -> str:
        length = self._random.choice([49, 50, 51, 99, 100, 101])
        long = self._random.choice(["x", "\u00e9", "\ufb03", "\U0001f3a7", "\u0130"]) * length
        composed = unicodedata.normalize("NFC", self._letters())
        like_all = self._random.choice(LIKE_ALL)
        spellings = [self._spelling() for _ in range(3)]
        return self._random.choice([*spellings, like_all, self._letters(), composed, long])

    def _spelling(self) -> str:
        name = self._random.choice([*NAMES, *NAMES, self._random.choice(CASED)])
        return self._random.choice(
            [name, name.upper(), name.lower(), name.title(), name.casefold()]
        )

    def _name(self, limit: int) -> str:
        """In NFC: the procedure stores names as they are."""
        wide = self._random.choice(["x", "\u00e9", *self._wide])
        length = limit // len(wide.encode("utf-16-le")) * 2
        long = wide * self._random.choice([length - 1, length, length + 1, 3000])
        unseen = self._random.choices([*INVISIBLE, *BLANKS], k=self._random.randint(1, 4))
        name = self._random.choice([self._letters(), self._letters(), "".join(unseen), long])
        return unicodedata.normalize("NFC", name)

    def _letters(self) -> str:
        pieces = self._random.choices(PIECES, k=self._random.randint(1, 6))
        return "".join(map(self._random.choice, pieces))

    def _number(self) -> str:
        digits = "".join(self._random.choices("0123456789", k=self._random.randint(1, 28)))
        point = self._random.randint(0, len(digits))
        exponent = self._random.choice(["", "e", "E-", "e+"])
        invented = f"{self._random.choice(['', '-', '0.'])}{digits[:point]}.{digits[point:]}"
        power = self._random.randint(0, 120) if exponent else ""
        whole = str(self._random.choice([0, 1, 100, 101, 2**31 - 1, 2**31, 10**20]))
        real = repr(self._random.uniform(-1, 2) * 10.0 ** self._random.randint(-110, 3))
        odd = self._random.choice(NUMBERS)
        return self._random.choice(
            [odd, f"{invented}{exponent}{power}", whole, real, digits, "0.5"]
        )

    def _around(self, text: str) -> str:
        """Now and then with blanks around it."""
        if self._random.random() < 0.8:
            return text
        return self._random.choice(BLANKS) + text + self._random.choice(BLANKS)
