"""The HTTP side, asked as a stranger would: statuses, bodies and headers as the contract has them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.auth import Principal
from gateway.auth.tokens import Tokens
from gateway.errors import CallerError, Code, HttpProblem, InternalError, Refusal
from gateway.question import Options, Question
from gateway.server import create_routes
from gateway.server.media import acceptable
from gateway.settings import Settings, SettingsError
from gateway.strict_json import NotJson, read_json

pytestmark = pytest.mark.anyio

TOKENS = Tokens(b"0123456789abcdef0123456789abcdef", "i", "a", 3600, {"support_agent"})
TOKEN = TOKENS.mint("support_agent")
AUTH = {"Authorization": f"Bearer {TOKEN}"}
JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
SETTINGS = Settings.load(environ={})


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Recorder:
    """A pipeline that remembers what it was asked, and answers or raises what a test wants."""

    says: bytes | Exception = b'{"data":{"a":1}}'
    asked: list[tuple[Question, Principal, Options]] = field(default_factory=list)

    async def __call__(self, question: Question, principal: Principal, options: Options) -> bytes:
        self.asked.append((question, principal, options))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


def app(pipeline: Recorder, ready: bool = True, settings: Settings = SETTINGS) -> Any:
    return create_routes(
        pipeline, TOKENS, settings, lambda who: f"# for {who.role}\ntype Query {{ a: Int }}", lambda: ready
    )


@asynccontextmanager
async def door(pipeline: Recorder | None = None, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app(pipeline or Recorder(), **more))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        client.headers.clear()
        yield client


async def post(body: Any, headers: dict[str, str] | None = None, pipeline: Recorder | None = None) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with door(pipeline) as client:
        return await client.post("/graphql", content=content, headers={"Content-Type": JSON, **AUTH, **(headers or {})})


def first(response: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = response.json()["errors"][0]
    assert "data" not in response.json()
    return error


async def test_a_question_reaches_the_pipeline_whole_and_its_answer_goes_back_as_it_is() -> None:
    pipeline = Recorder(b'{"data":{"\xc3\xa9":1}}')
    body = {"query": "query Q($a: Int) { a }", "operationName": "Q", "variables": {"a": [1, {"b": None}]}}
    response = await post(body, pipeline=pipeline)
    assert (response.status_code, response.content) == (200, b'{"data":{"\xc3\xa9":1}}')
    question, principal, options = pipeline.asked[0]
    assert question == Question("query Q($a: Int) { a }", "Q", {"a": [1, {"b": None}]}, safe=False)
    assert principal.role == "support_agent"
    assert options == Options(request_id=response.headers["x-request-id"])


async def test_nulls_in_the_request_are_as_good_as_nothing() -> None:
    pipeline = Recorder()
    await post(
        {"query": "{a}", "operationName": None, "variables": None, "extensions": None, "more": 1}, pipeline=pipeline
    )
    assert pipeline.asked[0][0] == Question("{a}")


async def test_a_get_is_marked_safe() -> None:
    pipeline = Recorder()
    async with door(pipeline) as client:
        url = "/graphql?query=%7Ba%28b:%22x%2By+z%22%29%7D&variables=%7B%22a%22:1%7D&operationName="
        response = await client.get(url, headers=AUTH)
    assert response.status_code == 200
    assert pipeline.asked[0][0] == Question('{a(b:"x+y z")}', None, {"a": 1}, safe=True)


EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "vary": "Accept, Authorization, X-Include, X-On-Withheld, X-Purpose",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("GET", "/ready", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/graphql/", 404),
        ("POST", "/health", 405),
        ("PUT", "/graphql", 405),
        ("HEAD", "/graphql", 405),
        ("OPTIONS", "/graphql", 405),
        ("GET", "/graphql", 401),
        ("GET", "/schema.graphql", 401),
    ],
)
async def test_every_answer_names_the_request_and_is_not_to_be_kept_or_guessed_at(
    method: str, path: str, status: int
) -> None:
    async with door() as client:
        response = await client.request(method, path)
    assert response.status_code == status
    assert EVERY_ANSWER.items() <= dict(response.headers).items()
    assert len(response.headers["x-request-id"]) == 24
    assert response.headers["content-type"].startswith(JSON)
    if status == 405:
        assert response.headers["allow"] == ("GET, HEAD" if path == "/health" else "GET, POST")


@pytest.mark.parametrize("given", ["abc-1", "0af7651916cd43dd8448eb211c80319c", "a:b/c+d=@._"])
async def test_a_sane_request_id_is_kept(given: str) -> None:
    pipeline = Recorder()
    response = await post({"query": "{a}"}, {"X-Request-Id": given}, pipeline)
    assert response.headers["x-request-id"] == pipeline.asked[0][2].request_id == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "a\tb", "é"])
async def test_a_strange_request_id_is_replaced(given: str) -> None:
    async with door() as client:
        response = await client.get("/health", headers=[(b"X-Request-Id", given.encode("latin-1"))])
    assert len(response.headers["x-request-id"]) == 24


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("APPLICATION/JSON", JSON),
        (f"{JSON}; charset=utf-8", JSON),
        (GRAPHQL, GRAPHQL),
        (f'{GRAPHQL};charset="UTF-8"', GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, */*", JSON),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0, application/*;q=0.2, */*;q=0", GRAPHQL),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        (f"text/html;q=x, {GRAPHQL};q=0.001", GRAPHQL),
        (f"{GRAPHQL};q=2, {JSON}", JSON),
        (f"{GRAPHQL};charset=utf-16, {JSON};q=0.1", JSON),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON),
        (f"*;q=.9, {JSON};q=.25", GRAPHQL),
        ("*", JSON),
    ],
)
async def test_the_answer_comes_in_the_media_type_that_was_asked_for(accept: str | None, media: str) -> None:
    response = await post({"query": "{a}"}, {} if accept is None else {"Accept": accept})
    assert response.headers["content-type"] == f"{media}; charset=utf-8"


@pytest.mark.parametrize(
    "accept", ["text/html", f"{JSON};q=0", "*/*;q=0", "application/xml, image/*", ";;;,", "json", "*;q=.0", "*;q=."]
)
async def test_nothing_acceptable_is_406(accept: str) -> None:
    response = await post({"query": "{a}"}, {"Accept": accept})
    assert response.status_code == 406
    assert GRAPHQL in first(response)["message"]


async def test_an_accept_header_that_is_a_book_is_431_and_is_not_read() -> None:
    response = await post({"query": "{a}"}, {"Accept": "a/b," * 20_000 + "*/*"})
    assert response.status_code == 431
    assert "Accept" in first(response)["message"]


@given(st.text(st.characters(max_codepoint=255)))
def test_no_accept_header_is_a_crash(accept: str) -> None:
    with contextlib.suppress(HttpProblem):
        assert acceptable([accept]) in (JSON, GRAPHQL)


@pytest.mark.parametrize(
    "says",
    [
        Refusal([CallerError("Unknown field", Code.VALIDATION, locations=[{"line": 1, "column": 3}])]),
        CallerError("Unknown field", Code.VALIDATION, locations=[{"line": 1, "column": 3}]),
    ],
)
async def test_a_refused_question_is_200_in_plain_json_and_400_in_graphqls_own(says: Exception) -> None:
    expected = {
        "message": "Unknown field",
        "locations": [{"line": 1, "column": 3}],
        "extensions": {"code": "VALIDATION"},
    }
    for accept, status in (("*/*", 200), (JSON, 200), (GRAPHQL, 400)):
        response = await post({"query": "{x}"}, {"Accept": accept}, Recorder(says))
        assert (response.status_code, response.json()) == (status, {"errors": [expected]})


async def test_all_errors_of_a_refusal_are_told() -> None:
    errors: Iterable[Any] = (
        {"message": "a", "extensions": {"code": "VALIDATION"}},
        CallerError("b", "COST", path=["x", 0]),
    )
    response = await post({"query": "{x}"}, pipeline=Recorder(Refusal(list(errors))))
    assert [error["message"] for error in response.json()["errors"]] == ["a", "b"]
    assert response.json()["errors"][1]["path"] == ["x", 0]


async def test_a_problem_of_the_pipeline_keeps_its_status_and_headers() -> None:
    response = await post(
        {"query": "{a}"}, pipeline=Recorder(HttpProblem(429, "Slower.", {"Retry-After": "7"}, Code.SATURATED))
    )
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert first(response) == {"message": "Slower.", "extensions": {"code": "SATURATED"}}


DEEP = b'{"query":"{a}","variables":{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"query={a}", "not JSON"),
        (b'{"query":"{a}"} x', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        ('{"query":"{a}"}'.encode("utf-16"), "not UTF-8"),
        (b'{"query":"\xff"}', "not UTF-8"),
        (b'{"query":"\xed\xa0\x80"}', "not UTF-8"),
        (b'{"query":"\\ud800"}', "surrogate"),
        (b'{"query":"{a}","variables":{"\\udc00":1}}', "surrogate"),
        (b'{"query":"{a}","variables":{"a":NaN}}', "NaN is not JSON"),
        (b'{"query":"{a}","variables":{"a":-Infinity}}', "-Infinity is not JSON"),
        (b'{"query":"{a}","variables":{"a":1e999}}', "out of range"),
        (b'{"query":"{a}","variables":{"a":' + b"9" * 5000 + b"}}", "out of range"),
        (b'{"query":"{a}","query":"{b}"}', "'query' is given twice"),
        (b'{"query":"{a}","variables":{"a":1,"\\u0061":2}}', "'a' is given twice"),
        (b'{"' + b"k" * 9000 + b'":1,"' + b"k" * 9000 + b'":1}', "'" + "k" * 50 + "' is given twice"),
        (DEEP, "nested too deeply"),
        (b'{"query":"{a}","variables":{"a":' + b"[" * 70 + b"]" * 70 + b"}}", "nested more than 64 levels"),
        (b"[]", "one request at a time"),
        (b'[{"query":"{a}"}]', "one request at a time"),
        (b'"{a}"', "not an object"),
        (b"null", "not an object"),
        (b"{}", '"query" is missing'),
        (b'{"query":null}', '"query" is missing'),
        (b'{"query":1}', '"query" is not a text'),
        (b'{"query":["{a}"]}', '"query" is not a text'),
        (b'{"query":"{a}","variables":[]}', '"variables" is neither'),
        (b'{"query":"{a}","variables":"{}"}', '"variables" is neither'),
        (b'{"query":"{a}","operationName":1}', '"operationName" is neither'),
        (b'{"query":"{a}","extensions":[]}', '"extensions" is neither'),
    ],
)
async def test_what_is_no_request_is_400_and_says_what_to_send(body: bytes, told: str) -> None:
    for accept in (JSON, GRAPHQL):
        pipeline = Recorder()
        response = await post(body, {"Accept": accept}, pipeline)
        assert response.status_code == 400
        assert told in first(response)["message"]
        assert 'Send {"query"' in first(response)["message"]
        assert pipeline.asked == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("?", '"query" is missing'),
        ("?query=%FF", "not percent-encoded UTF-8"),
        ("?query=a&query=b", "given twice"),
        ("?query=a&variables=x", "'variables' cannot be read: it is not JSON"),
        ("?query=a&variables=[]", '"variables" is neither'),
        ("?query=a&variables={%22a%22:NaN}", "NaN"),
        ("?" + "&".join(f"x{n}=1" for n in range(200)), "too many"),
    ],
)
async def test_a_get_that_is_no_request_is_400_too(url: str, told: str) -> None:
    async with door() as client:
        response = await client.get("/graphql" + url, headers=AUTH)
    assert response.status_code == 400
    assert told in first(response)["message"]


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(max_size=3), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_no_bytes_crash_the_reader(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        read_json(body)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    body=st.binary(max_size=100),
    name=st.sampled_from(["X-Include", "X-Purpose", "X-Deadline-Ms", "Accept"]),
    data=st.data(),
)
async def test_no_bytes_in_body_or_headers_are_a_500(body: bytes, name: str, data: st.DataObject) -> None:
    value = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20))
    headers = [(b"Content-Type", b"application/json"), (b"Authorization", AUTH["Authorization"].encode())]
    async with door() as client:
        response = await client.post(
            "/graphql", content=body, headers=[*headers, (name.encode(), value.encode("latin-1"))]
        )
    assert response.status_code in (200, 400, 406)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/graphql",
        "application/jsonp",
        "text/json",
    ],
)
async def test_a_form_or_any_other_media_type_is_415(content_type: str) -> None:
    pipeline = Recorder()
    response = await post({"query": "{a}"}, {"Content-Type": content_type}, pipeline)
    assert response.status_code == 415
    assert JSON in first(response)["message"]
    assert response.headers["accept-post"] == JSON
    assert pipeline.asked == []


async def test_two_content_types_are_none() -> None:
    pipeline = Recorder()
    async with door(pipeline) as client:
        headers = [("Content-Type", JSON), ("Content-Type", "text/plain"), *AUTH.items()]
        response = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers)
    assert (response.status_code, pipeline.asked) == (415, [])


async def test_json_with_a_charset_is_json_and_a_packed_body_is_not() -> None:
    assert (await post({"query": "{a}"}, {"Content-Type": "Application/JSON; Charset=UTF-8"})).status_code == 200
    packed = await post(b"\x1f\x8b", {"Content-Encoding": "gzip"})
    assert (packed.status_code, packed.headers["accept-encoding"]) == (415, "identity")


async def test_a_body_of_two_megabytes_is_413_and_is_never_held() -> None:
    taken = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(2000):
            taken += 1000
            yield b"x" * 1000

    messages = drip()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(messages), "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", AUTH["Authorization"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await app(Recorder())(scope, receive, send)
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["errors"][0]["extensions"] == {"code": "LIMIT"}
    assert taken <= 66_000


async def test_a_body_that_declares_itself_too_large_is_not_read_at_all() -> None:
    response = await post(b"x" * 2_000_000)
    assert response.status_code == 413
    assert "65536" in first(response)["message"]
    async with door(settings=Settings.load(environ={}, limits__body_bytes=300)) as client:
        assert (await client.get("/graphql?query=" + "x" * 300, headers=AUTH)).status_code == 413


async def test_a_body_that_drips_is_408_and_the_connection_is_closed() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", AUTH["Authorization"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    hasty = Settings.load(environ={}, limits__body_ms=50)
    await asyncio.wait_for(app(Recorder(), settings=hasty)(scope, receive, send), 5)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_body_that_never_begins_is_408_too_and_nobody_else_is_kept_waiting() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", AUTH["Authorization"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    served = app(Recorder(), settings=Settings.load(environ={}, limits__body_ms=50))
    waiting = asyncio.ensure_future(served(scope, receive, send))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://gateway") as client:
        assert (await client.post("/graphql", json={"query": "{a}"}, headers=AUTH)).status_code == 200
    assert sent == []
    await asyncio.wait_for(waiting, 5)
    assert sent[0]["status"] == 408


async def test_a_body_of_just_the_limit_is_read() -> None:
    body = json.dumps({"query": "{a}", "pad": ""}).encode()
    exact = body[:-2] + b"x" * (65_536 - len(body)) + body[-2:]
    assert (await post(exact)).status_code == 200
    assert (await post(exact + b" ")).status_code == 413


METADATA = 'resource_metadata="http://127.0.0.1:8360/.well-known/oauth-protected-resource"'


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, 'Bearer realm="customer360"'),
        ("", 'Bearer realm="customer360"'),
        ("Basic dXNlcjpwYXNz", 'Bearer realm="customer360"'),
        ("Bearer", 'Bearer realm="customer360"'),
        ("Bearer x", 'Bearer realm="customer360", error="invalid_token"'),
        (f"Bearer {TOKEN}x", 'Bearer realm="customer360", error="invalid_token"'),
        (f"Bearer {TOKEN} {TOKEN}", 'Bearer realm="customer360", error="invalid_token"'),
        (f"Bearer {TOKEN}, Bearer {TOKEN}", 'Bearer realm="customer360", error="invalid_token"'),
    ],
)
async def test_no_token_and_a_bad_one_differ_in_the_challenge_alone(header: str | None, challenge: str) -> None:
    pipeline = Recorder()
    async with door(pipeline) as client:
        headers = {"Content-Type": JSON} | ({} if header is None else {"Authorization": header})
        response = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers)
        bare = await client.get("/schema.graphql")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, f"{challenge}, {METADATA}")
    assert response.content == bare.content
    assert "customer360 token --role" in first(response)["message"]
    assert pipeline.asked == []


async def test_two_authorization_headers_are_a_bad_token() -> None:
    async with door() as client:
        headers = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")]
        response = await client.get("/schema.graphql", headers=headers)
    assert (response.status_code, "invalid_token" in response.headers["www-authenticate"]) == (401, True)


async def test_the_scheme_may_be_spelled_in_any_case() -> None:
    assert (await post({"query": "{a}"}, {"Authorization": f"bearer   {TOKEN}"})).status_code == 200


async def test_the_body_of_the_unknown_is_not_even_read() -> None:
    async with door() as client:
        response = await client.post("/graphql", content=b"x" * 2_000_000, headers={"Content-Type": JSON})
    assert response.status_code == 401


async def test_a_token_for_something_else_is_403() -> None:
    elsewhere = TOKENS.mint("support_agent", scopes=["reports"])
    response = await post({"query": "{a}"}, {"Authorization": f"Bearer {elsewhere}"})
    assert response.status_code == 403
    assert (
        response.headers["www-authenticate"]
        == f'Bearer realm="customer360", error="insufficient_scope", scope="graphql", {METADATA}'
    )


async def test_wishes_are_handed_on() -> None:
    pipeline = Recorder()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    wishes = {
        "X-Include": "Plan, sources,,",
        "X-Deadline-Ms": "250",
        "X-On-Withheld": "error",
        "X-Purpose": "service",
        "traceparent": trace,
    }
    await post({"query": "{a}"}, wishes, pipeline)
    options = pipeline.asked[0][2]
    assert options.include == {"plan", "sources"}
    assert (options.deadline_ms, options.on_withheld, options.purpose, options.traceparent) == (
        250,
        "error",
        "service",
        trace,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Include", "secrets"),
        ("X-Include", "plan;sources"),
        *(("X-Deadline-Ms", value) for value in ("0", "-1", "1.5", "1e3", "soon", "", "١", "9999999999", "+5", "1_0")),
        *(("X-On-Withheld", value) for value in ("", "NULL", "fail")),
        *(("X-Purpose", value) for value in ("", "a b", "1st", "x" * 65, "a,b", "a'--")),
    ],
)
async def test_a_wish_we_cannot_read_is_400(name: str, value: str) -> None:
    pipeline = Recorder()
    async with door(pipeline) as client:
        headers = [(b"Content-Type", b"application/json"), *((k.encode(), v.encode()) for k, v in AUTH.items())]
        response = await client.post(
            "/graphql", content=b'{"query":"{a}"}', headers=[*headers, (name.encode(), value.encode())]
        )
    assert response.status_code == 400
    assert name in first(response)["message"]
    assert pipeline.asked == []


async def test_a_wish_sent_twice_is_400_but_a_list_may_come_in_parts() -> None:
    pipeline = Recorder()
    async with door(pipeline) as client:
        headers = [("Content-Type", JSON), *AUTH.items(), ("X-Include", "plan"), ("X-Include", "cost")]
        good = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers)
        twice = [*headers, ("X-Deadline-Ms", "1"), ("X-Deadline-Ms", "2")]
        bad = await client.post("/graphql", content=b'{"query":"{a}"}', headers=twice)
    assert (good.status_code, bad.status_code) == (200, 400)
    assert pipeline.asked[0][2].include == {"plan", "cost"}


@pytest.mark.parametrize(
    "trace", ["x", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff-" + "a" * 32 + "-" + "b" * 16 + "-01"]
)
async def test_a_malformed_trace_never_fails_a_request(trace: str) -> None:
    pipeline = Recorder()
    assert (await post({"query": "{a}"}, {"traceparent": trace}, pipeline)).status_code == 200
    assert pipeline.asked[0][2].traceparent is None


async def test_our_bug_is_a_reference_for_the_caller_and_a_traceback_for_us(caplog: pytest.LogCaptureFixture) -> None:
    bug = RuntimeError(f"secret of {TOKEN} and Bearer abc.def; token s3cr3t in gateway/keys.py")
    response = await post({"query": "{a}"}, {"Accept": GRAPHQL, "X-Request-Id": "r-1"}, Recorder(bug))
    error = first(response)
    assert response.status_code == 500
    assert error["message"] == f"Internal error. Reference {error['extensions']['reference']}"
    assert error["extensions"]["code"] == "INTERNAL"
    assert EVERY_ANSWER.items() <= dict(response.headers).items()
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    logged = record.getMessage()
    assert error["extensions"]["reference"] in logged
    assert "r-1" in logged
    assert "Traceback" in logged
    assert "gateway/keys.py" in logged
    assert TOKEN not in logged
    assert "abc.def" not in logged


async def test_an_internal_error_keeps_the_reference_it_has(caplog: pytest.LogCaptureFixture) -> None:
    response = await post({"query": "{a}"}, pipeline=Recorder(InternalError("r-77")))
    assert first(response)["message"] == "Internal error. Reference r-77"
    assert "r-77" in caplog.text


async def test_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for authorization in (f"Bearer {TOKEN}", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        await post({"query": "{a}"}, {"Authorization": authorization})
    assert TOKEN[:40] not in caplog.text


async def test_before_start_and_while_draining_only_health_answers() -> None:
    async with door(ready=False) as client:
        headers = {"Content-Type": JSON, **AUTH}
        found = {
            path: await client.get(path, headers=headers)
            for path in ("/health", "/ready", "/graphql", "/schema.graphql")
        }
        asked = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers)
    assert [answer.status_code for answer in (*found.values(), asked)] == [200, 503, 503, 503, 503]
    assert found["/ready"].headers["retry-after"] == asked.headers["retry-after"] == "1"


async def test_the_schema_is_for_callers_with_a_token_and_is_theirs() -> None:
    async with door() as client:
        response = await client.get("/schema.graphql", headers=AUTH)
    assert response.text.startswith("# for support_agent\ntype Query")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_front_page_says_what_this_is_and_where_to_go() -> None:
    async with door() as client:
        found = (await client.get("/")).json()
    assert found["graphql"] == "/graphql"


# -- other sites' pages ------------------------------------------------------------------------------------------------

APP = "https://app.example"
LISTED = Settings.load(environ={}, cors__origins=[APP])
PREFLIGHT = {
    "Origin": APP,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-include,traceparent,apollographql-client-name",
}


async def test_pages_of_other_sites_are_let_in_only_when_they_are_listed() -> None:
    async with door() as client:
        assert (await client.options("/graphql", headers=PREFLIGHT)).status_code == 405
    async with door(settings=LISTED) as client:
        allowed = await client.options("/graphql", headers=PREFLIGHT)
        other = await client.options("/graphql", headers=PREFLIGHT | {"Origin": "https://evil.example"})
        null = await client.options("/graphql", headers=PREFLIGHT | {"Origin": "null"})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, APP)
    assert allowed.headers["access-control-max-age"] == "600"
    assert "x-request-id" in allowed.headers
    for refused in (other, null):
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "asked",
    [
        {"Access-Control-Request-Method": "DELETE"},
        {"Access-Control-Request-Headers": "authorization,x-mock-secret"},
        {"Access-Control-Request-Headers": "cookie"},
    ],
)
async def test_a_listed_page_may_do_no_more_than_ask(asked: dict[str, str]) -> None:
    async with door(settings=LISTED) as client:
        assert (await client.options("/graphql", headers=PREFLIGHT | asked)).status_code == 400


@pytest.mark.parametrize(
    ("says", "status"),
    [(b'{"data":{"a":1}}', 200), (HttpProblem(429, "Slower.", {"Retry-After": "7"}), 429), (RuntimeError("bug"), 500)],
)
async def test_a_listed_page_may_read_every_answer_and_what_it_needs_of_its_headers(says: Any, status: int) -> None:
    async with door(Recorder(says), settings=LISTED) as client:
        response = await client.post(
            "/graphql", content=b'{"query":"{a}"}', headers={"Origin": APP, "Content-Type": JSON, **AUTH}
        )
        stranger = await client.post("/graphql", content=b"{}", headers={"Origin": APP, "Content-Type": JSON})
    assert (response.status_code, stranger.status_code) == (status, 401)
    for answer in (response, stranger):
        assert answer.headers["access-control-allow-origin"] == APP
        assert {"Origin", "Authorization", "Accept"} <= set(answer.headers["vary"].split(", "))
        told = answer.headers["access-control-expose-headers"].split(", ")
        assert {"x-request-id", "retry-after", "www-authenticate"} <= set(told)


@pytest.mark.parametrize("origins", [[APP], ["*"]])
async def test_credentials_that_a_browser_sends_by_itself_are_never_asked_for(origins: list[str]) -> None:
    async with door(settings=Settings.load(environ={}, cors__origins=origins)) as client:
        preflight = await client.options("/graphql", headers=PREFLIGHT)
        answer = await client.get("/health", headers={"Origin": APP, "Cookie": "session=1"})
    for response in (preflight, answer):
        assert response.status_code == 200
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    ["app.example", f"{APP}/", f"{APP}/page", "https://App.example", "https://*.example", "null", "", f"{APP} "],
)
def test_what_no_browser_would_name_as_an_origin_stops_the_start(origin: str) -> None:
    with pytest.raises(SettingsError) as stop:
        app(Recorder(), settings=Settings.load(environ={}, cors__origins=[origin]))
    assert "cors.origins" in str(stop.value)


SIMPLE = [
    {"Content-Type": kind, "Cookie": f"token={TOKEN}"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
]


@pytest.mark.parametrize("headers", [*SIMPLE, {"Content-Type": "text/plain; application/json"}, {}])
async def test_nothing_that_another_site_s_page_sends_without_asking_gets_an_answer(headers: dict[str, str]) -> None:
    """What a browser sends without a preflight: three content types, cookies, and no Authorization."""
    pipeline = Recorder()
    async with door(pipeline) as client:
        posted = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers)
        with_token = await client.post("/graphql", content=b'{"query":"{a}"}', headers=headers | AUTH)
        got = await client.get("/graphql?query={a}", headers=headers)
    assert (posted.status_code, with_token.status_code, got.status_code) == (415, 415, 401)
    assert pipeline.asked == []


async def test_every_refusal_of_the_http_side_has_a_code_but_for_the_one_fixed_body() -> None:
    async with door() as client:
        json_ = {"Content-Type": JSON, **AUTH}
        answers = [
            await client.post("/graphql", content=b"[]", headers=json_),
            await client.post("/graphql", content=b"x" * 70_000, headers=json_),
            await client.post("/graphql", content=b"{}", headers=AUTH),
            await client.post("/graphql", content=b"{}", headers=json_ | {"Accept": "text/html"}),
            await client.post("/graphql", content=b"{}", headers=json_ | {"X-Deadline-Ms": "soon"}),
            await client.put("/graphql", headers=AUTH),
            await client.get("/nowhere"),
        ]
        fixed = await client.get("/graphql")
    async with door(ready=False) as client:
        answers.append(await client.get("/graphql", headers=AUTH))
    codes = [(answer.status_code, first(answer)["extensions"]["code"]) for answer in answers]
    assert codes == [
        (400, "BAD_REQUEST"),
        (413, "LIMIT"),
        (415, "BAD_REQUEST"),
        (406, "BAD_REQUEST"),
        (400, "BAD_REQUEST"),
        (405, "BAD_REQUEST"),
        (404, "NOT_FOUND"),
        (503, "SATURATED"),
    ]
    assert fixed.json() == {"errors": [{"message": first(fixed)["message"]}]}
