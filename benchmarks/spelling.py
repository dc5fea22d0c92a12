"""How many slips are mended, and how much of what is right is left alone.

`python -m benchmarks.spelling DATA_DIR INDEX QUERIES.jsonl`. Words: a letter of a frequent word of the index
is added, dropped or replaced, or two neighbours are exchanged. Queries: a character of a frequent Chinese
word is written as another one of the same sound; and as they are, when they are to stay."""

# ruff: noqa: T201  what this command is for

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import mean
from time import perf_counter
from typing import NamedTuple

from app.search.spelling import similarity_in
from indexer.generation import Generation, IndexFolder
from indexer.spelling import Similarity, Span, Written, corrected
from indexer.spelling.letters import is_chinese
from indexer.spelling.sounds import readings

N = 500
LEAST = 4  # letters
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOST_FREQUENT = 2_000
LIMIT = 5


class Slip(NamedTuple):
    """What was written, and what was meant."""

    written: str
    meant: str


def words(generation: Generation, text: str, similarity: Similarity | None = None) -> Sequence[Written]:
    """The words of a text with their candidates."""
    return generation.corrector.words(text, [Span(0, len(text))], LIMIT, similarity).words


def misspelled(generation: Generation, drawn: random.Random) -> Iterator[Slip]:
    """Frequent English words with an edit each, which makes no word that stands in a document."""
    forms = generation.corrector.forms
    english = [form for form in forms.forms if form.isascii() and len(form) >= LEAST]
    frequent = english[:MOST_FREQUENT]
    while frequent:
        word = drawn.choice(frequent)
        written = edited(word, drawn)
        if written not in forms:
            yield Slip(written, word)


def edited(word: str, drawn: random.Random) -> str:
    """A word with an edit, each kind and each place as likely as the others."""
    at, letter = drawn.randrange(len(word)), drawn.choice(LETTERS)
    match drawn.randrange(4):
        case 0:
            at = drawn.randint(0, len(word))
            return word[:at] + letter + word[at:]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + letter + word[at + 1 :]
        case _:
            at = drawn.randrange(len(word) - 1)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def missounded(generation: Generation, queries: Sequence[str], drawn: random.Random) -> Iterator[Slip]:
    """Queries with a character of a frequent Chinese word written as another of the same sound, which makes
    no word that stands in a document."""
    forms = generation.corrector.forms
    chinese = [form for form in forms.forms if is_chinese(form) and len(form) > 1]
    frequent = set(chinese[:MOST_FREQUENT])
    sounding: dict[str, set[str]] = defaultdict(set)
    for character in {character for form in chinese for character in form}:
        for reading in readings(character):
            sounding[reading].add(character)
    places = [(query, *place) for query in queries for place in _places(generation, query, frequent)]
    while places:
        query, start, end = drawn.choice(places)
        at = drawn.randrange(start, end)
        others = set().union(*(sounding[each] for each in readings(query[at]))) - {query[at]}
        if others:
            written = query[:at] + drawn.choice(sorted(others)) + query[at + 1 :]
            if written[start:end] not in forms:
                yield Slip(written, query)


def _places(generation: Generation, query: str, frequent: set[str]) -> Iterator[tuple[int, int]]:
    """Where frequent words stand in a query, as they are written there."""
    tokens = generation.analyzer.analyse(query, "forms")
    for form, start, end in zip(tokens.terms, tokens.starts, tokens.ends, strict=True):
        if form in frequent and form == query[start:end]:
            yield start, end


def tell_words(generation: Generation, similarity: Similarity | None, name: str) -> None:
    """Prints what becomes of misspelled words."""
    slips = list(islice(misspelled(generation, random.Random(1)), N))
    if not slips:
        return
    words(generation, slips[0].written, similarity)
    places: list[int] = []
    mended = 0
    seconds: list[float] = []
    for written, meant in slips:
        started = perf_counter()
        [found, *_] = words(generation, written, similarity)
        seconds.append(perf_counter() - started)
        texts = [each.text for each in found.candidates]
        mended += found.correction == meant
        places.append(texts.index(meant) if meant in texts else LIMIT)
    n = len(slips)
    print(
        f"{n} misspelled words, {name}: first {places.count(0) / n:.1%}, among {LIMIT} "
        f"{1 - places.count(LIMIT) / n:.1%}, corrected {mended / n:.1%}, "
        f"{mean(seconds) * 1e3:.2f} ms a word, longest {max(seconds) * 1e3:.2f} ms"
    )


def tell_queries(generation: Generation, queries: Sequence[str]) -> None:
    """Prints what becomes of misspelled Chinese queries."""
    slips = list(islice(missounded(generation, queries, random.Random(1)), N))
    if not slips:
        return
    started = perf_counter()
    found = [corrected(each.written, words(generation, each.written)) for each in slips]
    seconds = perf_counter() - started
    mended = sum(text == each.meant for text, each in zip(found, slips, strict=True))
    touched = sum(text is not None for text in found)
    print(
        f"{len(slips)} queries with a character of the same sound: mended {mended / len(slips):.1%}, "
        f"changed {touched / len(slips):.1%}, {seconds / len(slips) * 1e3:.2f} ms a query"
    )


def tell_right(generation: Generation, queries: Sequence[str], similarity: Similarity | None) -> None:
    """Prints how many queries are changed that are right."""
    chosen = random.Random(1).sample(queries, min(N, len(queries)))
    changed = [each for each in chosen if corrected(each, words(generation, each, similarity)) is not None]
    print(f"{len(chosen)} queries as they are: changed {len(changed) / len(chosen):.1%}")
    for each in changed[:10]:
        print(f"  {each} → {corrected(each, words(generation, each, similarity))}")


def main() -> None:
    """Runs all that the index and its queries have slips for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spelling", description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("index")
    parser.add_argument("queries", type=Path)
    given = parser.parse_args()
    generation, _ = IndexFolder(given.data_dir, given.index).open()
    queries = [json.loads(line)["text"] for line in given.queries.read_text().splitlines()]
    similarity = similarity_in(generation)
    print(f"{given.index}: {len(generation.corrector.forms.forms):,} words")
    tell_words(generation, None, "by frequency and edits")
    if similarity is not None:
        tell_words(generation, similarity, "and by FastText")
    tell_queries(generation, queries)
    tell_right(generation, queries, similarity)


if __name__ == "__main__":
    main()
