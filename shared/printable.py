"""Text from outside, made safe to show."""

import unicodedata


def printable(text: str) -> str:
    r"""The text on one line, with escapes (`\n`, `\x1b`, `\u202e`) for what is not printable.

    A terminal obeys control characters, and format characters hide or reorder what stands beside
    them. Escaped are `str.isprintable`'s categories, spaces of other scripts apart.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return ascii(character)[1:-1]
