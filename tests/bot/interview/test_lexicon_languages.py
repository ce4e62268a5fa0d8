"""German, Spanish and French, word by word into the English that is read."""

import asyncio

import pytest

import prompts
from bot.core.ports import Reading
from bot.core.session import Session
from bot.interview.lexicon.translation import Translator
from bot.interview.lexicon_interviewer import LexiconInterviewer

PROMPTS = prompts.load()
LEXICON = LexiconInterviewer(PROMPTS)
TRANSLATOR = Translator(PROMPTS)


def read(text: str, pending: str = "") -> Reading:
    return asyncio.run(LEXICON.read(Session("s", "p", pending=pending), text))


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("dunkelblaues Sakko", "navy blazer"),
        ("Lederjacke und Seidenbluse", "leather jacket and silk blouse"),
        ("Die Brille lieber nicht", "not the glasses rather"),
        ("Mann Mitte 50", "man in his mid 50s"),
        ("dreiundvierzig Jahre", "43 years"),
        ("chaqueta de cuero negra", "black leather jacket"),
        ("mujer a finales de los 30", "woman in her late 30s"),
        ("camisa blanca y traje azul marino", "white shirt and navy suit"),
        ("femme d'une trentaine d'années", "woman in her 30s"),
        ("une veste en cuir noir", "a black leather jacket"),
        ("je ne souris pas", "i not smile"),
        ("soixante-quinze ans", "75 years"),
        ("homme brun", "brown-haired man"),
        ("Frau um die 40", "woman 40"),
        ("mi abuelita con chamarra roja", "my grandmother with red jacket"),
        ("la lumière", "the light"),
    ],
)
def test_words_become_english_in_english_order(said: str, english: str) -> None:
    assert TRANSLATOR.text(said).raw == english


@pytest.mark.parametrize(
    "said",
    [
        "half a dozen portraits",
        "a rose blouse",
        "film noir",
        "no smoking",
        "son of a chef",
        "links",
    ],
)
def test_english_stays_english(said: str) -> None:
    """Words that two languages share do not make a message foreign; German "links" is left."""
    assert TRANSLATOR.text(said).raw == {"links": "left"}.get(said, said)


@pytest.mark.parametrize(
    ("said", "quotes"),
    [
        ("Bitte ein weißes Hemd vor grauem Hintergrund", {"weißes Hemd", "grauem Hintergrund"}),
        ("camisa blanca, luz mariposa", {"camisa blanca", "luz mariposa"}),
        ("Lumière papillon, pull vert", {"Lumière papillon", "pull vert"}),
    ],
)
def test_quotes_are_the_sitters_own_words(said: str, quotes: set[str]) -> None:
    """The value is English, the quote is what was said."""
    assert {change.quote for change in read(said).patch.set} == quotes


@pytest.mark.parametrize(
    ("said", "like"),
    [
        ("laecheln", "lächeln"),
        ("gruener Hintergrund", "grüner Hintergrund"),
        ("mas calido", "más cálido"),
        ("lumiere douce", "lumière douce"),
        ("Hintergund schwarz", "Hintergrund schwarz"),
    ],
)
def test_accents_and_slips_do_not_matter(said: str, like: str) -> None:
    def values(text: str) -> dict:
        return {change.slot: change.value for change in read(text).patch.set}

    assert values(said) == values(like) != {}


def test_every_name_in_every_language_means_its_value() -> None:
    """Said as the answer to the slot's question; a language model may use it as well."""
    missed = []
    for slot in PROMPTS.slots.values():
        for value in slot.values.values():
            for names in value.names.values():
                for name in names:
                    found = {c.slot: c.value for c in read(name, slot.name).patch.set}
                    if found.get(slot.name) != value.id:
                        missed.append((slot.name, value.id, name, found))
                    if slot.kind == "choice":
                        assert PROMPTS.normalise(slot.name, name) == value.id
    assert missed == []


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("shoot", ["mach das Foto", "haz la foto", "prends la photo"]),
        ("undo", ["rückgängig", "deshacer", "annule ça"]),
        ("cancel", ["abbrechen", "cancelar", "annuler"]),
        ("help", ["Hilfe", "ayuda", "aide"]),
        ("restart", ["von vorne", "empezar de nuevo", "recommencer à zéro"]),
        ("again", ["noch einmal", "otra vez", "encore une"]),
        ("cutout", ["freistellen", "recórtame", "détoure-moi"]),
        ("print", ["drucken", "imprimir", "imprimer"]),
        ("upscale", ["vergrößern", "ampliar", "agrandir"]),
        ("series", ["eine Serie", "una serie", "une série"]),
        ("undo", ["letzte Änderung zurück", "quita el último cambio", "annule la dernière modif"]),
        ("restart", ["alles auf Anfang", "empieza de cero", "on repart de zéro"]),
        ("shoot", ["drück auf den Auslöser", "sácame la foto", "shoote"]),
        ("again", ["mehr davon", "más como esta", "encore comme ça"]),
        ("cancel", ["hör auf", "déjalo", "laisse tomber"]),
        ("surprise", ["überrasch mich", "sorpréndeme", "surprends-moi"]),
    ],
)
def test_intents_in_three_languages(intent: str, said: list[str]) -> None:
    assert [read(text).intent for text in said] == [intent] * len(said)


@pytest.mark.parametrize(
    "said",
    ["meine Tochter, 8 Jahre", "mi hijo de 10 años", "un garçon de douze ans", "eine Jugendliche"],
)
def test_minors_are_refused_in_every_language(said: str) -> None:
    assert read(said).refused == "minors_refused"
