"""The files of the page, ours and Swagger UI's: only these are served."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

_OURS: Final = Path(__file__).with_name("static")
_PACKAGE: Final = "flask_swagger_ui"
"""Only its folder with Swagger UI's release is used; the package is never imported."""

JAVASCRIPT: Final = "text/javascript"
CSS: Final = "text/css"
PNG: Final = "image/png"


class DocsFile(NamedTuple):
    """A file of the page and its media type."""

    path: Path
    media_type: str

    def read(self) -> bytes:
        return self.path.read_bytes()


def docs_files() -> dict[str, DocsFile]:
    """Every file that `/docs/{file}` serves, by name."""
    swagger_ui = _swagger_ui()
    return {
        "page.js": DocsFile(_OURS / "page.js", JAVASCRIPT),
        "page.css": DocsFile(_OURS / "page.css", CSS),
        "swagger-ui-bundle.js": DocsFile(swagger_ui / "swagger-ui-bundle.js", JAVASCRIPT),
        "swagger-ui.css": DocsFile(swagger_ui / "swagger-ui.css", CSS),
        "favicon-32x32.png": DocsFile(swagger_ui / "favicon-32x32.png", PNG),
    }


def page_template() -> str:
    return (_OURS / "page.html").read_text("utf-8")


def _swagger_ui() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {_PACKAGE} is not installed")
    return Path(spec.origin).with_name("dist")
