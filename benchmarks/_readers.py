"""Who reads: the lexicon, and any model behind a server that speaks OpenAI's chat completions."""

from argparse import ArgumentParser, Namespace

from pydantic import SecretStr

from bot.app import build_interviewer
from bot.config import load_settings
from bot.core.ports import Interviewer, Reading, Speaking
from bot.core.session import Session
from bot.core.usage import Usage
from bot.core.words import FALLBACK
from bot.interview.lexicon_interviewer import LexiconInterviewer
from prompts import Prompts


class Counted:
    """A reader, with what its reading took and how often the lexicon had to stand in."""

    def __init__(self, reader: Interviewer) -> None:
        self._reader = reader
        self.messages = self.fallbacks = 0
        self.usage = Usage()

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        reading = await self._reader.read(session, text, speaking)
        self.messages += 1
        self.fallbacks += reading.notice == FALLBACK
        self.usage += reading.usage
        return reading

    async def close(self) -> None:
        await self._reader.close()

    def figures(self) -> dict[str, float]:
        """Over all messages: stand-ins, and tokens and cost of each."""
        count, used = max(self.messages, 1), self.usage
        return {
            "messages": self.messages,
            "fallbacks": self.fallbacks,
            "prompt_tokens": round(used.prompt_tokens / count, 1),
            "completion_tokens": round(used.completion_tokens / count, 1),
            "cost": round(used.cost / count, 6),
        }


def add_options(parser: ArgumentParser) -> None:
    """`--url`, `--model` and `--timeout` on top of the studio's own settings."""
    parser.add_argument("--url", default="", help="a server that speaks OpenAI's chat completions")
    parser.add_argument(
        "--model", default="", help="its model; the key is OPENAI_API_KEY's, if any"
    )
    parser.add_argument("--timeout", type=float, default=0.0, help="seconds a message may take")


def readers(known: Prompts, options: Namespace) -> dict[str, Counted]:
    """The lexicon, and the model that is set or named, by name."""
    found = {"lexicon": Counted(LexiconInterviewer(known))}
    settings = load_settings()
    key = settings.openai_api_key.get_secret_value() or ("none" if options.url else "")
    settings = settings.model_copy(
        update={
            "openai_api_key": SecretStr(key),
            "openai_base_url": options.url or settings.openai_base_url,
            "llm_model": options.model or settings.llm_model,
            "llm_timeout_s": options.timeout or settings.llm_timeout_s,
        }
    )
    if key:
        found[settings.llm_model] = Counted(build_interviewer(settings, known))
    return found
