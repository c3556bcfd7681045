"""The HTML of both pages: templates, filled with URLs of files and the list of problem types."""

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Final

from shared.errors import ApiError
from shared.http.docs_page.static_files import template
from shared.http.file_answer import Document
from shared.http.openapi.problems import EXPLAINED
from shared.version import VERSION

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Scripts and styles come from this server only; Swagger UI has its images in its style sheet."""

_API, _CACHE = "API", "Cache"


def api_page(files: Mapping[str, Document]) -> Document:
    """Build `/docs`, which shows the API's description."""
    problems = "\n".join(_problem(kind, text) for kind, text in EXPLAINED.items())
    header = _header({_API: "docs", _CACHE: "docs/status"}, _API)
    return _page("page.html", files, "docs/", header=header, problems=problems)


def status_page(files: Mapping[str, Document]) -> Document:
    """Build `/docs/status`, which shows the cache."""
    return _page(
        "status.html", files, "", header=_header({_API: "../docs", _CACHE: "status"}, _CACHE)
    )


def version_of(file: Document) -> str:
    """The digest in the URL of the current file."""
    return file.identity.digest[:16]


def _page(name: str, files: Mapping[str, Document], folder: str, **parts: str) -> Document:
    """Each file's URL carries its digest, so that browsers may cache it forever."""
    urls = {
        _placeholder(name): f"{folder}{name}?v={version_of(file)}" for name, file in files.items()
    }
    html = Template(template(name)).substitute(urls, **parts)
    return Document.of(html.encode(), "text/html")


def _header(urls: Mapping[str, str], current: str) -> str:
    """The bar above both pages: links between them, and the sign-in."""
    links = " ".join(_link(name, url, is_current=name == current) for name, url in urls.items())
    return Template(template("header.html")).substitute(version=VERSION, links=links)


def _link(name: str, url: str, *, is_current: bool) -> str:
    mark = ' aria-current="page"' if is_current else ""
    return f'<a href="{url}"{mark}>{name}</a>'


def _placeholder(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")


def _problem(kind: type[ApiError], text: str) -> str:
    title = f"{kind.status} {kind.title}"
    parts = escape(text).split("`")
    marked = "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
    return f'<dt id="{kind.slug}">{escape(title)}</dt><dd>{marked}</dd>'
