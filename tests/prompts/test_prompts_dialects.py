"""The five classic mistakes cannot be made, whatever the sitter says, in any dialect."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import prompts
from prompts import Composed, compose
from prompts.freewords import free_words
from prompts.tokens import CLIP_TOKENS, MARKS, count_tokens
from prompts.vocab import SLOTS

WORDS = prompts.load()
WEIGHT = re.compile(r"\(([^()]*):[\d.]+\)")
SYNTAX = [
    "(x:1.9)",
    "<lora:a:1>",
    "{b|c}",
    "[d]",
    "__e__",
    "BREAK",
    "AND",
    "\\",
    "\n",
    "{film}",
    '"',
]
free = st.lists(st.sampled_from([*SYNTAX, "navy", "blazer"]) | st.text(max_size=30)).map(" ".join)


def of_slot(slot: str) -> st.SearchStrategy:
    """A listed value of a slot, or anything at all."""
    listed = [v.id for v in WORDS.slot(slot).values.values()]
    return st.sampled_from(listed) | free if listed else free


settings.register_profile(
    "words",
    deadline=None,  # the two cores may be busy
    suppress_health_check=[HealthCheck.too_slow],  # the first text draw builds a character table
)
patient = settings(settings.get_profile("words"))
specs = st.fixed_dictionaries({}, optional={slot: of_slot(slot) for slot in SLOTS})


def dialects(composed: Composed) -> dict[str, str]:
    """Every text a picture model may be given."""
    names = ("prompt", "clip", "prose", "structured", "edit")
    return {name: getattr(composed, name).lower() for name in names}


def unweighted(clip: str) -> str:
    """What CLIP's tokenizer sees once the weights are taken off."""
    return WEIGHT.sub(r"\1", clip)


@patient
@given(specs)
def test_eyes_are_sharp_and_skin_has_pores_in_every_dialect(spec: dict) -> None:
    """Dead eyes and plastic skin: two of the five."""
    for text in dialects(compose(spec, WORDS)).values():
        assert "eyes tack sharp with catchlights" in text
        assert "micro-pores" in text


@patient
@given(specs)
def test_no_prompt_is_too_general(spec: dict) -> None:
    """Sitter, framing, light, backdrop, lens and film are always said."""
    composed = compose(spec, WORDS)
    for text in (composed.prompt, composed.prose, composed.structured):
        low = text.lower()
        assert "light" in low and "lens" in low
        assert any(v.prompt.lower() in low for v in WORDS.slot("shot").values.values())
    told = json.loads(composed.structured)
    essential = {"subject", "framing", "backdrop", "lighting", "camera", "eyes", "skin", "film"}
    assert essential <= {key for key, value in told.items() if value}
    assert told["subject"]["description"]


@patient
@given(specs)
def test_clip_reads_the_whole_prompt(spec: dict) -> None:
    """Never more than 77 tokens; sitter, framing, eyes, skin, film and light always among them."""
    text = unweighted(compose(spec, WORDS).clip)
    assert count_tokens(text, WORDS.clip_words) + MARKS <= CLIP_TOKENS
    kept = text.split(", ")
    assert kept[0] in {"close-up portrait", "waist-up portrait", "full-body portrait",
                       "three-quarter length portrait"}  # fmt: skip
    assert len(kept) >= 6


def test_what_must_be_in_fits_by_construction() -> None:
    """Even the longest value of every part that is always there, together with the sitter."""
    rules, known = WORDS.rules, WORDS.clip_words

    def longest(slot: str) -> int:
        phrases = [
            rules.clip.short.get(v.prompt, v.prompt) for v in WORDS.slot(slot).values.values()
        ]
        return max(count_tokens(phrase, known) for phrase in phrases)

    slots = ("shot", "skin", "film", "softness", "lighting", "key_side")
    total = rules.clip.most["subject"] + count_tokens(rules.eyes, known) + sum(map(longest, slots))
    assert total + len(rules.clip.always) + MARKS <= CLIP_TOKENS


@patient
@given(specs)
def test_what_the_sitter_says_is_never_syntax(spec: dict) -> None:
    """No brackets, choices, add-ons or line breaks but our own; JSON stays JSON."""
    composed = compose(spec, WORDS)
    for text in (composed.prompt, unweighted(composed.clip), composed.prose):
        assert not set(text) & set('()[]{}<>|\\_:\n"') - {":"}
        assert text.isprintable()
    assert ":" not in composed.prompt + unweighted(composed.clip)
    assert composed.clip == composed.clip.lower()
    json.loads(composed.structured)


@patient
@given(specs)
def test_prose_says_it_positively(spec: dict) -> None:
    """A model without a negative prompt draws whatever is named, so nothing unwanted is named."""
    prose = compose({**spec, "subject": "woman", "wardrobe": "plain coat"}, WORDS).prose.lower()
    assert not re.search(r"\b(no|not|without|never|avoid|plastic|watermark|extra fingers)\b", prose)


@patient
@given(free)
def test_free_words_are_short_plain_and_stable(text: str) -> None:
    """Cleaning twice changes nothing."""
    once = free_words(text, WORDS.rules.unwanted)
    assert len(once) <= 120
    assert "\n" not in once
    assert free_words(once, WORDS.rules.unwanted) == once


@pytest.mark.parametrize("said", ["flawless skin", "Airbrushed", "poreless", "porcelain skin"])
def test_plastic_skin_cannot_be_asked_for(said: str) -> None:
    """The skin slot decides the skin; words for the sitter cannot undo it."""
    composed = compose({"subject": f"woman with {said} and a hat", "wardrobe": said}, WORDS)
    for text in (composed.prompt, composed.clip, composed.prose):
        assert said.lower() not in text.lower()


def test_a_hand_is_only_named_where_it_can_be_seen() -> None:
    """Speaking of hands puts hands into a close-up."""
    assert "hands" not in compose({"shot": "close-up"}, WORDS).prose
    assert "hands with five fingers" in compose({"shot": "medium"}, WORDS).prose


def test_a_hex_colour_is_spoken_by_its_nearest_name() -> None:
    """Picture models do not read hex."""
    assert "seamless navy" in compose({"backdrop": "#2b3a57"}, WORDS).prompt


def test_the_count_is_never_below_clips_own(data_dir) -> None:  # noqa: ANN001  a path
    """Against counts of OpenAI's tokenizer, taken once; and close to them for our own prompts."""
    rows = [json.loads(line) for line in (data_dir / "clip_tokens.jsonl").open(encoding="utf-8")]
    assert len(rows) > 150
    ours = [r for r in rows if r["ours"]]
    for row in rows:
        assert count_tokens(row["text"], WORDS.clip_words) >= row["tokens"], row["text"]
    counted = sum(count_tokens(r["text"], WORDS.clip_words) for r in ours)
    assert counted <= 1.02 * sum(r["tokens"] for r in ours)


@pytest.mark.parametrize("look", WORDS.looks)
def test_every_look_reads_well_in_every_dialect(look: str) -> None:
    """A whole brief keeps sitter, wardrobe, light and look within CLIP's budget."""
    spec = {**WORDS.defaults, **WORDS.looks[look].fields, "look": look, "gender": "woman"}
    composed = compose(spec, WORDS)
    assert "wearing" in composed.clip
    assert WORDS.looks[look].prompt.lower() in composed.prose.lower()
    assert "  " not in composed.prose and " ," not in composed.prose and ".." not in composed.prose


def test_a_model_that_sees_the_person_is_told_what_stays_and_what_is_new() -> None:
    spec = {"shot": "close-up", "wardrobe": "navy blazer", "expression": "laughing"}
    told = compose(spec, WORDS).edit
    assert told.startswith("The same person as in the reference photo")
    new, stays = told.split("What is new: ")[1].split(" As in the reference photo: ")
    assert "wearing a navy blazer" in new
    assert "mid-laugh" in new
    assert "their hair" in stays.split(". ")[0]
    assert "what they wear" not in stays


def test_no_word_of_the_face_competes_with_the_photo() -> None:
    spec = {"subject": "a man with a red beard", "gender": "man", "age": "60s", "skin_tone": "fair"}
    told = compose(spec, WORDS).edit
    assert not {"beard", "man", "60s", "sixties"} & set(re.findall(r"\w+", told.lower()))
    assert "What is new" not in told
