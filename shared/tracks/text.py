"""How long a text is where it is stored."""


def utf16_length(text: str) -> int:
    """The length as nvarchar counts it: an emoji takes two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
