"""What can be set, from the command line, ``PULLQUOTE_*`` variables or ``pullquote.toml``, in this order of precedence.

``python -m api.settings`` prints the page ``docs/settings.md``.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import limits
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from api.invalid_fields import reason
from index.building.builder import PASSAGE_TOKENS
from index.collection.folders import DEFAULT, NAME_PATTERN, CollectionFolders, CollectionNotFoundError
from index.limited.limits import Limits
from index.models.embedder import DEFAULT_EMBEDDER
from index.parsing.column_names import COLUMN_FIELDS
from index.parsing.recognition import languages
from index.sources.fetch import FetchPolicy
from index.sources.refresh import Refresh

PREFIX = "PULLQUOTE_"
FILE = "pullquote.toml"
_NO_SETTINGS = re.compile(rf"{PREFIX}(TRAINING_.*|CHROMIUM)")
"""Variables that other programs of the project read."""

Precision = Literal["int8", "float32"]


class ConfigurationError(ValueError):
    """A setting has a value that can't be used: one line that names the variable."""


class Settings(BaseSettings):
    """The settings of one process. Read them with :func:`load_settings`, which tells errors in one line."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True)

    data_dir: Path = Field(Path("var"), description="Folder of the index and of the compiled models.")
    collection: str = Field(
        DEFAULT,
        description="Collection that commands work on, each an index of its own; a service serves all of them.",
        pattern=f"^{NAME_PATTERN}$",
    )
    sources: Annotated[list[str], NoDecode] = Field(
        ["seeds"],
        description="Files, folders, patterns, web addresses and folders elsewhere (s3://, webdavs://, imaps://) that "
        "are indexed, separated by commas.",
    )
    columns: Annotated[list[str], NoDecode] = Field(
        [],
        description="What fields are called in CSV and JSON sources, separated by commas, such as "
        "text=article_text,published=day. The fields are text, title, url, source, authors, published, language, tags "
        "and id; of several names for one field, the first that a source has counts.",
    )
    fetch_limit: int = Field(
        100, description="Documents that one feed or sitemap brings at the most; 0 fetches none of them.", ge=0
    )
    fetch_max_bytes: int = Field(20_000_000, description="Largest document that is fetched, in bytes.", ge=1024)
    fetch_seconds: float = Field(
        30, description="Longest time in seconds that fetching one document may take, with its redirects.", gt=0
    )
    fetch_private: bool = Field(False, description="Whether private, loopback and link-local addresses may be fetched.")
    fetch_logins: Path | None = Field(
        None,
        description="File with the logins for folders on WebDAV servers and in mailboxes, in the form of netrc "
        "(machine HOST login NAME password WORD); unset: none.",
    )
    refresh: Annotated[list[str], NoDecode] = Field(
        [],
        description="How often a service looks at sources elsewhere, separated by commas: an interval (15m, 2h, 1d) "
        "for all; a source, a blank and an interval for one. Unset: whenever it builds, and never by itself.",
    )
    ocr: str | None = Field(
        None,
        description="Language of PDF pages that are pictures, whose text is then recognised by the program tesseract "
        "(eng, deu+eng); unset: such pages are reported and not read.",
    )
    source_seconds: float = Field(
        120,
        description="Processor time in seconds that reading one source, and cutting one article, may take; past it, "
        "that source is a failure and the build goes on.",
        gt=0,
    )
    source_memory: int = Field(
        1_073_741_824,
        description="Memory in bytes that reading one source may take; past it, that source is a failure and the build "
        "goes on.",
        ge=67_108_864,
    )
    source_processes: int | None = Field(
        None,
        description="Processes that read and cut sources side by side; unset: as many as there are processors.",
        ge=1,
        le=256,
    )
    embedder: str = Field(
        DEFAULT_EMBEDDER,
        description="Embedding model: a sentence-transformers model's hub name or folder; or 'multilingual', with a "
        "reading model of its own, for articles in other languages than English (docs/multilingual.md).",
        min_length=1,
    )
    embedder_precision: Precision = Field("int8", description="Precision the embedding model runs in: int8 or float32.")
    reader: str | None = Field(
        None,
        description="Reading model: a question-answering model's hub name or folder, or 'small', the small one of "
        "the two that ship; unset: both, of which the large one reads the most promising passages again; or, with "
        "the embedding model 'multilingual', the one that belongs to it.",
    )
    reader_again: str | None = Field(
        None,
        description="Larger reading model, a hub name or folder, that reads the most promising passages again; "
        "unset: the one that ships, or none where PULLQUOTE_READER is set. Fit the confidence to it with "
        "'pullquote calibrate'.",
    )
    reader_precision: Precision = Field(
        "int8", description="Precision a reading model of your own runs in: int8 or float32 (the shipped one is int8)."
    )
    threads: int | None = Field(
        None, description="Processor threads for the models; unset: as many as there are processors.", ge=1
    )
    passage_tokens: int = Field(
        PASSAGE_TOKENS, description="Longest passage, in tokens of the embedding model, title included.", ge=16, le=8192
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 is every address.", min_length=1)
    port: int = Field(8000, description="Port to listen on; 0 takes a free one.", ge=0, le=65535)
    public_url: str | None = Field(
        None, description="Address that links in answers begin with; unset: the address that was asked."
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [],
        description="Names that the service answers to, separated by commas, *.example.org for all below one; beside "
        "them, always, localhost and loopback addresses, and the name in PULLQUOTE_PUBLIC_URL.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        [],
        description="Addresses or networks of the proxies in front, separated by commas: what they say of the client "
        "(X-Forwarded-For, X-Forwarded-Proto) is believed. Name every proxy: then no change is taken without a token.",
    )
    root_path: str = Field(
        "", description="Path under which a proxy shows the service, such as /answers; the proxy may strip it or not."
    )
    tls_certificate: Path | None = Field(
        None, description="File of a certificate with its chain (PEM); set with PULLQUOTE_TLS_KEY, HTTPS is spoken."
    )
    tls_key: Path | None = Field(
        None, description="File of the certificate's private key (PEM).", validate_default=True
    )
    shard_seconds: float = Field(
        2.0,
        description="Longest time in seconds that a shard may take; then answers are given without it, until it is "
        "back.",
        gt=0,
        le=60,
    )
    ray: str | None = Field(
        None,
        description="Ray cluster that the shards of an index run on, and parts of a build: auto for the one that this "
        "machine belongs to, or HOST:PORT of its head; unset: this process. Needs the extra ray.",
    )
    ray_replicas: int = Field(2, description="Replicas of each shard on Ray.", ge=1, le=16)
    shard_cache: Path = Field(
        Path("~/.cache/pullquote/shards"),
        description="Folder in which each machine of the Ray cluster keeps the shards that it pulled from the bucket "
        "that is followed. A machine whose 'ray start' has this variable uses its own.",
    )
    drain_seconds: float = Field(
        10, description="Longest time in seconds that requests under way have to end when the service stops.", ge=0
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins whose pages may call the service, separated by commas; empty: none, *: all."
    )
    processes: int = Field(1, description="Processes that serve; each has its own models and workers.", ge=1, le=256)
    workers: int = Field(
        2,
        description="Questions that a process works on at the same time; 2 keep two processors busy.",
        ge=1,
        le=256,
    )
    queue_size: int = Field(256, description="Questions that may wait; more are answered 503 with Retry-After.", ge=1)
    answer_cache: int = Field(
        1000,
        description="Answers that a process keeps in memory for when the same is asked again, until the index changes; "
        "0: none.",
        ge=0,
    )
    answer_cache_bytes: int = Field(8_388_608, description="Most bytes that kept answers may take.", ge=0)
    max_connections: int | None = Field(
        None,
        description="Connections that a process holds at a time; past them, the one that has waited longest for a "
        "request is closed. Unset: 320 fewer than it may have descriptors, 10,000 at the most.",
        ge=16,
    )
    header_seconds: float = Field(
        15, description="Seconds in which the headers of a request must come; idle connections are closed then.", gt=0
    )
    body_seconds: float = Field(
        30,
        description="Seconds in which the body of a request must come; one that comes at 10 kB a second has longer.",
        gt=0,
    )
    response_seconds: float = Field(
        60,
        description="Seconds in which a client must take what waits for it; one that takes 1 kB a second has longer.",
        gt=0,
    )
    build_stall_seconds: float = Field(
        1800,
        description="Seconds without any progress after which a build of the service is ended and begun again.",
        gt=0,
    )
    max_body_bytes: int = Field(1_048_576, description="Largest request body, in bytes; larger ones get 413.", ge=1024)
    write_token: SecretStr | None = Field(
        None,
        description="Secret that changes over HTTP have to bring (Authorization: Bearer …); unset: they are taken "
        "without one, but only from the same user on this machine, while the service listens on a loopback address and "
        "no proxy or public name is set.",
        min_length=16,
    )
    public_ask: bool = Field(
        True,
        description="Whether anybody who reaches the service may ask; false: asking, reading and the pages need a key.",
    )
    limit_by_key: str | None = Field(
        None,
        description="Requests that one key may make, such as 600/minute or 20000/day, in each process; unset: any "
        "number.",
    )
    limit_by_address: str | None = Field(
        None,
        description="Requests that one address without a key may make, such as 60/minute, in each process; an IPv6 "
        "network of 64 bits is one address; unset: any number.",
    )
    max_upload_bytes: int = Field(
        20_000_000, description="Largest article that is taken over HTTP, in bytes; larger ones get 413.", ge=1024
    )
    build_delay: float = Field(
        1.0, description="Seconds without another change over HTTP after which a build of all of them begins.", ge=0
    )
    build_delay_most: float = Field(
        10.0, description="Seconds after the first change at which the build begins although changes go on.", ge=0
    )
    keep_versions: int = Field(5, description="Newest versions of the index that are kept when older ones go.", ge=1)
    keep_days: float = Field(
        0.0, description="Days in which a version is kept, too, however many newer ones there are.", ge=0
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How lines of the log are written: text, or json for programs that collect them."
    )
    log_questions: bool = Field(
        False, description="Whether the log may tell the words of questions; off: it tells everything else about them."
    )
    site_name: str = Field("Pullquote", description="Name of the service on its pages.", min_length=1, max_length=60)
    site_logo: Path | None = Field(None, description="Picture beside the name: SVG, PNG, JPEG or WebP.")
    site_colour: str | None = Field(
        None, description="Colour of links and buttons on the pages, as #7a4b00; dark enough for white text on it."
    )
    site_footer: str | None = Field(None, description="Words at the foot of every page.", max_length=500)
    question_log: bool | None = Field(
        None,
        description="Whether questions, answers and what people think of them are kept, in questions.sqlite in the "
        "data folder, without who asked; unset: not before somebody turns it on on /admin/questions.",
    )
    question_log_days: float = Field(90, description="Days in which a kept question is kept.", gt=0)
    metrics: bool = Field(True, description="Whether /metrics tells figures to Prometheus; off: it is not there.")
    traces_endpoint: str | None = Field(
        None,
        description="Address of a collector that takes OpenTelemetry traces (OTLP over HTTP), such as "
        "http://127.0.0.1:4318; unset: none are sent. Needs the extra traces.",
    )
    keep_deleted_days: float = Field(
        7.0,
        description="Days after which old versions that hold the words of a deleted article are removed; ?erase=true "
        "of a deletion does it at once.",
        ge=0,
    )
    publish_to: str | None = Field(
        None,
        description="Bucket (s3://NAME/PREFIX, gs://…, az://…) or shared folder that every version of every "
        "collection is published to, for replicas on other machines; unset: none. Needs the extra replicas.",
    )
    publish_delay: float = Field(
        5.0, description="Seconds from a publication to the moment when all replicas switch to it.", ge=0
    )
    follow: str | None = Field(
        None,
        description="Bucket or shared folder whose collections this service answers from, as a replica that takes no "
        "changes; unset: it builds its own. Needs the extra replicas.",
    )
    verify_on_open: bool = Field(
        True, description="Compute the checksum of every index file before serving it; off: sizes only."
    )

    @field_validator("sources", "columns", "refresh", "cors_origins", "allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Take "a, b" or a JSON list for a list."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return json.loads(value)
            except ValueError:
                raise ValueError('is no list: write a, b or ["a", "b"]') from None
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("data_dir", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise ValueError("names no folder: write for example var, or leave it out")
        return value

    @field_validator("write_token", mode="before")
    @classmethod
    def _no_token_when_blank(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("publish_to", "follow")
    @classmethod
    def _bucket(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not (value and value.strip()):
            return None
        if info.field_name == "follow" and info.data.get("publish_to"):
            raise ValueError("and PULLQUOTE_PUBLISH_TO don't go together: a replica builds nothing to publish")
        return value.strip()

    @field_validator("reader", "ray")
    @classmethod
    def _unset_when_blank(cls, value: str | None) -> str | None:
        return value if value and value.strip() else None

    @field_validator("public_url", "traces_endpoint")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https?://[^\s?#]+", value):
            raise ValueError("is no address: write for example https://answers.example.org")
        return value.rstrip("/") if value else None

    @field_validator("site_colour")
    @classmethod
    def _colour(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
            raise ValueError("is no colour: write for example #7a4b00")
        return value or None

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str, info: ValidationInfo) -> str:
        path = value.rstrip("/")
        if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
            raise ValueError("is no path: write for example /answers")
        public = info.data.get("public_url")
        if path and public and urlsplit(public).path != path:
            raise ValueError(
                f"is not the path of PULLQUOTE_PUBLIC_URL: set that to https://{urlsplit(public).netloc}{path}"
            )
        return path

    @field_validator("tls_key")
    @classmethod
    def _both_or_none(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if "tls_certificate" in info.data and (value is None) != (info.data["tls_certificate"] is None):
            raise ValueError("and PULLQUOTE_TLS_CERTIFICATE go together: set both or neither")
        return value

    @field_validator("columns")
    @classmethod
    def _columns(cls, value: list[str]) -> list[str]:
        for pair in value:
            field, _, column = pair.partition("=")
            if field.strip() not in COLUMN_FIELDS or not column.strip():
                raise ValueError(f"{pair!r} names no column: write one of {', '.join(COLUMN_FIELDS)}, = and its name")
        return value

    @field_validator("refresh")
    @classmethod
    def _intervals(cls, value: list[str]) -> list[str]:
        Refresh.read(value)
        return value

    @field_validator("ocr")
    @classmethod
    def _language(cls, value: str | None) -> str | None:
        if not (value and value.strip()):
            return None
        known = languages()
        if not known:
            raise ValueError(
                "needs the program tesseract, which is not installed: on Debian, apt install tesseract-ocr"
            )
        if unknown := [each for each in value.strip().split("+") if each not in known]:
            raise ValueError(f"names languages that tesseract does not have ({', '.join(unknown)}): install them")
        return value.strip()

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if origin != "*" and not re.fullmatch(r"https?://[^\s/?#]+", origin):
                raise ValueError(f"{origin!r} is no origin: write for example https://www.example.org, without a path")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: list[str]) -> list[str]:
        for host in value:
            if not re.fullmatch(r"(\*\.)?[A-Za-z0-9_-][A-Za-z0-9._-]*|\[?[0-9A-Fa-f:.]+\]?", host):
                raise ValueError(
                    f"{host!r} is no name: write for example answers.example.org or *.example.org, without a port"
                )
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for proxy in value:
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                raise ValueError(f"{proxy!r} is no address: write for example 127.0.0.1 or 10.0.0.0/8") from None
        return value

    @field_validator("limit_by_key", "limit_by_address")
    @classmethod
    def _limit(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        try:
            if limits.parse(value).amount < 1:
                raise ValueError
        except ValueError:
            raise ValueError("is no limit: write for example 60/minute, 2000/day or 5 per 10 seconds") from None
        return value

    @property
    def fetch_policy(self) -> FetchPolicy:
        """What may be fetched."""
        return FetchPolicy(
            self.fetch_private, self.fetch_max_bytes, self.fetch_seconds, self.fetch_limit, self.fetch_logins
        )

    @property
    def named_columns(self) -> list[tuple[str, str]]:
        """Pairs of a field and the name of its column."""
        pairs = (pair.partition("=") for pair in self.columns)
        return [(field.strip(), column.strip()) for field, _, column in pairs]

    @property
    def refreshing(self) -> Refresh:
        """How often sources elsewhere are looked at."""
        return Refresh.read(self.refresh)

    @property
    def limits(self) -> Limits:
        """What reading one source may take."""
        return Limits(self.source_seconds, self.source_memory, self.source_processes)

    @property
    def path(self) -> str:
        """The path under which a service has the pages of the collection."""
        return "" if self.collection == DEFAULT else f"/collections/{self.collection}"

    @property
    def public_address(self) -> str:
        """The address that links begin with, as far as it is set."""
        return self.public_url + self.path if self.public_url else ""

    @property
    def folder(self) -> Path:
        """The folder of the collection: its index, and what was written to it."""
        return CollectionFolders(self.data_dir).path(self.collection)

    @property
    def index_dir(self) -> Path:
        """The folder of the index and its versions."""
        return self.folder / "index"

    @property
    def model_cache(self) -> Path:
        """The folder of compiled models, which all collections share."""
        return self.data_dir / "models"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given values, then the environment, then the file."""
        from pydantic_settings import TomlConfigSettingsSource

        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class _PassedSettings(Settings):
    """Settings that are read from nowhere."""

    model_config = SettingsConfigDict(toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given values only."""
        return (init_settings,)


def passed_settings(values: Mapping[str, Any]) -> Settings:
    """The settings that another process passes on: neither the file nor a variable has a say.

    :raises pydantic.ValidationError: when a value is none that :class:`Settings` could have.
    """
    return _PassedSettings(**values)


def load_settings(**given: Any) -> Settings:
    """The settings of this process; ``given`` values that are not None win.

    :raises ConfigurationError: when a value can't be used, or a variable is no setting.
    """
    _refuse_unknown(os.environ)
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**wanted)
        if settings.collection == DEFAULT:
            return settings
        return Settings(**{**_own(settings, settings.collection), **wanted})
    except CollectionNotFoundError as error:
        raise ConfigurationError(
            f"{error}: 'pullquote collections list' names them, and 'pullquote collections create' makes one"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{FILE} is not valid TOML: {error}") from None
    except ValidationError as error:
        raise ConfigurationError("; ".join(_complaint(dict(problem)) for problem in error.errors()[:3])) from None
    except (SettingsError, OSError) as error:
        raise ConfigurationError(f"the settings can't be read: {str(error).splitlines()[0]}") from None


def settings_of(settings: Settings, collection: str) -> Settings:
    """The settings of a service for one of its collections: those that it has of its own win.

    :raises CollectionNotFoundError: when there is none of this name.
    :raises pydantic.ValidationError: when one of its own can't be used.
    """
    if collection == DEFAULT:
        return settings
    return passed_settings({**settings.model_dump(exclude_unset=True), **_own(settings, collection)})


def _own(settings: Settings, collection: str) -> dict[str, Any]:
    """What a collection has instead of the settings of all: no sources but those that it was built from."""
    own = CollectionFolders(settings.data_dir).read(collection).settings
    return {"sources": [], **own, "collection": collection}


def _refuse_unknown(variables: Iterable[str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for variable in variables:
        name = variable.upper()
        if name.startswith(PREFIX) and name not in known and not _NO_SETTINGS.fullmatch(name):
            closest = get_close_matches(name, known, 1, 0)[0]
            raise ConfigurationError(
                f"{variable} is no setting: did you mean {closest}? 'pullquote serve --help' lists them all"
            )


def _complaint(problem: dict[str, Any]) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "?"
    if name not in Settings.model_fields:
        return f"{FILE}: there is no setting {name!r}; 'pullquote serve --help' lists them all"
    value = "not usable" if "token" in name else repr(problem["input"])[:80]
    return f"{PREFIX}{name.upper()} (or {name} in {FILE}) is {value}: {reason(problem)}"


def rows() -> list[tuple[str, str, str]]:
    """Each setting's variable, its default as one would write it, and what it does."""
    found = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = ",".join(default) if isinstance(default, list) else "" if default is None else str(default)
        found.append(
            (f"{PREFIX}{name.upper()}", shown.lower() if isinstance(default, bool) else shown, field.description or "")
        )
    return found


def markdown() -> str:
    """The page ``docs/settings.md``."""
    lines = [
        "# Settings",
        "",
        f"Values come from the command line, then from `{PREFIX}*` variables, then from `{FILE}` in the working",
        "directory, where a setting has its name without the prefix, in lower case",
        f"(`{PREFIX}PORT=9000` is `port = 9000`).",
        "This page is printed by `python -m api.settings`; a test holds that it is up to date.",
        "",
        "| variable | default | what it does |",
        "|---|---|---|",
    ]
    lines += [f"| `{name}` | {f'`{default}`' if default else '(unset)'} | {text} |" for name, default, text in rows()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
