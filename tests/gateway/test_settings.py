"""Settings: every value checked, every unknown name refused, no secret shown."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import ACCEPTED, catalogue
from gateway.settings import Settings, SettingsError
from mocks.serve import MOCKS


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(file: Any = None, environ: Any = None, **overrides: Any) -> Settings:
    return Settings.load(file, environ or {}, **overrides)


def test_every_row_has_a_type_a_default_that_fits_and_one_sentence_of_help() -> None:
    settings = load()
    for row in catalogue().values():
        assert row.type in ACCEPTED, row.name
        assert row.help.endswith("."), row.name
        assert "\n" not in row.help, row.name
        row.value(row.default if row.dev is None else row.dev, "test")
        assert row.name in settings.values, row.name
    assert len({row.env for row in catalogue().values()}) == len(catalogue())


def test_the_usual_gateway_listens_on_loopback_and_is_not_in_dev_mode() -> None:
    settings = load()
    assert (settings.text("listen.host"), settings.number("listen.port")) == ("127.0.0.1", 8360)
    assert not settings.flag("dev.mode")
    assert not settings.dev
    assert settings.state_dir == Path(".customer360")


def test_later_sources_win(elsewhere: Path) -> None:
    file = elsewhere / "my.toml"
    file.write_text('listen.port = 1\n[plans]\ncache = 1\n["log"]\nlevel = "error"\n')
    environ = {"CUSTOMER360_LISTEN__PORT": "2", "CUSTOMER360_PLANS__CACHE": "2"}
    settings = Settings.load(file, environ, {"plans.cache": 9, "limits.max_depth": 9}, plans__cache=3)
    found = [settings.number(name) for name in ("listen.port", "plans.cache", "limits.max_depth")]
    assert found == [2, 3, 9]
    assert settings.text("log.level") == "error"
    origins = [settings.origins[name] for name in ("listen.port", "plans.cache", "log.level", "dev.mode")]
    assert origins == ["environment", "command line", str(file), "default"]


def test_the_file_in_the_callers_folder_is_read_unless_another_is_named(elsewhere: Path) -> None:
    (elsewhere / "customer360.toml").write_text("listen.port = 1")
    (elsewhere / "a.toml").write_text("listen.port = 2")
    (elsewhere / "b.toml").write_text("listen.port = 3")
    assert load().number("listen.port") == 1
    assert load(environ={"CUSTOMER360_SETTINGS": "a.toml"}).number("listen.port") == 2
    assert load("b.toml", {"CUSTOMER360_SETTINGS": "a.toml"}).number("listen.port") == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lissen.port = 1", "unknown setting 'lissen.port' (x.toml); did you mean listen.port?"),
        ("[listen.port]\nx = 1", "unknown setting 'listen.port.x'"),
        ("listen = 1", "unknown setting 'listen'"),
        ("listen.port = '8360'", "listen.port (x.toml): '8360' is not a whole number"),
        ("listen.port = true", "listen.port (x.toml): True is not a whole number"),
        ("listen.port = 8360.0", "8360.0 is not a whole number"),
        ("listen.port = 65536", "65536 is more than 65535"),
        ("plans.cache = 0", "0 is less than 1"),
        ("dev.mode = 1", "dev.mode (x.toml): 1 is not true or false"),
        ("dev.mode = 'yes'", "is not true or false"),
        ("log.level = 'loud'", "'loud' is not one of debug, info, warning, error"),
        ("cors.origins = 'https://a'", "is not a list of texts"),
        ("cors.origins = [1]", "is not a list of texts"),
        ("state.dir = 1", "is not a path"),
        ("world.now = 'soon'", "is not a moment"),
        ("world.now = 12:00:00", "is not a moment"),
        ("auth.dev_key = 12345", "auth.dev_key (x.toml): what is given is not text"),
        ("listen.port = ", "the settings file x.toml cannot be read"),
    ],
)
def test_a_wrong_line_in_the_file_stops_the_start_by_name(elsewhere: Path, text: str, told: str) -> None:
    (elsewhere / "x.toml").write_text(text)
    with pytest.raises(SettingsError) as stopped:
        load("x.toml")
    assert told in str(stopped.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_stops_the_start(elsewhere: Path, content: bytes | None) -> None:
    if content:
        (elsewhere / "x.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"x\.toml cannot be read"):
        load(environ={"CUSTOMER360_SETTINGS": "x.toml"})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CUSTOMER360_LISTEN_PORT", "1", "CUSTOMER360_LISTEN_PORT; did you mean CUSTOMER360_LISTEN__PORT?"),
        ("CUSTOMER360_WORLD__NOW", "2017-01-01", "unknown environment variable CUSTOMER360_WORLD__NOW"),
        ("CUSTOMER360_", "1", "unknown environment variable CUSTOMER360_"),
        ("CUSTOMER360_LISTEN__PORT", "80a", "'80a' is not a whole number"),
        ("CUSTOMER360_LISTEN__PORT", "", "'' is not a whole number"),
        ("CUSTOMER360_LISTEN__PORT", "8_0", "'8_0' is not a whole number"),
        ("CUSTOMER360_LISTEN__PORT", "٨", "is not a whole number"),
        ("CUSTOMER360_LISTEN__PORT", "9" * 5000, "is not a whole number"),
        ("CUSTOMER360_DEV__MODE", "maybe", "'maybe' is not true or false"),
    ],
)
def test_a_wrong_variable_stops_the_start_by_name(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as stopped:
        load(environ={variable: value})
    assert told in str(stopped.value)


def test_variables_of_others_are_left_alone() -> None:
    assert load(environ={"PATH": "x", "CUSTOMER_360": "y"}).origins["listen.port"] == "default"


@pytest.mark.parametrize(("text", "value"), [("true", True), ("YES", True), ("1", True), ("off", False), ("0", False)])
def test_the_environment_says_true_and_false_in_the_usual_words(text: str, value: bool) -> None:
    assert load(environ={"CUSTOMER360_DEV__MODE": text}).flag("dev.mode") is value


def test_lists_paths_and_moments_are_read_from_text() -> None:
    environ = {
        "CUSTOMER360_CORS__ORIGINS": "https://a.example, https://b.example",
        "CUSTOMER360_STATE__DIR": "there",
        "CUSTOMER360_NOW": "2017-12-31",
        "CUSTOMER360_BACKENDS__SAP__OPTIONS__SAP_CLIENT": "200",
    }
    settings = load(environ=environ, dev__mode=True)
    assert settings.texts("cors.origins") == ("https://a.example", "https://b.example")
    assert settings.state_dir == Path("there")
    assert settings.clock()() == datetime(2017, 12, 31, tzinfo=UTC)
    assert settings.connections()["sap"].options["sap-client"] == "200"


def test_without_a_set_time_the_clock_runs() -> None:
    assert abs(load().clock()() - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_unknown_override_is_refused_too() -> None:
    with pytest.raises(SettingsError, match=r"did you mean listen\.port"):
        load(listen__prot=1)


def test_without_dev_mode_an_empty_login_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"backends\.siebel\.password.*backends\.sap\.base_url"):
        load().connections()


def test_in_dev_mode_the_mocks_logins_are_there_and_a_set_one_wins() -> None:
    connections = load(environ={"CUSTOMER360_BACKENDS__SAP__PASSWORD": "mine"}, dev__mode=True).connections()
    assert sorted(connections) == sorted(MOCKS)
    siebel, oracle, sap = (connections[name] for name in ("siebel", "oracle_om", "sap"))
    assert (siebel.base_url, siebel.username, siebel.password) == ("http://127.0.0.1:8361", "SADMIN", "siebel-demo")
    assert (oracle.username, oracle.attempt_timeout) == ("OPS.INTEGRATION", 2.0)
    assert (sap.username, sap.password) == ("S4_COMM_USER", "mine")
    assert sap.options == {"sap-client": "100", "atp_rule": "A", "language": "EN"}


def test_a_backend_that_is_switched_off_needs_no_login() -> None:
    off = {f"backends.{name}.enabled": False for name in MOCKS if name != "sap"}
    sap = {"backends.sap.base_url": "https://s4.example/x/", "backends.sap.username": "u", "backends.sap.password": "p"}
    connections = load(**off, **sap).connections()
    assert list(connections) == ["sap"]
    assert connections["sap"].base_url == "https://s4.example/x"


def test_a_login_by_oauth_needs_a_client_and_no_password() -> None:
    oauth = {
        "backends.siebel.base_url": "https://crm.example",
        "backends.siebel.options.token_url": "https://idp.example",
    }
    others = {f"backends.{name}.enabled": False for name in MOCKS if name != "siebel"}
    with pytest.raises(
        SettingsError, match=r"not set: backends\.siebel\.options\.client_id, backends\.siebel\.options\.client_sec"
    ):
        load(**oauth, **others).connections()
    client = {"backends.siebel.options.client_id": "c", "backends.siebel.options.client_secret": "s"}
    assert load(**oauth, **others, **client).connections()["siebel"].options["client_id"] == "c"


ADDRESSES = [
    "siebel:8361",
    "ftp://x",
    "http://",
    "//x",
    "http://x:999999",
    "http://x:0",
    "http://x:8a",
    "http://:8361",
    "http://[::1",
    "http://a b",
    "http://a\nb",
    "http://a\\b",
    "http://x/ä",
    "http://x/a b",
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="is not an http"):
        load(dev__mode=True, backends__siebel__base_url=url).connections()


@pytest.mark.parametrize("url", ["http://me:hush@x", "http://hush@x:1/", "http://x/?key=hush", "http://x/#hush"])
def test_an_address_with_a_login_or_a_query_stops_the_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match=r"backends\.sap\.base_url: an address has no login") as stopped:
        load(dev__mode=True, backends__sap__base_url=url).connections()
    assert "hush" not in str(stopped.value)


@pytest.mark.parametrize("url", ["HTTPS://X.example/siebel/v1.0/", "http://[::1]:8361", "http://10.0.0.1:65535"])
def test_an_address_is_taken_as_it_stands_but_for_the_slash_at_its_end(url: str) -> None:
    assert load(backends__sap__base_url=url).base_url("sap") == url.rstrip("/")


def test_a_folder_of_somebody_unknown_is_no_path() -> None:
    with pytest.raises(SettingsError, match=r"state\.dir .* is not a path"):
        load(state__dir="~nobody-we-know/x")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "localhost.example", ""])  # noqa: S104 - refused here
def test_dev_mode_for_everybody_to_reach_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        load(dev__mode=True, listen__host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_dev_mode_is_for_this_machine(host: str) -> None:
    assert load(dev__mode=True, listen__host=host).dev


def test_settings_cannot_be_changed_and_show_no_secret() -> None:
    settings = load(auth__dev_key="s3cret" * 8)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.values = {}  # type: ignore[misc]  # that it cannot be done is the point
    assert "s3cret" not in repr(settings)


def test_each_generated_key_has_a_file_of_its_own(elsewhere: Path) -> None:
    settings = load()
    assert settings.key("auth.dev_key") != settings.key("cursors.key")
    assert sorted(path.name for path in (elsewhere / ".customer360").iterdir()) == ["cursors-key", "dev-key"]
    assert load().key("cursors.key") == settings.key("cursors.key")


def test_asking_for_a_setting_as_something_it_is_not_is_our_bug() -> None:
    settings = load()
    for wrong in (
        lambda: settings.text("listen.port"),
        lambda: settings.number("listen.host"),
        lambda: settings.path("dev.mode"),
    ):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(KeyError):
        settings.text("no.such")
