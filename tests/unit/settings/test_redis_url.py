"""REDIS_URL: what it may say, and that nothing of it is in the message that refuses it."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import strategies

from shared.settings.redis_url import SCHEMES, RedisUrl, parse_redis_url
from tests.contract.store.certificates import Authority
from tests.examples import given


@pytest.mark.parametrize(
    ("text", "host", "port", "database"),
    [
        ("redis://localhost", "localhost", 6379, 0),
        ("redis://localhost/", "localhost", 6379, 0),
        ("redis://my_redis:1/15", "my_redis", 1, 15),
        ("redis://10.0.0.7:65535", "10.0.0.7", 65535, 0),
        ("redis://[2001:db8::7]:7000/1", "2001:db8::7", 7000, 1),
        ("redis://[::1]", "::1", 6379, 0),
        ("redis://a.example./0", "a.example.", 6379, 0),
        ("redis://a-1.example?", "a-1.example", 6379, 0),
        (" \tredis://localhost:7\r\n", "localhost", 7, 0),
        ("REDIS://localhost", "localhost", 6379, 0),
    ],
)
def test_the_parts_of_a_url(text: str, host: str, port: int, database: int) -> None:
    assert parse_redis_url(text) == RedisUrl(host, port, tls=False, cluster=False, db=database)


@pytest.mark.parametrize("scheme", [*SCHEMES, "Redis+Cluster", "REDISS"])
@pytest.mark.parametrize("sign_in", [":p%40ss%2Fw%23rd%3F@", "%61pp:p%40ss%2Fw%23rd%3F@", ""])
def test_every_scheme_takes_a_percent_encoded_sign_in(scheme: str, sign_in: str) -> None:
    url = parse_redis_url(f"{scheme}://{sign_in}cache.example")
    assert url.tls is scheme.lower().startswith("rediss")
    assert url.cluster is scheme.lower().endswith("+cluster")
    assert url.password == ("p@ss/w#rd?" if sign_in else None)
    assert url.user == ("app" if "pp:" in sign_in else None)


@given(strategies.text(min_size=1), strategies.text())
def test_every_text_can_be_a_password(password: str, user: str) -> None:
    try:
        encoded = f"{quote(user, safe='')}:{quote(password, safe='')}"
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8 form
    url = parse_redis_url(f"redis://{encoded}@localhost")
    assert (url.user, url.password) == (user or None, password)


# `§` stands for a secret.
WRONG = [
    "",
    "redis",
    "redis:",
    "redis:/localhost",
    "redis://",
    "redis:///0",
    "redis://:6379",
    "http://localhost",
    "unix:///tmp/redis.sock",
    "valkey://localhost",
    "redis+sentinel://localhost",
    "localhost:6379",
    "localhost:6379,password=§,ssl=True",
    "redis://localhost:",
    "redis://localhost:0",
    "redis://localhost:70000",
    "redis://localhost:65536",
    "redis://localhost:-1",
    "redis://localhost:6_379",
    "redis://localhost:٦٣٧٩",
    "redis://localhost:abc",
    "redis://localhost:6379:6379",
    "redis://one:1,two:2",
    "redis://local host",
    "redis://loc\talhost",
    "redis://loc\nalhost",
    "redis://lócalhost",
    "redis://%6cocalhost",
    "redis://-a",
    "redis://256.1.1.1",
    "redis://1.2.3",
    "redis://::1",
    "redis://[::1",
    "redis://[::g]",
    "redis://[]",
    "redis://[127.0.0.1]",
    "redis://localhost/one",
    "redis://localhost/1/",
    "redis://localhost//1",
    "redis://localhost/-1",
    "redis://localhost/1_0",
    "redis://localhost/1.0",
    "redis://localhost/٣",
    "redis://localhost/99999999999999999999",
    "redis+cluster://localhost/1",
    "rediss+cluster://localhost/15",
    "redis://localhost#",
    "redis://localhost/0#part",
    "redis://localhost?db=1",
    "redis://localhost?protocol=3",
    "redis://localhost?decode_responses=True",
    "redis://localhost?socket_timeout=100",
    "rediss://localhost?ssl_cert_reqs=none",
    "redis://localhost?auth",
    "redis://localhost?=",
    "redis://localhost?&",
    "redis://localhost?password=§",
    "rediss://localhost?auth=",
    "rediss://localhost?auth=entra&",
    "rediss://localhost?AUTH=entra",
    "rediss://localhost?auth=entra&auth=entra",
    "rediss://localhost?ssl_ca_certs=",
    "rediss://localhost?ssl_ca_certs=/nowhere/§.pem",
    "rediss://localhost?ssl_ca_certs=/dev/null",
    "rediss://localhost?ssl_ca_certs=/",
    "redis://localhost?ssl_ca_certs=/etc/passwd",
    "redis://user@localhost",
    "redis://user:@localhost",
    "redis://:@localhost",
    "redis://@localhost",
    "redis://:§",
    "redis://:%zz@localhost",
    "redis://:50%@localhost",
    "redis://:%FF@localhost",
    "redis://%C3:pass@localhost",
]
UNENCODED = [
    "redis://:§#§@localhost:6379/0",
    "redis://:§/§@localhost:6379/0",
    "redis://:§?§@localhost:6379/0",
    "redis://:§@§@localhost:6379/0",
    "redis://user:12#§@localhost",
    "redis://user:12/§@localhost",
    "redis://user:12/3@§",
    "redis://user:12?§@localhost",
    "redis+cluster://:§ §@localhost",
    "rediss://:§%§@localhost",
    "rediss+cluster://:§\n§@localhost",
    "redis://:é§@localhost",
    "redis://:[§]<>@localhost",
    "§",
    "§://localhost",
    "redis://§:§@localhost?auth=entra",
    "rediss://§:§@localhost?auth=entra",
    "rediss://localhost?auth=§",
    "redis://localhost?§=1",
    "redis://localhost/§",
    "redis://localhost:§",
]


@pytest.mark.parametrize("text", WRONG + UNENCODED)
def test_a_url_that_cannot_work_is_refused_without_a_piece_of_it(text: str) -> None:
    secret = "Kq8wZr4tYp"
    with pytest.raises(ValueError, match=" ") as refused:
        parse_redis_url(text.replace("§", secret))
    message = f"{refused.value} {refused.value!r}"
    assert type(refused.value) is ValueError
    assert not [piece for piece in pieces(secret) if piece in message]


def pieces(secret: str) -> Iterator[str]:
    return (secret[start : start + 4] for start in range(len(secret) - 3))


@given(strategies.text())
def test_no_text_at_all_is_another_error(text: str) -> None:
    for url in (text, f"redis://{text}", f"redis://:{text}@localhost", f"redis://a?{text}"):
        assert raised_by(url) in {None, ValueError}


def raised_by(url: str) -> type[Exception] | None:
    try:
        parse_redis_url(url)
    except Exception as error:  # noqa: BLE001 -- any type is of interest
        return type(error)
    return None


def test_nothing_of_the_sign_in_is_shown() -> None:
    url = parse_redis_url("redis://Kq8wZr4tYp:Kq8wZr4tYp@localhost")
    assert "Kq8w" not in f"{url} {url!r}"


def test_an_authority_s_file_is_checked_when_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca 1.pem"
    _, _, written = Authority("test").write_server_files(tmp_path)
    written.rename(file)
    url = parse_redis_url(f"rediss://localhost?ssl_ca_certs={str(file).replace(' ', '%20')}")
    assert url.ca_file == str(file)
