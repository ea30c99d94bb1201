"""The command line: what it prints, how it fails, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from gateway.auth.tokens import dev_tokens
from gateway.catalogue import PREFIX
from gateway.cli import main
from gateway.cli.mocks import wanted
from gateway.cli.running import AlreadyRunning, noted, running
from gateway.policy import Policy
from gateway.settings import Settings
from mocks.serve import MOCKS
from resolvers.ids import global_id

PACKAGES = Path(__file__).parents[2]
CROSSREF = ("crossref", "status", "--set=dev.mode=true")
LONG = 90.0
"""Seconds that a command may take to begin and to give up, on a machine that has other work."""
CLAIRE = global_id("Customer", "abc")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return tmp_path


def run(*line: str, **environ: str) -> Result:
    return CliRunner().invoke(main, line, env=environ)


def ran(*line: str, **environ: str) -> str:
    result = run(*line, **environ)
    assert result.exit_code == 0, result.output
    return result.stdout


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield (*above, name)


@pytest.mark.parametrize("line", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself_with_an_example(line: tuple[str, ...]) -> None:
    told = ran(*line, "--help")
    assert f"Example:  customer360 {' '.join(line)}" in told
    assert "Usage: main" in told


def test_help_and_the_version_need_nothing_of_the_graph() -> None:
    imported = [
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-X", "importtime", "-m", "gateway.cli", line],
            env=os.environ | {"PYTHONPATH": str(PACKAGES)},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for line in ("--help", "--version")
    ]
    assert all("gateway.cli.commands" in one for one in imported)
    assert not any(name in one for one in imported for name in ("strawberry", "graphql", "mocks", "gateway.app"))


def test_help_of_serve_lists_every_setting() -> None:
    told = ran("serve", "--help")
    assert all(f"  {name} = " in told for name in Settings.load(environ={}).rows)


def test_a_command_that_does_not_exist_is_a_usage_error() -> None:
    assert run("sreve").exit_code == 2


# -- token ------------------------------------------------------------------------------------------------------------


def test_token_prints_just_the_token_and_the_gateway_believes_it(elsewhere: Path) -> None:
    line = ("token", "--dev", "--role", "customer", "--customer", CLAIRE, "--client", "shop", "--purpose", "service")
    printed = ran(*line, "--ttl", "60")
    assert printed.count("\n") == 1
    tokens = dev_tokens(Settings.load(environ={}, dev__mode=True), Policy.read().roles)
    believed = tokens.verify(printed.strip())
    assert (believed.role, believed.customer, believed.client, believed.purpose) == (
        "customer",
        CLAIRE,
        "shop",
        "service",
    )
    assert (elsewhere / ".customer360" / "dev-key").exists()


def test_token_takes_its_key_from_the_settings(elsewhere: Path) -> None:
    key = "k" * 40
    printed = ran("token", "--dev", "--role", "auditor", CUSTOMER360_AUTH__DEV_KEY=key)
    tokens = dev_tokens(Settings.load(environ={}, dev__mode=True, auth__dev_key=key), Policy.read().roles)
    assert tokens.verify(printed.strip()).role == "auditor"
    assert not (elsewhere / ".customer360").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("--role", "admin"), "unknown role 'admin'; there are support_agent"),
        (("--role", "customer"), "say whose, with --customer ID"),
        (("--role", "auditor", "--ttl", "0"), "auth.max_ttl"),
        (("--role", "auditor", "--ttl", "99999999"), "auth.max_ttl"),
        (("--role", "auditor", "--ttl", "soon"), "not a valid integer"),
        (("--role", "auditor", "--set", "auth.max_ttl"), "write NAME=VALUE"),
        (("--role", "auditor", "--set", "auth.maxttl=5"), "did you mean auth.max_ttl"),
        (("--role", "auditor", "--set", "auth.max_ttl=x"), "'x' is not a whole number"),
        (("--role", "auditor", "--settings", "nowhere.toml"), "does not exist"),
        (("--role", "auditor", "--client", ""), "client"),
        (("--role", "auditor", "--purpose", "x" * 300), "purpose"),
        ((), "Missing option '--role'"),
    ],
)
def test_a_wrong_command_line_for_a_token_is_a_usage_error(line: tuple[str, ...], told: str) -> None:
    result = run("token", "--dev", *line)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_out_of_dev_mode_there_is_no_token() -> None:
    result = run("token", "--role", "auditor")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--dev" in result.stderr


def test_a_running_demo_in_this_folder_lends_its_settings_and_a_dead_one_does_not() -> None:
    with running(Path(".customer360"), {"dev.mode": True, "listen.port": 4711}):
        assert ran("token", "--role", "auditor").startswith("ey")
        rows = {row["name"]: row for row in json.loads(ran("settings", "--json"))}
        assert (rows["listen.port"]["value"], rows["listen.port"]["origin"]) == (4711, "running demo")
        other = {"CUSTOMER360_LISTEN__PORT": "1"}
        assert {row["name"]: row["value"] for row in json.loads(ran("settings", "--json", **other))}["listen.port"] == 1
        with pytest.raises(AlreadyRunning), running(Path(".customer360"), {}):
            pass
    assert run("token", "--role", "auditor").exit_code == 1


def test_a_token_beside_a_demo_is_signed_with_the_demos_key_however_the_folder_is_named(elsewhere: Path) -> None:
    own = elsewhere / "X" / "demo-1"
    with running(Path("X"), {"dev.mode": True, "state.dir": own}):
        printed = [
            ran("token", "--role", "auditor", "--set", "state.dir=X"),
            ran("token", "--role", "auditor", CUSTOMER360_STATE__DIR="X"),
        ]
        rows = {row["name"]: row for row in json.loads(ran("settings", "--json", "--set", "state.dir=X"))}
    tokens = dev_tokens(Settings.load(environ={}, dev__mode=True, state__dir=own), Policy.read().roles)
    assert [tokens.verify(one.strip()).role for one in printed] == ["auditor"] * 2
    assert [path.name for path in (elsewhere / "X").iterdir() if path.name != "demo.json"] == ["demo-1"]
    assert (rows["state.dir"]["value"], rows["state.dir"]["origin"]) == (str(own), "running demo")


def test_a_note_left_behind_by_a_killed_demo_counts_for_nothing(elsewhere: Path) -> None:
    (elsewhere / "demo.json").write_text('{"dev.mode": true}')
    assert noted(elsewhere) == {}


# -- settings ---------------------------------------------------------------------------------------------------------


def test_settings_are_listed_with_value_and_origin_and_no_secret(elsewhere: Path) -> None:
    (elsewhere / "my.toml").write_text('auth.dev_key = "hush-hush-hush-hush-hush-hush-hush-hush"\nlisten.port = 9\n')
    told = ran("settings", "--settings", "my.toml", "--set", "cors.origins=https://a.example,https://b.example")
    assert "listen.port = 9   [my.toml]" in told
    assert "auth.dev_key = (set)   [my.toml]" in told
    assert "cors.origins = https://a.example, https://b.example   [command line]" in told
    assert "hush" not in told


def test_a_setting_nobody_knows_stops_every_command(elsewhere: Path) -> None:
    result = run("settings", CUSTOMER360_LISTEN_PORT="1")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: unknown environment variable CUSTOMER360_LISTEN_PORT; did you mean CUSTOMER360_LISTEN__PORT?\n"
    )
    (elsewhere / "customer360.toml").write_text("listen.prot = 1")
    assert "did you mean listen.port?" in run("token", "--role", "auditor").stderr


# -- explain, sources, who-sees, sdl, check ---------------------------------------------------------------------------


def test_who_sees_tells_role_by_role() -> None:
    told = ran("who-sees", "Customer.email")
    assert "Customer.email is contact" in told
    rows = json.loads(ran("who-sees", "Customer.email", "--json"))
    assert rows[0]["roles"]["support_agent"] == "sees it, on every row"
    assert rows[0]["roles"]["warehouse"] == "does not see it"
    assert rows[0]["roles"]["customer"] == "sees it, on rows that are own"


def test_who_sees_answers_no_with_exit_code_one() -> None:
    assert run("who-sees", "Customer.email", "--role", "warehouse").exit_code == 1
    assert run("who-sees", "Customer.email", "--role", "support_agent").exit_code == 0
    assert run("who-sees", "Customer.email", "--role", "boss").exit_code == 2


def test_who_sees_of_nothing_known_names_the_nearest() -> None:
    result = run("who-sees", "Customer.emial")
    assert result.exit_code == 2
    assert "did you mean Customer.email?" in result.stderr


def test_who_sees_lists_every_coordinate() -> None:
    told = ran("who-sees")
    assert "Query.customer(by:)" in told
    assert "CustomerBy.email" in told


QUERY = "query Q($n: String!) { order(number: $n) { number total { amount } customer { name } } }"


def test_explain_names_calls_columns_and_what_is_withheld() -> None:
    told = ran("explain", "--role", "warehouse", QUERY, "--variables", '{"n": "1"}')
    assert "oracle_om.orders(" in told
    assert "order.total: withheld" in told
    found = json.loads(ran("explain", "--role", "support_agent", QUERY, "--variables", '{"n": "1"}', "--json"))
    assert found["absent"] == []
    assert any(ask[0].startswith("siebel.") for step in found["steps"] for ask in step["asks"])


def test_explain_shows_the_generated_functions_a_line_for_each_field_and_what_their_names_mean() -> None:
    told = ran("explain", "--role", "support_agent", QUERY, "--variables", '{"n": "1"}', "--code")
    assert "# order: Order\n" in told
    assert "f0  the row's record from oracle_om.orders; None when there is none\n" in told
    assert "the value of Query.order, computed apart\n" in told
    functions = [part for part in told.split("\n\n") if part.strip()]
    assert len(functions) > 1
    for function in functions:
        compile(function, "<printed>", "exec")
    masked = ran("explain", "--role", "warehouse", QUERY, "--variables", '{"n": "1"}', "--code")
    assert "'total': None,\n" in masked


def test_explain_takes_its_question_from_a_file_or_from_standard_input(elsewhere: Path) -> None:
    (elsewhere / "q.graphql").write_text("{ sources { name } }")
    of_file = ran("explain", "--role", "auditor", "@q.graphql")
    of_input = CliRunner().invoke(main, ["explain", "--role", "auditor", "-"], input="{ sources { name } }").stdout
    assert "Query.sources" in of_file
    assert of_file == of_input


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (("--role", "warehouse", "{ nothing }"), 1, "VALIDATION: "),
        (("--role", "warehouse", "{"), 1, "SYNTAX: "),
        (("--role", "warehouse", QUERY), 1, "BAD_VARIABLE: "),
        (("--role", "boss", "{ __typename }"), 2, "unknown role 'boss'"),
        (("--role", "warehouse", "@nowhere"), 2, "cannot be read"),
        (("--role", "warehouse", QUERY, "--variables", "[]"), 2, "not a JSON object"),
        (("--role", "warehouse", QUERY, "--variables", "{"), 2, "not JSON"),
    ],
)
def test_explain_refuses_what_the_gateway_would_refuse(line: tuple[str, ...], code: int, told: str) -> None:
    result = run("explain", *line)
    assert result.exit_code == code
    assert told in result.stderr


def test_sources_tells_system_operation_and_columns_of_every_field() -> None:
    assert "siebel.contacts(Email Address)" in ran("sources", "Customer.email")
    rows = json.loads(ran("sources", "Order", "--json"))
    assert {row["system"] for row in rows} >= {"oracle_om"}
    assert run("sources", "Nothing").exit_code == 1


def test_sdl_of_a_role_is_what_its_clients_may_name() -> None:
    told = ran("sdl", "--role", "partner_carrier")
    assert '@needToKnow(category: "delivery")' in told
    assert "Customer" not in told
    assert ran("sdl", "--role", "warehouse") == ran("sdl")
    assert run("sdl", "--role", "partner_carrier", "--client", "northwind").exit_code == 2


def test_explain_refuses_what_the_role_s_clients_could_not_name() -> None:
    told = run("explain", "--role", "partner_carrier", "{ products { totalCount } }")
    assert told.exit_code == 1
    assert "Cannot query field 'products'" in told.stderr


def test_sdl_is_the_whole_schema_with_categories() -> None:
    told = ran("sdl")
    assert "type Customer implements Node" in told
    assert '@needToKnow(category: "contact")' in told


def test_check_passes_in_dev_mode_and_says_what_is_missing_otherwise() -> None:
    told = ran("check", "--set", "dev.mode=true")
    assert "ok  graph: " in told
    result = run("check")
    assert result.exit_code == 1
    assert "backends.siebel.password" in result.stderr


def test_check_says_when_nothing_runs_and_no_system_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        urls = [f"--set=backends.{name}.base_url=http://127.0.0.1:{port}" for name in MOCKS]
        line = ("check", "--set=dev.mode=true", f"--set=listen.port={port}", *urls, "--systems", "--running", "--json")
        result = run(*line)
    assert result.exit_code == 1
    bad = {one["what"]: one["told"] for one in json.loads(result.stdout) if not one["good"]}
    assert bad.keys() == {*MOCKS, "gateway"}
    assert "customer360 serve" in bad["gateway"]


def silent_places() -> list[str]:
    """`--set`s that look for every system where nobody listens."""
    return [
        f"--set=backends.{n}.base_url=http://127.0.0.1:{p}" for n, p in zip(MOCKS, free_ports(len(MOCKS)), strict=True)
    ]


@pytest.mark.parametrize(
    ("assigned", "told"),
    [
        ("state.dir=/proc/nope", "state.dir: /proc/nope cannot be made"),
        ("state.dir=/dev/null", "state.dir: /dev/null cannot be made"),
        ("state.dir=" + "x" * 300, "cannot be made"),
        ("backends.siebel.options.timezone=Mars/Phobos", "Mars/Phobos"),
        ("backends.siebel.options.timezone=../etc", "../etc"),
        ("backends.remedy.options.timezone=Mars/Phobos", "Mars/Phobos"),
        ("backends.oracle_om.options.framework_version=1", "framework_version is '1'"),
        ("backends.sap.base_url=http://127.0.0.1:999999", "is not an http(s) address"),
        ("backends.sap.base_url=http://u:p@127.0.0.1:1", "an address has no login"),
        ("cursors.key=short", "cursors.key: a key has at least 32 bytes"),
    ],
)
@pytest.mark.parametrize(
    "line",
    [("serve", "--dev", "--set=listen.port=0"), ("check", "--set=dev.mode=true"), CROSSREF],
    ids=lambda line: line[0],
)
def test_settings_that_make_no_gateway_are_one_line_of_error(line: tuple[str, ...], assigned: str, told: str) -> None:
    result = run(*line, "--set", assigned)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_cross_reference_that_is_none_is_one_line_of_error(elsewhere: Path) -> None:
    (elsewhere / ".customer360").mkdir()
    (elsewhere / ".customer360" / "crossref.sqlite").write_text("this is no database, whatever its name says" * 100)
    result = run(*CROSSREF)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["demo", "mocks"])
@pytest.mark.parametrize(
    "assigned",
    [
        "backends.siebel.base_url=http://crm.example.com",
        "backends.siebel.base_url=http://crm.example.com:8361",
        "backends.siebel.base_url=http://127.0.0.1.example.com:8361",
        "backends.siebel.base_url=http://127.0.0.1",
        "backends.siebel.base_url=http://127.0.0.2:8361",
        "mocks.host=127.0.0.2",
        "mocks.host=a..b",
        "backends.siebel.base_url=http://127.0.0.1:999999",
        "state.dir=~nobody-we-know/x",
    ],
)
def test_no_mock_is_started_for_a_system_that_is_looked_for_elsewhere(command: str, assigned: str) -> None:
    result = run(command, "--set=dev.mode=true", "--set", assigned)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert assigned.partition("=")[0] in result.stderr
    assert "Error: " in result.stderr


def test_a_demo_asks_no_real_system_for_the_one_it_leaves_out() -> None:
    real = "--set=backends.siebel.base_url=http://crm.example.com"
    result = run("demo", "--without=siebel", real)
    assert result.exit_code == 1
    assert "http://crm.example.com is not where a mock listens" in result.stderr


def test_the_folder_for_keys_and_names_is_its_owners_only() -> None:
    umask = os.umask(0o022)
    try:
        ran("check", "--set=dev.mode=true", "--set=state.dir=a/b")
        ran("token", "--dev", "--role=auditor", "--set=state.dir=c")
        assert [stat.S_IMODE(Path(folder).stat().st_mode) for folder in ("a/b", "c")] == [0o700] * 2
    finally:
        os.umask(umask)


def test_a_sync_names_every_system_that_could_not_be_asked() -> None:
    result = run("crossref", "sync", "--json", "--set=dev.mode=true", *silent_places())
    assert result.exit_code == 1
    failed = json.loads(result.stdout)["failed"]
    assert list(failed) == [
        "siebel.account",
        "siebel.contact",
        "oracle_om.party",
        "remedy.person",
        "netsuite.customer",
        "hubspot.contact",
        "discourse.user",
    ]
    assert all(failed.values())


# -- serve, mocks, demo: as processes ---------------------------------------------------------------------------------


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def places() -> list[str]:
    """`--set`s that move the gateway and all mocks to free ports."""
    gateway, *ports = free_ports(1 + len(MOCKS))
    urls = zip(MOCKS, ports, strict=True)
    return [f"--set=listen.port={gateway}", *(f"--set=backends.{n}.base_url=http://127.0.0.1:{p}" for n, p in urls)]


@contextmanager
def started(*line: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "gateway.cli", *line]
    pipe = subprocess.PIPE
    process = subprocess.Popen(  # noqa: S603 - our own command
        command,
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_json(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    found: dict[str, Any] = json.loads(line)
    return found


def nobody_listens(*urls: str) -> bool:
    for url in urls:
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            continue
        return False
    return True


def processes(*columns: str) -> list[list[str]]:
    told = subprocess.run(["ps", "-A", *(f"-o{one}=" for one in columns)], capture_output=True, text=True)  # noqa: S603, S607 - any ps will do
    return [line.split() for line in told.stdout.splitlines()]


def family(parent: int) -> list[int]:
    """Children of a process, by id."""
    return [int(pid) for pid, above in processes("pid", "ppid") if above == str(parent)]


def gone(pids: list[int], seconds: float = 10) -> bool:
    """Ended; whether somebody has buried them (`Z`) is not our affair."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(int(pid) in pids and state[0] != "Z" for pid, state in processes("pid", "stat")):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_until_it_is_asked_to_end_and_ends_well(stop: signal.Signals) -> None:
    with started("serve", "--dev", "--set=listen.port=0", "--json") as process:
        url = first_json(process)["url"]
        assert httpx.get(f"{url}/ready").status_code == 200
        token = ran("token", "--dev", "--role", "auditor").strip()
        asked = httpx.post(
            f"{url}/graphql", json={"query": "{__typename}"}, headers={"Authorization": f"Bearer {token}"}
        )
        assert asked.json() == {"data": {"__typename": "Query"}}
        process.send_signal(stop)
        assert process.wait(10) == 0
        assert nobody_listens(url)
        assert process.stderr
        assert process.stderr.read() == ""


def test_serve_says_which_port_is_taken_and_how_to_choose_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started("serve", "--dev", f"--set=listen.port={port}") as process:
            _, told = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert told.startswith(f"Error: port {port} on 127.0.0.1, for the gateway, is taken.")
    assert "--set listen.port=PORT" in told


def test_serve_without_dev_mode_says_that_nobody_could_log_in() -> None:
    result = run("serve")
    assert result.exit_code == 1
    assert "--dev" in result.stderr


def test_which_mocks_are_meant() -> None:
    assert wanted((), ()) == list(MOCKS)
    assert wanted((("sap",), ("siebel",)), ()) == ["siebel", "sap"]
    assert wanted((), (("sap", "siebel"),)) == [name for name in MOCKS if name not in ("siebel", "sap")]
    for none in (((), (tuple(MOCKS),)), (((),), ())):
        with pytest.raises(click.UsageError, match="leaves no mock"):
            wanted(*none)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("--only", "sab"), f"there is no mock called 'sab'; there are {', '.join(MOCKS)}"),
        (("--only", "sap", "--without", "siebel"), "not both"),
        (("--only=",), "name at least one mock"),
        (("--without", " , "), "name at least one mock"),
        (("--without", ",".join(MOCKS)), "leaves no mock to start"),
        (("--customers", "0"), "0 is not in the range"),
        (("--world", "nowhere.csv"), "does not exist"),
    ],
)
def test_a_wrong_command_line_for_mocks_is_a_usage_error(line: tuple[str, ...], told: str) -> None:
    result = run("mocks", *line)
    assert result.exit_code == 2
    assert told in result.stderr


def test_mocks_listen_where_their_backends_are_looked_for() -> None:
    with started("mocks", "--only=siebel", "--customers=5", "--open-control", "--json", *places()) as process:
        told = first_json(process)
        assert list(told["urls"]) == ["siebel"]
        assert told["secret"] is None
        answer = httpx.get(told["urls"]["siebel"] + "/_mock/requests")
        assert (answer.status_code, answer.json()) == (200, {"requests": [], "last": 0})
        process.terminate()
        assert process.wait(10) == 0


def test_mocks_say_which_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with started("mocks", "--only=sap", f"--set=backends.sap.base_url={url}") as process:
            _, told = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "for the mock sap, is taken" in told
    assert "backends.sap.base_url=http://127.0.0.1:PORT" in told


def test_a_sales_file_that_is_none_is_one_line_of_error(elsewhere: Path) -> None:
    (elsewhere / "bad.csv").write_text("a,b\n1,2\n")
    with started("mocks", "--world=bad.csv", *places()) as process:
        _, told = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert told.startswith("Error: ")
    assert "bad.csv" in told
    assert "Traceback" not in told


def test_the_demo_is_ready_to_be_asked_and_ends_without_a_trace() -> None:
    with started("demo", "--customers=30", "--json", *places()) as process:
        tour = first_json(process)
        children = family(process.pid)
        assert len(children) == 2
        assert tour["customer"]
        seen = {}
        for role in ("support_agent", "warehouse", "customer"):
            headers = {"Authorization": f"Bearer {tour['tokens'][role]}"}
            body = {"query": tour["query"], "variables": tour["variables"]}
            answer = httpx.post(tour["url"] + "/graphql", json=body, headers=headers).json()
            seen[role] = answer["data"]["customer"]
            assert "errors" not in answer, answer["errors"]
        assert seen["support_agent"]["orders"]["nodes"][0]["lines"]
        assert (seen["support_agent"]["name"] is not None, seen["warehouse"]["name"]) == (True, None)
        assert seen["customer"]["name"] == seen["support_agent"]["name"]
        heard = {}
        for name, url in tour["mocks"].items():
            assert httpx.get(url + "/_mock/requests").status_code == 401
            log = httpx.get(url + "/_mock/requests", headers={"X-Mock-Secret": tour["secret"]})
            heard[name] = len(log.json()["requests"])
        assert {"siebel", "oracle_om", "sap", "remedy", "netsuite"} <= {name for name, n in heard.items() if n}
        token = ran("token", "--role", "warehouse").strip()
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.post(tour["url"] + "/graphql", json={"query": "{__typename}"}, headers=headers).status_code == 200
        assert json.loads(ran("crossref", "status", "--json"))["customers"] > 20
        assert run("demo", *places()).exit_code == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert gone(children)
        assert nobody_listens(tour["url"], *tour["mocks"].values())


def test_a_demo_that_is_killed_leaves_no_orphan() -> None:
    with started("demo", "--customers=5", "--json", *places()) as process:
        first_json(process)
        children = family(process.pid)
        process.kill()
        process.wait(10)
        assert gone(children)


def test_a_demo_whose_gateway_dies_ends_with_an_error() -> None:
    with started("demo", "--customers=5", "--json", *places()) as process:
        tour = first_json(process)
        children = family(process.pid)
        os.kill(max(children), signal.SIGKILL)
        _, told = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "ended by itself" in told
    assert nobody_listens(tour["url"], *tour["mocks"].values())


def test_a_demo_without_one_system_starts_all_the_same() -> None:
    with started("demo", "--customers=5", "--without=sap", "--json", *places()) as process:
        tour = first_json(process)
        assert list(tour["mocks"]) == [name for name in MOCKS if name != "sap"]
        assert tour["page"] == f"{tour['url']}/#dev={tour['devSecret']}"
        headers = {"Authorization": f"Bearer {tour['tokens']['support_agent']}"}
        body = {"query": tour["query"], "variables": tour["variables"]}
        answer = httpx.post(tour["url"] + "/graphql", json=body, headers=headers).json()
    assert answer["data"]["customer"]["orders"]["nodes"]
    assert any(one["reason"] == "UNAVAILABLE" for one in answer["extensions"]["absent"])


def test_a_demo_without_several_systems_says_of_each_that_nobody_is_known_from_it() -> None:
    with started("demo", "--customers=5", "--without=siebel,oracle_om", "--json", *places()) as process:
        tour = first_json(process)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=LONG)
    assert process.returncode == 0
    assert list(tour["mocks"]) == [name for name in MOCKS if name not in ("siebel", "oracle_om")]
    for system in ("siebel.account", "siebel.contact", "oracle_om.party"):
        assert f"  {system} did not say who its customers are: " in told
    assert "remedy" not in told


def test_the_demo_says_which_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("demo", *places(), f"--set=backends.sap.base_url=http://127.0.0.1:{port}")
    assert result.exit_code == 1
    assert f"port {port} on 127.0.0.1, for the mock sap, is taken" in result.stderr


def test_the_demo_prints_a_question_that_can_be_pasted() -> None:
    with started("demo", "--customers=30", *places()) as process:
        assert process.stdout
        printed = ""
        while "-d '" not in printed:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            printed += line
        pasted = printed[printed.index("  curl -s http://127.0.0.1:", printed.index("Ask about")) :]
        answer = subprocess.run(["bash", "-c", pasted], capture_output=True, check=True)  # noqa: S603, S607 - what the demo printed
        assert json.loads(answer.stdout)["data"]["customer"]["name"]
        process.terminate()
        assert process.wait(20) == 0
