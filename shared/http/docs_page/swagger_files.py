"""The page's files: an allow-list, ours and Swagger UI's."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

_OURS: Final = Path(__file__).with_name("static")
_PACKAGE: Final = "flask_swagger_ui"
"""Of it only the folder with Swagger UI's own release is used; it is never imported."""

JAVASCRIPT: Final = "text/javascript"
CSS: Final = "text/css"
PNG: Final = "image/png"


class DocsFile(NamedTuple):
    """A file of the page, and the media type that it is served with."""

    path: Path
    media_type: str

    def read(self) -> bytes:
        return self.path.read_bytes()


def docs_files() -> dict[str, DocsFile]:
    """Every file that `/docs/{file}` serves, by name."""
    theirs = _swagger_ui()
    return {
        "page.js": DocsFile(_OURS / "page.js", JAVASCRIPT),
        "page.css": DocsFile(_OURS / "page.css", CSS),
        "swagger-ui-bundle.js": DocsFile(theirs / "swagger-ui-bundle.js", JAVASCRIPT),
        "swagger-ui.css": DocsFile(theirs / "swagger-ui.css", CSS),
        "favicon-32x32.png": DocsFile(theirs / "favicon-32x32.png", PNG),
    }


def page_template() -> str:
    return (_OURS / "page.html").read_text("utf-8")


def _swagger_ui() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {_PACKAGE} is not installed")
    return Path(spec.origin).with_name("dist")
