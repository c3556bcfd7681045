"""Generated artists and titles, in several scripts, with quotes and commas that test parsers."""

# ruff: noqa: PLR2004, SIM905 - a name for each probability and each list would explain nothing

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Final

MAX_ARTIST: Final = 52
MAX_TITLE: Final = 209

_ONSETS: Final = "b br c ch d dr f fl g gr h j k l m n p pr qu r s sh st t tr v w y z".split()
_NUCLEI: Final = "a e i o u a e i o ai ea ee ou".split()
_CODAS: Final = ["", "", "", "n", "r", "l", "s", "nd", "th", "ck", "m", "st"]
_ACCENTED: Final = "é è ê á à ã ó ö ø ü ú í ñ ç å ß ž š".split()
_SMALL_WORDS: Final = "the of my in to and a on for you me your la el de no".split()

_SCRIPTS: Final = {
    "kana": (
        "あいうえおかきくけこさしすせそたちつてとなにぬねのまみむめもやゆよらりるれろん",
        3,
        9,
    ),
    "katakana": ("アイウエオカキクケコサシスセソタチツテトナニヌネノマミムメモラリルレロン", 3, 8),
    "han": ("月夜花風雨海山空星光心夢音春秋冬夏雪鳥水火木金土白青赤黒天地人愛", 2, 6),
    "hangul": ("가나다라마바사아자차카타파하별달꽃눈비봄밤길숲물빛꿈", 2, 7),
    "cyrillic": ("абвгдежзийклмнопрстуфхцчшыьэюя", 4, 10),
    "greek": ("αβγδεζηθικλμνξοπρστυφχψω", 4, 9),
    "hebrew": ("אבגדהוזחטיכלמנסעפצקרשת", 3, 7),
    "thai": ("กขคงจชดตทนบปพมยรลวสหอ", 3, 8),
}

_ENDINGS: Final = (
    " - Remastered",
    " - Live",
    " (Live)",
    " - Radio Edit",
    " - Original Mix",
    " (Acoustic)",
    " - Instrumental",
    " (feat. {})",
    ", Op. 12, No. 3: II. Allegro",
    ", Pt. 2",
    ' "{}"',
    " / {}",
    " & {}",
    " &amp; {}",
    " \\ {}",
    " \U0001f3b5",
)
_ENDING_WEIGHTS: Final = (20, 10, 10, 6, 6, 4, 4, 14, 8, 6, 7, 3, 8, 1, 1, 0.3)
_TITLE_WORDS: Final = (1, 2, 3, 4, 5, 6, 9)
_TITLE_MARKS: Final = tuple(accumulate((26, 31, 22, 11, 6, 3, 1)))


class Names:
    """Generates names; an equal random generator gives equal names."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = [self._word() for _ in range(4000)] + _SMALL_WORDS * 60
        self._foreign = {
            script: [
                "".join(random.choices(letters, k=random.randint(low, high))) for _ in range(400)
            ]
            for script, (letters, low, high) in _SCRIPTS.items()
        }

    def artists(self, count: int, scripts: Sequence[str]) -> list[str]:
        return [self._artist(scripts) for _ in range(count)]

    def title(self, scripts: Sequence[str]) -> str:
        """Return a title, sometimes in one of `scripts` instead of Latin."""
        random = self._random
        chance = random.random()
        if scripts and chance < 0.5:
            return " ".join(self._foreign_words(scripts))
        if chance > 0.985:
            return " ".join(self._foreign_words(tuple(_SCRIPTS)))
        length = random.choices(_TITLE_WORDS, cum_weights=_TITLE_MARKS)[0]
        name = " ".join(random.choices(self._words, k=length))
        title = name[0].upper() + name[1:] if chance < 0.7 else name.title()
        return title + self._ending() if chance > 0.72 else title

    def longest(self, length: int) -> str:
        """Return a name of exactly `length` characters, with a comma, which CSV must quote."""
        words = ", ".join(self._random.choices(self._words, k=length))
        return words[: length - 1].rstrip(" ,").ljust(length, "o")

    def _ending(self) -> str:
        ending = self._random.choices(_ENDINGS, _ENDING_WEIGHTS)[0]
        return ending.format(self._random.choice(self._words).title())

    def _artist(self, scripts: Sequence[str]) -> str:
        random = self._random
        if scripts and random.random() < 0.3:
            return " ".join(self._foreign_words(scripts))[:MAX_ARTIST]
        words = random.choices(self._words, k=random.choice((1, 1, 2, 2, 2, 2)))
        name = random.choice(("", "", "", "", "", "", "The ", "DJ ")) + " ".join(words).title()
        return name[:MAX_ARTIST].rstrip()

    def _foreign_words(self, scripts: Sequence[str]) -> list[str]:
        script = self._random.choice(scripts)
        return self._random.choices(self._foreign[script], k=self._random.choice((1, 1, 2)))

    def _word(self) -> str:
        random = self._random
        syllables = [
            random.choice(_ONSETS) + random.choice(_NUCLEI) + random.choice(_CODAS)
            for _ in range(random.choice((1, 1, 2, 2, 3)))
        ]
        word = "".join(syllables)
        return word + random.choice(_ACCENTED) if random.random() < 0.02 else word
