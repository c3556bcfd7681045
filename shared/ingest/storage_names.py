"""Names of files and blobs, as they may be shown: an Azure URL may contain a signature."""

import re
from typing import Final

_USER: Final = re.compile(r"(:/{1,2})[^\s/?#@]*@")  # one slash in a path that was made of a URL
_URL: Final = re.compile(r"://([^\s?#'\"]*)(?:[?#][^\s'\"]*)?")
_SIGNATURE: Final = re.compile(r"(?i)\b(sig=)[^&\s'\"]+")


def without_secrets(text: str) -> str:
    """The text with its URLs cut down to host and path, and without the `sig=` of a cut-off one.

    Queries hold the signature of a shared access signature (SAS), and a user's password may stand
    before the host.
    """
    return _SIGNATURE.sub(r"\1...", _URL.sub(r"://\1", _USER.sub(r"\1", text)))
