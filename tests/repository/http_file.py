"""Reads examples/smart-cache.http: the part of the REST Client format that the file uses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "smart-cache.http"
_PLACE = re.compile(r"\{\{(.+?)\}\}")


@dataclass(frozen=True)
class Request:
    """One request as it is written, with its `{{places}}`; `statuses` are those of its title."""

    title: str
    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    prompts: tuple[str, ...]
    statuses: frozenset[int]


def variables(text: str) -> dict[str, str]:
    """The file's own variables, by name."""
    return dict(re.findall(r"^@(\w+) = (.+)$", text, re.MULTILINE))


def requests(text: str) -> Iterator[Request]:
    """Every request, from top to bottom."""
    for block in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        head, _, body = rest.partition("\n\n")
        lines = [line for line in head.splitlines() if not line.startswith("#")]
        method, _, url = lines[0].partition(" ")
        yield Request(
            title=title,
            name="".join(re.findall(r"^# @name (\w+)$", head, re.MULTILINE)),
            method=method,
            url=url,
            headers=dict(line.split(": ", 1) for line in lines[1:]),
            body=body.strip(),
            prompts=tuple(re.findall(r"^# @prompt (\w+)", head, re.MULTILINE)),
            statuses=frozenset(map(int, re.findall(r"\b[2-5]\d\d\b", title.rpartition(": ")[2]))),
        )


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. Raises KeyError for a place that has no value."""
    return _PLACE.sub(lambda place: values[place[1]], text)
