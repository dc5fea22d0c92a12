"""Interpolated Kneser–Ney in dictionaries, after the formulas and without regard to time: an oracle."""

import itertools
from collections import Counter


def sequences(texts):
    """The words of texts, with what is elsewhere before each."""
    return [["", *words] for words in texts]


class Reference:
    """P(w | u v) of texts given as their words. discounts: of words, pairs and triples."""

    def __init__(self, texts, discounts):
        every = sequences(texts)
        self.vocabulary = sorted({word for words in texts for word in words}, key=str.encode)
        self.pairs = Counter(pair for words in every for pair in itertools.pairwise(words))
        self.triples = Counter(t for words in every for t in zip(words, words[1:], words[2:], strict=False))
        self.discounts = discounts

    def word(self, w):
        preceded = Counter(second for _, second in self.pairs)
        total = sum(preceded.values())
        discount = self.discounts[0]
        left = discount * len(preceded) / total
        return max(preceded[w] - discount, 0) / total + left / len(self.vocabulary)

    def after_one(self, w, v):
        preceded = Counter((second, third) for _, second, third in self.triples if second == v)
        total = sum(preceded.values())
        if not total:
            return self.word(w)
        discount = self.discounts[1]
        shares = {pair: max(count - discount, 0) / total for pair, count in preceded.items()}
        return shares.get((v, w), 0) + (1 - sum(shares.values())) * self.word(w)

    def after_two(self, w, u, v):
        followed = {triple: count for triple, count in self.triples.items() if triple[:2] == (u, v)}
        total = sum(followed.values())
        if not total:
            return self.after_one(w, v)
        shares = {triple: max(count - self.discounts[2], 0) / total for triple, count in followed.items()}
        return shares.get((u, v, w), 0) + (1 - sum(shares.values())) * self.after_one(w, v)
