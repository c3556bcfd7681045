"""The running product end to end, over HTTP."""

import gzip
import json
import time
from collections.abc import Iterator

import httpx
import pytest
import redis

from function_app import ROUTES
from tests.api.emulator_users import PASSWORD, SignedInUser
from tests.api.running_product import Product
from tests.api.sample_records import GENRES, REFERENCE, ROWS, STORED
from tests.services.long_timeouts import LONG_SECONDS

EMAIL = "grace@example.org"
LIST_KEYS, VERSION_KEYS = "spotify:features:*", "{spotify:features:*}:version"


@pytest.fixture(scope="module")
def keys(product: Product) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(product.env["REDIS_URL"], decode_responses=True) as client:
        yield client


def _stored(keys: redis.Redis, *names: str) -> None:
    """Wait until the lists are stored, which happens after they are served; at most a minute."""
    limit = time.monotonic() + LONG_SECONDS
    while keys.exists(*(f"spotify:features:{name}" for name in names)) < len(names):
        assert time.monotonic() < limit, f"not all of {names} are stored"
        time.sleep(0.01)


def _read(product: Product, target: str, **headers: str) -> httpx.Response:
    answer = product.client.get(target, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def _sign_in(product: Product) -> dict[str, str]:
    answer = product.client.post("/login", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return {"Authorization": f"Bearer {answer.json()['idToken']}"}


def test_all_features_come_in_id_order_and_the_second_time_from_the_cache(
    product: Product,
) -> None:
    first = _read(product, "/features")
    second = _read(product, "/features")
    assert len(first.json()) == ROWS
    assert first.content == second.content
    assert "hit" in second.headers["cache-status"]


def test_every_spelling_of_a_genre_gives_the_same_list(product: Product) -> None:
    spellings = ("arg=Pop", "=Pop", "arg=pop", "arg=%20POP")
    lists = [_read(product, f"/features/custom?{spelling}").content for spelling in spellings]
    assert len(set(lists)) == 1
    assert {record["genre"] for record in json.loads(lists[0])} == {"Pop"}


def test_the_stored_gzip_arrives_as_it_is(product: Product) -> None:
    with product.client.stream("GET", "/features", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == _read(product, "/features", **{"Accept-Encoding": ""}).content


def test_head_and_304_have_no_content(product: Product) -> None:
    tag = _read(product, "/features").headers["etag"]
    unchanged = product.client.get("/features", headers={"If-None-Match": tag})
    head = product.client.head("/features")
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


def test_pages_follow_each_other_by_their_links(product: Product) -> None:
    whole = _read(product, "/features/custom?arg=Opera").json()
    page, records = _read(product, f"/features/custom?arg=Opera&limit={len(whole) // 3}"), []
    while True:
        records += page.json()
        if "next" not in page.links:
            break
        page = _read(product, page.links["next"]["url"])
    assert records == whole


def test_from_signup_to_a_record_that_everybody_reads(product: Product) -> None:
    credentials = {"email": EMAIL, "password": PASSWORD, "displayName": "Grace"}
    assert product.client.post("/signup", json=credentials).status_code == 201
    assert product.client.post("/signup", json=credentials).status_code == 409
    user = _sign_in(product)
    assert product.client.get("/", headers=user).json() == {"message": "Hello, Grace!"}
    before = _read(product, "/features/custom?arg=Dance").json()
    assert product.client.post("/features/new", json=REFERENCE).status_code == 401
    assert product.client.post("/features/new", json=REFERENCE, headers=user).status_code == 403
    assert "editor" in product.cli("grant", EMAIL, "editor")
    editor = _sign_in(product)
    created = product.client.post("/features/new", json=REFERENCE, headers=editor)
    assert created.status_code == 201
    assert _read(product, "/features/custom?arg=Dance").json() == [*before, STORED]
    assert product.client.post("/features/new", json=REFERENCE, headers=editor).status_code == 409


def test_a_token_is_refused_after_logout_and_renewed_before(product: Product) -> None:
    credentials = {"email": "ken@example.org", "password": PASSWORD}
    product.client.post("/signup", json=credentials).raise_for_status()
    tokens = product.client.post("/login", json=credentials).json()
    body = {"refreshToken": tokens["refreshToken"]}
    renewed = product.client.post("/token", json=body).json()
    user = {"Authorization": f"Bearer {renewed['idToken']}"}
    assert product.client.post("/logout", headers=user).status_code == 204
    assert product.client.get("/", headers=user).status_code == 401


def test_redis_holds_exactly_the_keys_of_the_protocol_for_at_most_an_hour(
    product: Product, keys: redis.Redis
) -> None:
    _read(product, "/features")
    for genre in ("Pop", "R%26B", "no%20such%20genre", "CHILDREN%E2%80%99S%20MUSIC"):
        _read(product, f"/features/custom?arg={genre}")
    _stored(keys, "all", "Pop", "R&B", "Children's Music")
    lists = {str(key) for key in keys.keys(LIST_KEYS)}
    assert not any("such" in key or key != key.strip() for key in lists)
    assert all(0 < keys.pttl(key) <= 3_600_000 for key in lists)
    assert set(keys.keys(VERSION_KEYS)) >= {f"{{{key}}}:version" for key in lists}


def test_a_new_record_removes_its_genre_s_key_and_no_other(
    product: Product, keys: redis.Redis, editor: SignedInUser
) -> None:
    for genre in ("Ska", "Rock"):
        _read(product, f"/features/custom?arg={genre}")
    _stored(keys, "Ska", "Rock")
    body = {**REFERENCE, "genre": "ska", "track_id": "0" * 22}
    headers = {"Authorization": editor.authorization}
    created = product.client.post("/features/new", json=body, headers=headers)
    assert created.json()["genre"] == "Ska"
    assert keys.exists("spotify:features:Ska") == 0
    assert keys.exists("spotify:features:Rock") == 1


def test_an_admin_invalidates_a_list(product: Product, admin: SignedInUser) -> None:
    _read(product, "/features/custom?arg=Folk")
    headers = {"Authorization": admin.authorization}
    answer = product.client.post("/cache/purge", json={"scope": "folk"}, headers=headers)
    assert answer.json() == {"scope": "Folk"}
    assert "fwd=miss" in _read(product, "/features/custom?arg=Folk").headers["cache-status"]


def test_it_says_what_it_is_and_how_it_does(product: Product) -> None:
    assert _read(product, "/api/version").json()["name"] == "smart-cache"
    health = _read(product, "/api/health").json()
    assert health == {"status": "up", "sql": "up", "redis": "up", "identity": "set up"}


@pytest.mark.parametrize(
    "request_line", ["POST /features", "DELETE /", "GET /nothing", "PUT /login"]
)
def test_an_unknown_path_or_method_is_the_platform_s_404(
    product: Product, request_line: str
) -> None:
    method, _, path = request_line.partition(" ")
    answer = product.client.request(method, path)
    assert (answer.status_code, answer.content) in {(404, b""), (204, b"")}


def test_every_route_answers_over_http(product: Product) -> None:
    for route in ROUTES:
        for method in route.methods:
            path = f"/{route.path.strip('/')}".replace("{file}", "page.js")
            answer = product.client.request(method, path)
            assert answer.status_code in {200, 400, 401, 415}, (method, path)
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_sample_has_every_genre(product: Product) -> None:
    genres = {record["genre"] for record in _read(product, "/features").json()}
    assert len(genres) == GENRES
