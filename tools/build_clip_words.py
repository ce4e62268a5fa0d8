"""Counts CLIP's tokens per word, for `prompts/clip.toml`.

    python tools/build_clip_words.py bpe_simple_vocab_16e6.txt.gz > prompts/clip.toml

The merges are OpenAI CLIP's (MIT); the package open_clip_torch carries the file. A list of words
that had better not stand in a repository can be left out with --leave-out.
"""

import argparse
import gzip
import re
import textwrap
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

PROMPTS = Path(__file__).parents[1] / "prompts"
MERGES = 49152 - 256 - 2
"""How many of the file's merges CLIP's vocabulary takes."""
FREQUENT = 4000
END = "</w>"
HEAD = """\
# How many tokens CLIP's tokenizer makes of a word: its 4000 most frequent whole words, and every
# word of this folder. Read off OpenAI CLIP's byte-pair merges (MIT) by tools/build_clip_words.py.
# Any other word counts a token a letter.
[words]"""


class Bpe:
    """CLIP's byte-pair encoding of single lower-case words of a to z."""

    def __init__(self, path: Path) -> None:
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")[1 : MERGES + 1]
        self.merges = [(a, b) for a, b in (line.split() for line in lines)]
        self._rank = {pair: rank for rank, pair in enumerate(self.merges)}

    def frequent(self) -> list[str]:
        """The first whole words among the merges: the most frequent ones."""
        whole = ["".join(m).removesuffix(END) for m in self.merges if m[1].endswith(END)]
        return [w for w in whole if re.fullmatch(r"[a-z]{2,}", w)][:FREQUENT]

    @cache  # noqa: B019 - one object, for the length of this script
    def count(self, word: str) -> int:
        """Tokens of a word."""
        parts = [*word[:-1], word[-1] + END]
        while len(parts) > 1:
            ranks = [self._rank.get(pair, MERGES) for pair in pairwise(parts)]
            if min(ranks) == MERGES:
                break
            parts = _merged(parts, self.merges[min(ranks)])
        return len(parts)


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if found and (found[-1], part) == pair:
            found[-1] += part
        else:
            found.append(part)
    return found


def own_words() -> set[str]:
    """Every word of the prompts' data, sentences of the replies aside."""
    aside = ("clip.toml", "replies.en.toml")
    files = [
        p for p in PROMPTS.rglob("*.toml") if p.name not in aside and p.parent.name != "locales"
    ]
    return {w for p in files for w in re.findall(r"[a-z]{2,}", p.read_text().lower())}


def main() -> None:
    """Print the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("merges", type=Path)
    parser.add_argument("--leave-out", type=Path)
    args = parser.parse_args()
    bpe = Bpe(args.merges)
    unwanted = set(args.leave_out.read_text().split()) if args.leave_out else set[str]()
    by_count: defaultdict[int, list[str]] = defaultdict(list)
    for word in sorted({*bpe.frequent(), *own_words()} - unwanted):
        by_count[bpe.count(word)].append(word)
    print(HEAD)
    for count, words in sorted(by_count.items()):
        print(f'{count} = """', *textwrap.wrap(" ".join(words), 100), '"""', sep="\n")


if __name__ == "__main__":
    main()
