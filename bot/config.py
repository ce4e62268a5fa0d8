"""Settings: read from the environment and `.env` when constructed, never at import."""

import re
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError
from engine.speed import options_of

APP = "northlight"
ID = re.compile(r"(telegram|discord|web)(:[\w:-]+)?")
Ids = Annotated[frozenset[str], NoDecode]


class Settings(BaseSettings):
    """Everything that can be set. `.env.example` lists the same settings in the same order."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path(APP),
        validation_alias="NORTHLIGHT_DATA_DIR",
        description="Where sessions, pictures and the cookie key live. "
        "Empty: the system's folder for user data.",
    )
    models_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path(APP) / "models",
        validation_alias="NORTHLIGHT_MODELS_DIR",
        description="Where model files live; several studios may share it. "
        "Empty: the user's cache folder.",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias="NORTHLIGHT_HOST",
        description="Address the web page listens on. 0.0.0.0 lets the whole network in.",
    )
    port: int = Field(
        default=8080,
        ge=1,
        le=65535,
        validation_alias="NORTHLIGHT_PORT",
        description="Port the web page listens on, 1 to 65535.",
    )
    public_url: str = Field(
        default="",
        validation_alias="NORTHLIGHT_PUBLIC_URL",
        description="Address under which others reach the web page (https://...), for links to "
        "files too large for a chat. Empty: no links.",
    )
    matte: Literal["u2net", "u2netp", "birefnet-portrait"] = Field(
        default="u2net",
        validation_alias="NORTHLIGHT_MATTE",
        description="Who cuts the person out: u2net (careful), u2netp (light) or birefnet-portrait "
        "(finest, for a GPU). The last two must be fetched first.",
    )
    model: str = Field(
        default="",
        validation_alias="NORTHLIGHT_MODEL",
        description="Which generative model draws: a name from `northlight models list`, the "
        "path of a diffusers folder, hosted, or none. Empty: the best that is here and fits the "
        "card.",
    )
    images_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="NORTHLIGHT_IMAGES_API_KEY",
        description="Key of a server that draws portraits for those without a card. What it draws "
        "leaves this machine and costs money; each person is asked first. Empty: none.",
    )
    images_base_url: str = Field(
        default="https://api.openai.com/v1",
        validation_alias="NORTHLIGHT_IMAGES_BASE_URL",
        description="Any server that speaks OpenAI's images API.",
    )
    images_model: str = Field(
        default="gpt-image-2.5-sunburst",
        min_length=1,
        validation_alias="NORTHLIGHT_IMAGES_MODEL",
        description="Which model draws there.",
    )
    images_price: str = Field(
        default="",
        max_length=40,
        validation_alias="NORTHLIGHT_IMAGES_PRICE",
        description="What one picture costs there, as people are told it (0.17 USD). "
        "Empty: they are told that it is not known.",
    )
    images_timeout_s: float = Field(
        default=180.0,
        gt=0,
        le=600,
        validation_alias="NORTHLIGHT_IMAGES_TIMEOUT_S",
        description="Seconds to wait for one picture, up to 600.",
    )
    images_sizes: str = Field(
        default="1024x1024, 1024x1536, 1536x1024",
        validation_alias="NORTHLIGHT_IMAGES_SIZES",
        description="Sizes that server draws, with commas between; the nearest is asked for.",
    )
    images_quality: str = Field(
        default="",
        validation_alias="NORTHLIGHT_IMAGES_QUALITY",
        description="Quality to ask for (low, medium, high), which changes the price. "
        "Empty: the server's choice.",
    )
    gpus: str = Field(
        default="all",
        min_length=1,
        validation_alias="NORTHLIGHT_GPUS",
        description="Which graphics cards the model works on, one process each: all, or their "
        "numbers as nvidia-smi tells them, separated by commas.",
    )
    speed: str = Field(
        default="",
        validation_alias="NORTHLIGHT_SPEED",
        description="How the model is made fast, as in compile=off fp8=on; docs/speed.md lists the "
        "options. Empty: what pays on the card.",
    )
    c2pa_cert: str = Field(
        default="",
        validation_alias="NORTHLIGHT_C2PA_CERT",
        description="PEM file with a certificate chain to sign pictures with (C2PA). "
        "Empty: pictures are not signed.",
    )
    c2pa_key: str = Field(
        default="",
        validation_alias="NORTHLIGHT_C2PA_KEY",
        description="PEM file with the certificate's private key, not encrypted.",
    )
    c2pa_tsa: str = Field(
        default="",
        validation_alias="NORTHLIGHT_C2PA_TSA",
        description="Address of a timestamp authority. Empty: signatures carry no trusted time.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        validation_alias="NORTHLIGHT_LOG_LEVEL",
        description="How much is logged: debug, info, warning or error.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        validation_alias="NORTHLIGHT_LOG_FORMAT",
        description="text (key=value lines) or json (one object per line).",
    )
    secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="NORTHLIGHT_SECRET",
        description="Key that signs the browser's cookie. "
        "Empty: one is made and kept in the data folder.",
    )
    openai_api_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OPENAI_API_KEY",
        description="Key of a language model that reads the sitter's words. "
        "Empty: the built-in lexicon reads them.",
    )
    openai_base_url: str = Field(
        default="https://api.openai.com/v1",
        validation_alias="OPENAI_BASE_URL",
        description="Any server that speaks OpenAI's chat completions.",
    )
    llm_model: str = Field(
        default="gpt-4o-mini",
        min_length=1,
        validation_alias="NORTHLIGHT_LLM_MODEL",
        description="Which model to ask there.",
    )
    llm_timeout_s: float = Field(
        default=45.0,
        gt=0,
        le=600,
        validation_alias="NORTHLIGHT_LLM_TIMEOUT_S",
        description="Seconds to wait for it before the lexicon takes over, up to 600.",
    )
    llm_price_in: float = Field(
        default=0.0,
        ge=0,
        validation_alias="NORTHLIGHT_LLM_PRICE_IN",
        description="What a million tokens it reads cost, in any currency; each exchange keeps it.",
    )
    llm_price_out: float = Field(
        default=0.0,
        ge=0,
        validation_alias="NORTHLIGHT_LLM_PRICE_OUT",
        description="What a million tokens it writes cost.",
    )
    telegram_bot_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="TELEGRAM_BOT_TOKEN",
        description="Token from @BotFather. Empty: no Telegram.",
    )
    telegram_webhook_url: str = Field(
        default="",
        validation_alias="TELEGRAM_WEBHOOK_URL",
        description="Public https address where Telegram calls this bot. Empty: the bot asks "
        "Telegram instead (polling), and needs no public address.",
    )
    telegram_webhook_listen: str = Field(
        default="127.0.0.1:8081",
        validation_alias="TELEGRAM_WEBHOOK_LISTEN",
        description="host:port where the bot listens for those calls, behind what ends TLS.",
    )
    telegram_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="TELEGRAM_WEBHOOK_SECRET",
        description="Secret token that Telegram sends with every call: letters, digits, _ and -, "
        "up to 256. Empty: a new one at each start.",
    )
    discord_bot_token: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="DISCORD_BOT_TOKEN",
        description="Token from Discord's developer portal. Empty: no Discord.",
    )

    telegram_api_url: str = Field(
        default="https://api.telegram.org",
        validation_alias="TELEGRAM_API_URL",
        description="Where the Bot API is; a server of your own takes larger files.",
    )
    allow: Ids = Field(
        default=frozenset(),
        validation_alias="NORTHLIGHT_ALLOW",
        description="Who is let in: people, chats, guilds (telegram:123, discord:456) or web, "
        "separated by commas. Empty: everybody.",
    )
    admins: Ids = Field(
        default=frozenset(),
        validation_alias="NORTHLIGHT_ADMINS",
        description="Who may say stats, pause, resume and drain: people's ids, separated by "
        "commas. Anybody learns theirs with whoami.",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        validation_alias="NORTHLIGHT_METRICS_PORT",
        description="Port for Prometheus metrics. 0: none.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        validation_alias="NORTHLIGHT_METRICS_HOST",
        description="Address the metrics listen on; nothing of a person is in them.",
    )

    @field_validator("allow", "admins", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = frozenset(filter(None, (part.strip() for part in value.split(","))))
        if not all(ID.fullmatch(each) for each in ids):
            raise ValueError("write ids like telegram:123, discord:456 or web, with commas between")
        return ids

    @field_validator("data_dir", "models_dir")
    @classmethod
    def _expand(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("images_sizes")
    @classmethod
    def _demand_sizes(cls, text: str) -> str:
        words = text.replace(",", " ").split()
        if not words or not all(re.fullmatch(r"[1-9]\d{1,4}x[1-9]\d{1,4}", w) for w in words):
            raise ValueError("must be sizes such as 1024x1536, with commas between")
        return text

    @field_validator("speed")
    @classmethod
    def _demand_options(cls, text: str) -> str:
        options_of(text)
        return text

    @field_validator("openai_base_url", "images_base_url", "telegram_api_url", "public_url")
    @classmethod
    def _demand_http(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/")

    @field_validator("telegram_webhook_url")
    @classmethod
    def _demand_https(cls, url: str) -> str:
        if url and not url.startswith("https://"):
            raise ValueError("must start with https://, Telegram calls nothing else")
        return url

    @field_validator("telegram_webhook_listen")
    @classmethod
    def _demand_port(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise ValueError("must be host:port, such as 127.0.0.1:8081")
        return address

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _demand_token(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret.get_secret_value()):
            raise ValueError("may hold letters, digits, _ and -, up to 256 of them")
        return secret

    @field_validator("log_level", "log_format", "matte", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment and `env_file` (the environment wins).

    Raises:
        ConfigError: One line naming every setting that is invalid, and why; never its value.
    """
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] - made by the base
    except ValidationError as error:
        raise ConfigError("; ".join(_reasons(error))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{env_file} cannot be read: {error}") from None


def _reasons(error: ValidationError) -> list[str]:
    """One clause per invalid setting, without the value: it may be a secret in the wrong line."""
    return [
        f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors(include_url=False, include_input=False)
    ]
