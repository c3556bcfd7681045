"""The HTML: a template, filled with the URLs of its files and the list of problem types."""

from collections.abc import Mapping
from html import escape
from string import Template
from typing import Final

from shared.errors import ApiError
from shared.http.docs_page.swagger_files import page_template
from shared.http.file_answer import Document
from shared.http.openapi.problems import EXPLAINED
from shared.version import VERSION

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Scripts and styles come from this server only; Swagger UI has its images in its style sheet."""


def page(files: Mapping[str, Document]) -> Document:
    """Build the HTML. Each file's URL carries its digest, so that browsers may cache it forever."""
    names = {_placeholder(name): _url(name, file) for name, file in files.items()}
    problems = "\n".join(_problem(kind, text) for kind, text in EXPLAINED.items())
    html = Template(page_template()).substitute(names, version=VERSION, problems=problems)
    return Document.of(html.encode(), "text/html")


def version_of(file: Document) -> str:
    """The digest in the URL of the current file."""
    return file.identity.digest[:16]


def _url(name: str, file: Document) -> str:
    return f"docs/{name}?v={version_of(file)}"


def _placeholder(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")


def _problem(kind: type[ApiError], text: str) -> str:
    title = f"{kind.status} {kind.title}"
    parts = escape(text).split("`")
    marked = "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
    return f'<dt id="{kind.slug}">{escape(title)}</dt><dd>{marked}</dd>'
