"""The operator's settings: `DIR/node.toml`, overridden by `MUTIRAO_*`.

Every key is documented in docs/reference/config.md, and a test compares. `MUTIRAO_PORT=9000` overrides `port`,
`MUTIRAO_LOG_LEVEL` overrides `log_level`, and so on.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from protocol.errors import ConfigError

FILE_NAME = "node.toml"
LANGUAGES = ("pt-BR", "es", "en")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one node.

    Attributes:
        url: Where people and peers reach it, like https://vila.example (no slash at the end).
        host: Address to listen on.
        port: Port to listen on, 1 to 65535.
        database: Database URL; empty for `DIR/node.sqlite`.
        language: Language of pages where a reader's browser asks for none of ours.
        log_level: debug, info, warning or error.
        log_format: text, or json for collectors.
        reconnect_ms_min: First wait before a lost link is dialled again, in milliseconds.
        reconnect_ms_max: Longest such wait, in milliseconds.
        follow_all: Follow every network that a neighbour carries; set for regions.
    """

    directory: Path
    url: str
    host: str = "127.0.0.1"
    port: int = 8800
    database: str = ""
    language: str = "pt-BR"
    log_level: str = "info"
    log_format: str = "text"
    reconnect_ms_min: int = 500
    reconnect_ms_max: int = 60_000
    follow_all: bool = False

    @property
    def database_url(self) -> str:
        """The database, by default SQLite in the node's folder."""
        return self.database or f"sqlite+aiosqlite:///{self.directory / 'node.sqlite'}"


def config_keys() -> tuple[str, ...]:
    """List the keys of `node.toml`."""
    return tuple(field.name for field in fields(Config) if field.name != "directory")


def read_config(directory: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the settings of the node in `directory`.

    Args:
        directory: The node's folder.
        environment: `MUTIRAO_*` variables; by default those of the process.

    Raises:
        ConfigError: The file is missing or not TOML, or a key is unknown or has a value that can't be used.
    """
    path = directory / FILE_NAME
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} is missing; make a node here with: mutirao init {directory} --name NAME --url URL"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from error
    unknown = sorted(set(values) - set(config_keys()))
    if unknown:
        raise ConfigError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(config_keys())}")
    for name in config_keys():
        text = (os.environ if environment is None else environment).get("MUTIRAO_" + name.upper())
        if text is not None:
            values[name] = _from_environment(name, text)
    if "url" not in values:
        raise ConfigError(f"{path}: the setting url is missing")
    config = Config(directory=directory, **values)
    check_config(config)
    return config


def check_config(config: Config) -> None:
    """Refuse settings that can't be used.

    Raises:
        ConfigError: Says which setting, what came and what is wanted.
    """
    for field in fields(Config):
        value = getattr(config, field.name)
        wanted = {"str": str, "int": int, "bool": bool}.get(str(field.type))
        if wanted is not None and type(value) is not wanted:
            raise ConfigError(f"{field.name} is {value!r}; it must be {_word(wanted)}")
    check_url(config.url)
    if not 1 <= config.port <= 65535:
        raise ConfigError(f"port is {config.port}; it must be from 1 to 65535")
    for name, allowed in (("language", LANGUAGES), ("log_level", LOG_LEVELS), ("log_format", LOG_FORMATS)):
        if getattr(config, name) not in allowed:
            raise ConfigError(f"{name} is {getattr(config, name)!r}; it must be one of {', '.join(allowed)}")
    if not 10 <= config.reconnect_ms_min <= config.reconnect_ms_max:
        raise ConfigError("reconnect_ms_min must be at least 10 and at most reconnect_ms_max")


def check_url(url: str) -> None:
    """Refuse what is no address of a node.

    Raises:
        ConfigError: `url` is not like https://vila.example or http://127.0.0.1:8801.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{url!r} is not an address like https://vila.example") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ConfigError(f"{url!r} is not an address like https://vila.example or http://127.0.0.1:8801")
    if port == 0 or parts.username is not None or re.search(r"\s", url):
        raise ConfigError(f"{url!r} is not an address like https://vila.example")


def write_config(config: Config) -> None:
    """Write `node.toml` with the settings that differ from their defaults.

    Raises:
        ConfigError: A setting can't be used.
    """
    check_config(config)
    lines = ["# Settings of this node; docs/reference/config.md explains each."]
    for field in fields(Config):
        value = getattr(config, field.name)
        if field.name != "directory" and (field.name in {"url", "host", "port"} or value != field.default):
            lines.append(f"{field.name} = {_toml(value)}")
    (config.directory / FILE_NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _from_environment(name: str, text: str) -> Any:
    kind = {field.name: str(field.type) for field in fields(Config)}[name]
    if kind == "int":
        try:
            return int(text)
        except ValueError as error:
            raise ConfigError(f"MUTIRAO_{name.upper()} is {text!r}; it must be a whole number") from error
    if kind == "bool":
        if text.lower() not in {"true", "false", "1", "0"}:
            raise ConfigError(f"MUTIRAO_{name.upper()} is {text!r}; it must be true or false")
        return text.lower() in {"true", "1"}
    return text


def _word(kind: type) -> str:
    return {str: "text", int: "a whole number", bool: "true or false"}[kind]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
