"""Settings are read strictly and each error names the setting and what is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.config import Config, check_url, config_keys, read_config, write_config
from protocol.errors import ConfigError


def test_written_settings_are_read_again(tmp_path: Path) -> None:
    """What `write_config` writes, `read_config` gives back."""
    config = Config(directory=tmp_path, url="http://127.0.0.1:8801", port=8801, language="es", follow_all=True)

    write_config(config)

    assert config == read_config(tmp_path, {})


def test_environment_overrides(tmp_path: Path) -> None:
    """`MUTIRAO_*` wins over the file, with the type of the setting."""
    write_config(Config(directory=tmp_path, url="http://127.0.0.1:8801"))

    config = read_config(tmp_path, {"MUTIRAO_PORT": "9000", "MUTIRAO_FOLLOW_ALL": "true", "MUTIRAO_LOG_LEVEL": "debug"})

    assert (9000, True, "debug") == (config.port, config.follow_all, config.log_level)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "url is missing"),
        ("url = 7", "url is 7"),
        ('url = "vila.example"', "not an address"),
        ('url = "http://a"\nport = 0', "port is 0"),
        ('url = "http://a"\nport = "80"', "port is '80'"),
        ('url = "http://a"\nlanguage = "fr"', "language is 'fr'"),
        ('url = "http://a"\ncolor = "red"', "unknown setting 'color'"),
        ('url = "http://a"\nreconnect_ms_min = 0', "reconnect_ms_min"),
        ("url = ", "can't be read"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, text: str, says: str) -> None:
    """A setting that can't be used is refused with its name."""
    (tmp_path / "node.toml").write_text(text)

    with pytest.raises(ConfigError) as error:
        read_config(tmp_path, {})

    assert says in str(error.value)


def test_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """A folder without a node names the command that makes one."""
    with pytest.raises(ConfigError, match="mutirao init"):
        read_config(tmp_path, {})


@pytest.mark.parametrize("text", ["MUTIRAO_PORT=x", "MUTIRAO_FOLLOW_ALL=maybe"])
def test_bad_environment_is_named(tmp_path: Path, text: str) -> None:
    """A variable of the wrong type is refused with its name."""
    write_config(Config(directory=tmp_path, url="http://127.0.0.1:8801"))
    name, value = text.split("=")

    with pytest.raises(ConfigError, match=name):
        read_config(tmp_path, {name: value})


@pytest.mark.parametrize(
    "url", ["http://a:0", "http://a:99999", "ftp://a", "http://a/b", "http://u@a", "http://a b", ""]
)
def test_bad_urls(url: str) -> None:
    """Only scheme, host and port make the address of a node."""
    with pytest.raises(ConfigError):
        check_url(url)


def test_keys_do_not_name_the_folder() -> None:
    """The folder is where the file lies, not a setting in it."""
    assert "directory" not in config_keys()
