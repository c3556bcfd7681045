"""The files of the pages, ours and Swagger UI's: only these are served."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.http.file_answer import Document

_OURS: Final = Path(__file__).with_name("static")
_PACKAGE: Final = "flask_swagger_ui"
"""Only its folder with Swagger UI's release is used; the package is never imported."""

JAVASCRIPT: Final = "text/javascript"
CSS: Final = "text/css"
PNG: Final = "image/png"

_SCRIPTS: Final = ("sign-in.js", "page.js", "status.js")
_STYLES: Final = ("header.css", "page.css", "status.css")


def docs_files() -> dict[str, Document]:
    """Read every file that `/docs/{file}` serves, by name."""
    swagger_ui = _swagger_ui()
    return {
        **{name: _document(_OURS / name, JAVASCRIPT) for name in _SCRIPTS},
        **{name: _document(_OURS / name, CSS) for name in _STYLES},
        "swagger-ui-bundle.js": _document(swagger_ui / "swagger-ui-bundle.js", JAVASCRIPT),
        "swagger-ui.css": _document(swagger_ui / "swagger-ui.css", CSS),
        "favicon-32x32.png": _document(swagger_ui / "favicon-32x32.png", PNG),
    }


def template(name: str) -> str:
    return (_OURS / name).read_text("utf-8")


def _document(path: Path, media_type: str) -> Document:
    return Document.of(path.read_bytes(), media_type)


def _swagger_ui() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {_PACKAGE} is not installed")
    return Path(spec.origin).with_name("dist")
