"""The pages' files: only listed ones, one content policy, no other host."""

import gzip
import re
from urllib.parse import urljoin

import pytest

from shared.http.docs_page.page import POLICY
from shared.http.docs_page.static_files import docs_files
from shared.http.openapi.problems import EXPLAINED
from tests.api.api_client import Api

_ADDRESS = re.compile(r'(?:src|href)="([^"#]*)"')


PAGES = ("/docs", "/docs/status")
NO_FILES = {"/openapi.json", "/cache/status", *PAGES}


async def _addresses(api: Api, page: str) -> set[str]:
    """What the page loads and links to, from the root as a browser resolves it."""
    named = _ADDRESS.findall((await api.get(page)).body.decode())
    assert not [address for address in named if ":" in address or address.startswith("/")]
    return {urljoin(page, address) for address in named}


async def test_the_pages_name_files_of_their_own_alone(api: Api) -> None:
    named = {one.partition("?")[0] for page in PAGES for one in await _addresses(api, page)}
    assert named == NO_FILES | {f"/docs/{name}" for name in docs_files()}


@pytest.mark.parametrize("page", PAGES)
async def test_every_file_that_a_page_names_may_be_kept_for_good(api: Api, page: str) -> None:
    for address in await _addresses(api, page) - NO_FILES:
        answer = await api.get(address, Accept_Encoding="gzip")
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        name = address.removeprefix("/docs/").partition("?")[0]
        assert gzip.decompress(answer.body) == docs_files()[name].identity.data


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000000000000000"])
async def test_a_file_under_another_address_is_revalidated(api: Api, query: str) -> None:
    answer = await api.get(f"/docs/page.js{query}")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = await api.get(f"/docs/page.js{query}", If_None_Match=answer.headers["ETag"])
    assert again.status == 304


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "header.html",
        "status.html",
        "Status",
        "..",
        "files.py",
        "swagger-ui.js",
        "PAGE.JS",
        "",
    ],
)
async def test_a_file_that_is_not_on_the_list_is_404(api: Api, name: str) -> None:
    assert (await api.get(f"/docs/{name}")).status == 404


@pytest.mark.parametrize("page", PAGES)
async def test_scripts_and_styles_may_come_from_here_alone(api: Api, page: str) -> None:
    answer = await api.get(page)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    html = answer.body.decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=|javascript:", html)


async def test_every_problem_type_leads_to_its_explanation(api: Api) -> None:
    html = (await api.get("/docs")).body.decode()
    for kind in EXPLAINED:
        assert f'<dt id="{kind.slug}">{kind.status} {kind.title}</dt>' in html
