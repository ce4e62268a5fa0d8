"""Settings come from the environment and `.env`, and a wrong one is one clear line."""

import stat
from pathlib import Path

import pytest

from bot.config import Settings, load_settings
from bot.errors import ConfigError
from bot.secret_key import cookie_key
from engine.studio.factory import MATTES

EXAMPLE = Path(__file__).parents[2] / ".env.example"
ALIASES = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the settings is set on this machine."""
    for alias in ALIASES:
        monkeypatch.delenv(alias, raising=False)


def settings_from(folder: Path, text: str) -> Settings:
    env_file = folder / ".env"
    env_file.write_text(text)
    return load_settings(env_file)


def test_nothing_needs_to_be_set() -> None:
    """A stranger runs the studio without a `.env`: on this machine only, on port 8080."""
    settings = load_settings(None)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.data_dir.is_absolute()
    assert settings.models_dir.name == "models"
    assert not settings.openai_api_key.get_secret_value()


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is exported beats what is written down."""
    monkeypatch.setenv("NORTHLIGHT_PORT", "9000")
    settings = settings_from(tmp_path, "NORTHLIGHT_PORT=9001\nNORTHLIGHT_MATTE=u2netp\n")
    assert (settings.port, settings.matte) == (9000, "u2netp")


def test_guest_lists_are_ids_with_commas_between(tmp_path: Path) -> None:
    """Spaces and a last comma do no harm."""
    settings = settings_from(tmp_path, "NORTHLIGHT_ALLOW=telegram:-100, discord:5,web,\n")
    assert settings.allow == {"telegram:-100", "discord:5", "web"}
    assert settings.admins == frozenset()


@pytest.mark.parametrize("matte", MATTES)
def test_every_matte_the_studio_knows_can_be_chosen(tmp_path: Path, matte: str) -> None:
    """The setting and the studio agree on the names."""
    assert settings_from(tmp_path, f"NORTHLIGHT_MATTE={matte}").matte == matte


def test_an_empty_value_means_the_default(tmp_path: Path) -> None:
    """A line of `.env.example` left empty changes nothing."""
    settings = settings_from(tmp_path, "NORTHLIGHT_DATA_DIR=\nNORTHLIGHT_PORT=\n")
    assert settings == load_settings(None)


def test_a_home_folder_is_understood(tmp_path: Path) -> None:
    """`~` is the user's home, also in a file no shell has read."""
    assert settings_from(tmp_path, "NORTHLIGHT_DATA_DIR=~/pictures").data_dir == (
        Path.home() / "pictures"
    )


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("NORTHLIGHT_PORT=eighty", "NORTHLIGHT_PORT"),
        ("NORTHLIGHT_PORT=70000", "NORTHLIGHT_PORT"),
        ("NORTHLIGHT_LOG_LEVEL=loud", "NORTHLIGHT_LOG_LEVEL"),
        ("TELEGRAM_WEBHOOK_URL=http://studio.example", "TELEGRAM_WEBHOOK_URL"),
        ("TELEGRAM_WEBHOOK_LISTEN=localhost", "TELEGRAM_WEBHOOK_LISTEN"),
        ("TELEGRAM_WEBHOOK_SECRET=not a token", "TELEGRAM_WEBHOOK_SECRET"),
        ("NORTHLIGHT_MATTE=scissors", "NORTHLIGHT_MATTE"),
        ("NORTHLIGHT_LLM_TIMEOUT_S=-1", "NORTHLIGHT_LLM_TIMEOUT_S"),
        ("OPENAI_BASE_URL=api.example.org", "OPENAI_BASE_URL"),
        ("TELEGRAM_API_URL=api.example.org", "TELEGRAM_API_URL"),
        ("NORTHLIGHT_ALLOW=@ann", "NORTHLIGHT_ALLOW"),
        ("NORTHLIGHT_ADMINS=999", "NORTHLIGHT_ADMINS"),
        ("NORTHLIGHT_IMAGES_BASE_URL=images.example", "NORTHLIGHT_IMAGES_BASE_URL"),
        ("NORTHLIGHT_IMAGES_TIMEOUT_S=-7", "NORTHLIGHT_IMAGES_TIMEOUT_S"),
        ("NORTHLIGHT_IMAGES_SIZES=large", "NORTHLIGHT_IMAGES_SIZES"),
        ("NORTHLIGHT_METRICS_PORT=-1", "NORTHLIGHT_METRICS_PORT"),
        ("NORTHLIGHT_SPEED=compile=fast", "NORTHLIGHT_SPEED"),
        ("NORTHLIGHT_SPEED=warp=on", "NORTHLIGHT_SPEED"),
        ("NORTHLIGHT_SPEED=prompt_cache_mb=-5", "NORTHLIGHT_SPEED"),
    ],
)
def test_an_invalid_value_is_one_line_that_names_the_setting(
    tmp_path: Path, line: str, named: str
) -> None:
    """No traceback and no value: a secret in the wrong line must not reach a terminal or a log."""
    with pytest.raises(ConfigError) as caught:
        settings_from(tmp_path, line)
    assert str(caught.value).startswith(named + ": ")
    assert "\n" not in str(caught.value)
    assert line.partition("=")[2] not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """Bytes that are no text are said to be so."""
    (tmp_path / ".env").write_bytes(b"NORTHLIGHT_HOST=\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / ".env")


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    """Printing the settings shows no key and no token."""
    names = (
        "NORTHLIGHT_SECRET",
        "NORTHLIGHT_IMAGES_API_KEY",
        "OPENAI_API_KEY",
        "TELEGRAM_BOT_TOKEN",
        "DISCORD_BOT_TOKEN",
    )
    settings = settings_from(tmp_path, "\n".join(f"{name}=hush-{name}" for name in names))
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.discord_bot_token.get_secret_value() == "hush-DISCORD_BOT_TOKEN"


def test_the_example_lists_every_setting_in_order() -> None:
    """`.env.example` is complete."""
    lines = [line for line in EXAMPLE.read_text().splitlines() if "=" in line and line[0] != "#"]
    assert [line.partition("=")[0] for line in lines] == ALIASES


def test_the_example_explains_every_setting_in_its_own_words() -> None:
    """Each setting stands under its description."""
    text = EXAMPLE.read_text()
    for alias, field in zip(ALIASES, Settings.model_fields.values(), strict=True):
        assert f"# {field.description}\n{alias}=" in text


def test_the_example_shows_the_defaults() -> None:
    """Copying it changes nothing."""
    assert load_settings(EXAMPLE) == load_settings(None)


def test_the_cookie_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """A restart keeps everybody's cookie valid, and nobody else can read the key."""
    settings = settings_from(tmp_path, f"NORTHLIGHT_DATA_DIR={tmp_path / 'data'}")
    key = cookie_key(settings)
    kept = tmp_path / "data" / "cookie.key"
    assert len(key) >= 32
    assert cookie_key(settings) == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["cookie.key"]


def test_a_configured_cookie_key_leaves_no_file(tmp_path: Path) -> None:
    """Who sets the key keeps it where they want."""
    text = f"NORTHLIGHT_DATA_DIR={tmp_path / 'data'}\nNORTHLIGHT_SECRET=mine"
    assert cookie_key(settings_from(tmp_path, text)) == "mine"
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """The line names the setting."""
    (tmp_path / "file").touch()
    settings = settings_from(tmp_path, f"NORTHLIGHT_DATA_DIR={tmp_path / 'file' / 'data'}")
    with pytest.raises(ConfigError, match="NORTHLIGHT_DATA_DIR"):
        cookie_key(settings)
