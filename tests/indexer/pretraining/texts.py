"""Documents that a tiny BERT can learn from: each topic has its own words, in their order."""

import numpy as np

TOPICS = {
    "tea": "the green tea leaves dry in warm mountain wind until evening rain comes".split(),
    "ship": "a slow cargo ship carries grey stones over cold northern water at night".split(),
    "猫": list("小猫喜欢在屋顶上晒太阳吃鱼"),
    "狗": list("大狗每天早晨跑过河边的草地"),
}


def documents(count: int = 80) -> list[list[str]]:
    """A title and a text of four to eight sentences each, the same at each call."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(count):
        topic = list(TOPICS)[number % len(TOPICS)]
        said = [_sentence(topic, rng) for _ in range(int(rng.integers(4, 9)))]
        found.append([topic, " ".join(said)])
    return found


def _sentence(topic: str, rng: np.random.Generator) -> str:
    """Five to nine words of a topic from anywhere on, in their order."""
    words = TOPICS[topic]
    at, n = int(rng.integers(len(words))), int(rng.integers(5, 10))
    chosen = [words[(at + i) % len(words)] for i in range(n)]
    return "".join(chosen) + "。" if topic in "猫狗" else " ".join(chosen).capitalize() + "."
