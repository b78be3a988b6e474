"""Everything an operator can set for an installation. The only place that reads the environment; read once, then frozen."""

import base64
import binascii
import ipaddress
import os
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bridge.media.hosts import Hosts
from bridge.model.errors import UnusableSetting
from bridge.wording import languages

WHERE = "in the environment or in .env"

TO_RUN = ("BRIDGE_SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "META_APP_SECRET", "META_VERIFY_TOKEN")
"""Without these nothing can be received, shown or sent, where one workspace is installed by its token over HTTP."""

MENDS = {
    "BRIDGE_SECRET_KEY": "`threadbridge keygen` prints one",
    "SLACK_BOT_TOKEN": "the Slack app's page “OAuth & Permissions” shows it",
    "SLACK_SIGNING_SECRET": "the Slack app's page “Basic Information” shows it",
    "SLACK_CLIENT_ID": "the Slack app's page “Basic Information” shows it",
    "SLACK_CLIENT_SECRET": "the Slack app's page “Basic Information” shows it",
    "META_APP_SECRET": "the Meta app's page “App settings, Basic” shows it",
    "META_VERIFY_TOKEN": "choose any word, and give the same to the Meta app's page “Webhooks”",
}


class ConfigError(UnusableSetting):
    """Something is missing or wrong in the settings; one line, without any value that could be a secret."""


class Secret:
    """A secret, or several while it is being rotated: the first signs and encrypts, all verify and decrypt."""

    __slots__ = ("values",)

    def __init__(self, *values: str) -> None:
        self.values = values

    def __bool__(self) -> bool:
        return bool(self.values)

    def __repr__(self) -> str:
        return f"Secret({len(self.values)} hidden)"

    @property
    def first(self) -> str:
        """The one that signs and encrypts; ValueError where none is set."""
        if not self.values:
            raise ValueError("this secret is not set")
        return self.values[0]


def _secret(given: object) -> object:
    if not isinstance(given, str):
        return given
    return Secret(*[value for part in given.split(",") if (value := part.strip())])


def _keys(secret: Secret) -> Secret:
    return Secret(*map(_key, secret.values))


def _key(value: str) -> str:
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise ValueError("is not 32 bytes in URL-safe base64: `threadbridge keygen` prints one")
    return base64.urlsafe_b64encode(raw).decode()


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        raise ValueError("is not an address such as https://bridge.example.com") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not an address such as https://bridge.example.com")
    return value.rstrip("/")


def _folder(value: str) -> str:
    return f"{value}/"


def _version(value: str) -> str:
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]{1,2}", value):
        raise ValueError("is not a version of the Graph API such as v25.0")
    return value


def _database(value: str) -> str:
    if re.match(r"sqlite(\+\w+)?:///.|postgres(ql)?(\+\w+)?://", value) is None:
        raise ValueError("is neither sqlite+aiosqlite:///FILE nor postgresql://USER:PASSWORD@HOST/DATABASE")
    return value


def _hosts(given: object) -> object:
    return (
        tuple(host for part in given.split(",") if (host := part.strip().lower())) if isinstance(given, str) else given
    )


def _readable(hosts: tuple[str, ...]) -> tuple[str, ...]:
    Hosts.of(hosts)
    return hosts


def _spoken(language: str) -> str:
    if language not in languages():
        raise ValueError(f"is none of {', '.join(languages())}")
    return language


def _lower(given: object) -> object:
    return given.strip().lower() if isinstance(given, str) else given


SecretField = Annotated[Secret, NoDecode, BeforeValidator(_secret)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=0, le=65535)]
Days = Annotated[int, Field(ge=1, le=36500)]
Rate = Annotated[float, Field(ge=0)]


class SecretFiles(PydanticBaseSettingsSource):
    """``NAME_FILE``: the file that holds a secret, for one layer of settings (the environment, or .env)."""

    def __init__(self, settings_cls: type[BaseSettings], layer: Mapping[str, str | None]) -> None:
        super().__init__(settings_cls)
        self._layer = layer

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Read the file that *field* names, if it is a secret and names one."""
        name = _name(field_name, field)
        path = self._layer.get(f"{name}_file".lower())
        if path is None or not (field.annotation is Secret or field_name == "database_url"):
            return None, field_name, False
        if self._layer.get(name.lower()) is not None:
            raise ConfigError(f"{name} and {name}_FILE are both set, {WHERE}: keep one of them")
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not a text file"
            raise ConfigError(f"the file that {name}_FILE names cannot be read ({why}): {path}") from None

    def __call__(self) -> dict[str, Any]:
        """Read all of them, under the same keys as the other sources, so that the first source wins."""
        fields = self.settings_cls.model_fields.items()
        found = {str(field.validation_alias or name): self.get_field_value(field, name)[0] for name, field in fields}
        return {key: value for key, value in found.items() if value is not None}


class Config(BaseSettings):
    """The contract's settings, each under its own name in the environment. Addresses end without a slash, but Slack's, which is a folder."""

    model_config = SettingsConfigDict(
        env_prefix="BRIDGE_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )

    slack_bot_token: SecretField = Field(Secret(), validation_alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretField = Field(Secret(), validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretField = Field(Secret(), validation_alias="SLACK_APP_TOKEN")
    slack_client_id: str | None = Field(None, validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretField = Field(Secret(), validation_alias="SLACK_CLIENT_SECRET")

    meta_app_id: str | None = Field(None, validation_alias="META_APP_ID")
    meta_app_secret: SecretField = Field(Secret(), validation_alias="META_APP_SECRET")
    meta_verify_token: SecretField = Field(Secret(), validation_alias="META_VERIFY_TOKEN")
    meta_login_config_id: str | None = Field(None, validation_alias="META_LOGIN_CONFIG_ID")
    instagram_app_id: str | None = Field(None, validation_alias="INSTAGRAM_APP_ID")
    instagram_app_secret: SecretField = Field(Secret(), validation_alias="INSTAGRAM_APP_SECRET")

    database_url: Annotated[str, AfterValidator(_database)] = Field("sqlite+aiosqlite:///bridge.db", repr=False)
    secret_key: Annotated[SecretField, AfterValidator(_keys)] = Secret()
    public_url: Address | None = None
    host: str = "127.0.0.1"
    port: Port = 8080
    metrics_port: Port | None = None
    """Set: ``/metrics`` is served there and nowhere else."""

    language: Annotated[str, BeforeValidator(_lower), AfterValidator(_spoken)] = "en"
    ops_channel: str | None = None
    smtp_url: SecretField = Secret()
    alert_email: str | None = None
    alert_webhook_url: SecretField = Secret()
    retention_raw_days: Days = 7
    retention_words_days: Days = 180
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"

    slack_api_url: Annotated[Address, AfterValidator(_folder)] = "https://slack.com/api/"
    graph_url: Address = "https://graph.facebook.com"
    instagram_graph_url: Address = "https://graph.instagram.com"
    facebook_url: Address = "https://www.facebook.com"
    instagram_url: Address = "https://www.instagram.com"
    instagram_api_url: Address = "https://api.instagram.com"
    clock_url: Address | None = None
    """Demo and tests only: where the time comes from."""
    graph_version: Annotated[str, AfterValidator(_version)] = "v25.0"
    media_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_hosts), AfterValidator(_readable)] = (
        "fbcdn.net",
        "cdninstagram.com",
        "fbsbx.com",
    )
    routes_per_channel: Annotated[int, Field(ge=0, le=1_000)] = 0
    """Accounts of one platform in one channel; 0: any number."""
    slack_posts_per_second: Rate = 1.0
    """Into one channel; 0: no pace of our own."""
    slack_posts_per_minute: Rate = 300.0
    """Into all of a workspace; 0: no pace of our own."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - a directory of secrets, which we do not have
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment, the environment before .env; in each, ``NAME_FILE`` stands for ``NAME``."""
        sources = [init_settings]
        for layer in (env_settings, dotenv_settings):
            assert isinstance(layer, EnvSettingsSource)  # noqa: S101 - what the library hands over by default
            sources += [layer, SecretFiles(settings_cls, layer.env_vars)]
        return tuple(sources)

    @model_validator(mode="after")
    def _install_in_one_way(self) -> Self:
        pair = {"SLACK_CLIENT_ID": bool(self.slack_client_id), "SLACK_CLIENT_SECRET": bool(self.slack_client_secret)}
        if any(pair.values()) and self.slack_bot_token:
            there = _listed([name for name, given in pair.items() if given])
            raise ValueError(
                f"SLACK_BOT_TOKEN is for one workspace, {there} for many: take one of them out. With OAuth the workspace "
                "of the token is installed at /slack/install, and keeps everything"
            )
        return self

    @model_validator(mode="after")
    def _move_no_clock_but_a_stand_ins(self) -> Self:
        if self.clock_url is not None and not self.stands_alone:
            others = [
                _name(field, Config.model_fields[field]) for field in BASES if not on_loopback(getattr(self, field))
            ]
            raise ValueError(
                f"BRIDGE_CLOCK_URL is for demo and tests, but {_listed(others)} "
                f"{'is' if len(others) == 1 else 'are'} not on loopback: take it out"
            )
        return self

    @property
    def stands_alone(self) -> bool:
        """Every base address is on loopback: there are only stand-ins."""
        return all(on_loopback(getattr(self, field)) for field in BASES)

    @property
    def retention_raw(self) -> timedelta:
        """How long raw deliveries are kept."""
        return timedelta(days=self.retention_raw_days)

    @property
    def retention_words(self) -> timedelta:
        """How long customers' and agents' words are kept."""
        return timedelta(days=self.retention_words_days)

    @property
    def meta_secrets(self) -> tuple[str, ...]:
        """Every secret that may have signed a delivery of Meta's: the app's, and that of Instagram Login."""
        return self.meta_app_secret.values + self.instagram_app_secret.values

    @property
    def by_oauth(self) -> bool:
        """The app is installed into workspaces by OAuth, and not by a token that the operator sets."""
        return bool(self.slack_client_id or self.slack_client_secret)

    @property
    def to_run(self) -> tuple[str, ...]:
        """What is needed to run, the way this installation hears of Slack: nothing that comes over a socket is signed."""
        names = [name for name in TO_RUN if name != "SLACK_SIGNING_SECRET" or not self.slack_app_token]
        if self.by_oauth:
            place = names.index("SLACK_BOT_TOKEN")
            names[place : place + 1] = ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"]
        return tuple(names)

    def missing(self, names: Sequence[str] | None = None) -> list[str]:
        """Which of *names* are not set; None: of those that running needs."""
        fields = {_name(field, info): field for field, info in Config.model_fields.items()}
        return [name for name in (self.to_run if names is None else names) if not getattr(self, fields[name])]

    def require(self, names: Sequence[str] | None = None) -> None:
        """Raise ConfigError that names every one of *names* that is not set; None: of those that running needs."""
        if missing := self.missing(names):
            if len(missing) == 1:
                raise ConfigError(": ".join([f"{missing[0]} is missing, {WHERE}", *_mends(missing)]))
            named = [f"{name} ({MENDS[name]})" if name in MENDS else name for name in missing]
            raise ConfigError(f"missing, {WHERE}: {_listed(named)}")


BASES = ("slack_api_url", "graph_url", "instagram_graph_url", "facebook_url", "instagram_url", "instagram_api_url")


def read() -> Config:
    """Read the environment and .env; ConfigError says in one line what is wrong in them."""
    try:
        return Config()
    except ValidationError as error:
        raise ConfigError(f"{'; '.join(map(_problem, error.errors()))} ({WHERE})") from None
    except SettingsError as error:
        raise ConfigError(f"{error}, {WHERE}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f".env in this directory cannot be read: {getattr(error, 'strerror', 'not a text file')}"
        ) from None


def variable(name: str) -> str | None:
    """What the environment holds under a name that an operator chose, for example for an access token."""
    return os.environ.get(name)


def on_loopback(url: str) -> bool:
    """Whether an address leads to this machine only."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name(field_name: str, field: FieldInfo) -> str:
    return str(field.validation_alias) if field.validation_alias else f"BRIDGE_{field_name.upper()}"


def _problem(error: Any) -> str:
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return str(said)
    name = str(error["loc"][0])
    name = _name(name, Config.model_fields[name]) if name in Config.model_fields else name.upper()
    return f"{name} {said}" if said.startswith("is ") else f"{name}: {said[0].lower()}{said[1:]}"


def _mends(names: Sequence[str]) -> list[str]:
    return [MENDS[name] for name in names if name in MENDS]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
