"""The HTML: a template, filled with the URLs of its files and the list of problem types."""

from html import escape
from string import Template
from typing import Final

from shared.errors import ApiError
from shared.http.docs_page.swagger_files import docs_files, page_template
from shared.http.file_answer import digest_of
from shared.http.openapi.problems import EXPLAINED
from shared.version import VERSION

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Scripts and styles come from this server only; Swagger UI has its images in its style sheet."""


def page() -> bytes:
    """Build the HTML. Each file's URL carries its digest, so that browsers may cache it forever."""
    names = {_placeholder(name): _url(name) for name in docs_files()}
    problems = "\n".join(_problem(kind, text) for kind, text in EXPLAINED.items())
    return Template(page_template()).substitute(names, version=VERSION, problems=problems).encode()


def version_of(name: str) -> str:
    """The digest in the URL of the current file."""
    return digest_of(docs_files()[name].read())[:16]


def _url(name: str) -> str:
    return f"docs/{name}?v={version_of(name)}"


def _placeholder(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")


def _problem(kind: type[ApiError], text: str) -> str:
    title = f"{kind.status} {kind.title}"
    parts = escape(text).split("`")
    marked = "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
    return f'<dt id="{kind.slug}">{escape(title)}</dt><dd>{marked}</dd>'
