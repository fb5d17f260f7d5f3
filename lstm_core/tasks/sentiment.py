"""Is a sentence positive or negative? A label after each word."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lstm_core.encoders import WordEncoder
from lstm_core.encoders.word import split_words
from lstm_core.model import SequenceModel
from lstm_core.readouts import Labels
from lstm_core.settings import Settings
from lstm_core.tasks.files import read_text
from lstm_core.tasks.task import Batch, Score, Size, Task, logits_of, padded, share_right

MIN_SENTENCES = 4  # sentences: two labels to learn, one sentence that validates and one held out
ENOUGH = 200  # sentences: fewer are learnt by heart, and a tenth of them scores next to nothing
MAX_LABELS = 20
NAMES = {"0": "negative", "1": "positive"}
SPLITS = ("train", "dev", "test")

Sentences = tuple[tuple[str, str], ...]  # (sentence, label) each


@dataclass(frozen=True)
class Sentiment(Task):
    """Read a sentence word by word and predict its label after each word.

    Later words count more in the loss, in proportion to their place: the label belongs to the whole sentence,
    and a reading of each word is wanted too. Words that are met once are read as unknown, and so are some
    others now and then (word dropout), so that the unknown word is learnt.

    >>> len(Sentiment.made_up(count=200).readout.labels)
    2
    """

    train: Sentences = field(repr=False)
    dev: Sentences = field(repr=False)
    held_out: Sentences = field(repr=False)
    title_of_data: str = "made-up sentences"
    word_dropout: float = 0.1

    name: ClassVar[str] = "sentiment"
    title: ClassVar[str] = "Praise or blame?"
    summary: ClassVar[str] = (
        "Reads a sentence word by word and predicts, after each word, whether it is positive or negative."
    )
    look_for: ClassVar[str] = (
        "Does a cell state rise at words of praise and fall at words of blame? Does a 'not' before such a word reverse that?"
    )
    literature: ClassVar[str] = (
        "On SST-2: Tai, Socher & Manning 2015 (arXiv:1503.00075) report 84.9% for an LSTM with pretrained word vectors and labels "
        "on all phrases; Socher et al. 2013 report 81.8% for naive Bayes on words."
    )
    measure: ClassVar[str] = "sentences right (share)"
    higher_is_better: ClassVar[bool] = True
    size: ClassVar[Size] = Size(hidden=64, embedding=50)
    settings: ClassVar[Settings] = Settings(
        steps=1300,
        learning_rate=2e-3,
        warmup=50,
        dropout=0.5,
        input_dropout=0.3,
        embedding_spread=0.1,
        keep_best=True,
        score_every=108,
    )

    def __post_init__(self) -> None:
        labels = {label for _, label in self.train}
        if len(labels) == 1 and len({label for _, label in self.dev + self.held_out} | labels) > 1:
            raise ValueError(
                f"the {len(self.train)} sentences that are learnt from all have the label {min(labels)!r}: "
                f"give more sentences with each label"
            )
        if not 2 <= len(labels) <= MAX_LABELS:
            raise ValueError(
                f"the sentences have {len(labels)} different labels: give from 2 to {MAX_LABELS}, "
                f"one after a tab at the end of each line"
            )
        strange = {label for _, label in self.dev + self.held_out} - labels
        if strange:
            raise ValueError(
                f"the label {min(strange)!r} occurs in no sentence that is learnt from: "
                f"give more sentences with it, or leave them out"
            )
        if not 0 <= self.word_dropout < 1:
            raise ValueError(f"word_dropout must be at least 0 and below 1, not {self.word_dropout}")
        words = Counter(word for sentence, _ in self.train for word in split_words(sentence))
        if max(words.values(), default=0) < 2:
            raise ValueError("no word occurs twice in the sentences that are learnt from: give more of them")

    @classmethod
    def from_file(cls, path: Path, **options: Any) -> "Sentiment":
        """The task for a file with a sentence, a tab and its label in each line.

        A file called train.tsv with a dev.tsv and test.tsv beside it is read with these; any other is split, by
        a fixed shuffle, into 80% to learn from, 10% that validate and 10% held out. Raises ValueError for a file
        that is none, or too short.
        """
        beside = [path.with_name(f"{split}.tsv") for split in SPLITS]
        if path.name == "train.tsv" and all(one.is_file() for one in beside):
            train, dev, held_out = (read_sentences(one) for one in beside)
        else:
            train, dev, held_out = split(read_sentences(path))
        return cls(train, dev, held_out, **{"title_of_data": path.name, **options})

    @classmethod
    def made_up(cls, *, seed: int = 0, count: int = 2000, **options: Any) -> "Sentiment":
        """The task on sentences from a small grammar with negation, for use without a file."""
        random = np.random.default_rng([10_000_141, seed])
        return cls(*split(tuple(_sentence(random) for _ in range(count))), **options)

    @cached_property
    def encoder(self) -> WordEncoder:
        return WordEncoder.of(sentence for sentence, _ in self.train)

    @cached_property
    def readout(self) -> Labels:
        return Labels(tuple(sorted({label for _, label in self.train})))

    @property
    def source(self) -> str:
        return f"{self.title_of_data} ({len(self.train):,} sentences)"

    @cached_property
    def _read(self) -> tuple[list[np.ndarray], np.ndarray]:
        return self._encoded(self.train)

    def _encoded(self, sentences: Sentences) -> tuple[list[np.ndarray], np.ndarray]:
        numbers = {label: index for index, label in enumerate(self.readout.labels)}
        ids = [self.encoder.encode(sentence).ids for sentence, _ in sentences]
        return ids, np.array([numbers[label] for _, label in sentences])

    def batch(self, step: int, size: int, random: np.random.Generator) -> Batch:
        read, labels = self._read
        per_epoch = max(1, len(read) // size)
        order = np.random.default_rng([10_000_169, step // per_epoch]).permutation(len(read))
        chosen = np.resize(order, per_epoch * size)[step % per_epoch * size :][:size]
        inputs = [np.where(random.random(len(read[k])) < self.word_dropout, 0, read[k]) for k in chosen]
        return _batch(inputs, labels[chosen])

    def caution(self, batch: int) -> str:  # noqa: ARG002 (as many sentences as are wanted, some of them again)
        count = len(self.train) + len(self.dev) + len(self.held_out)
        if count >= ENOUGH:
            return ""
        return (
            f"There are only {count} sentences, fewer than {ENOUGH}: the model will learn them by heart, "
            f"and a score on the {len(self.held_out)} held out means little."
        )

    def validate(self, model: SequenceModel) -> float:
        return self.right(model, self.dev)

    def test(self, model: SequenceModel) -> Score:
        labels = [label for _, label in self.held_out]
        commonest = max(labels.count(label) for label in set(labels)) / len(labels)
        return Score(
            self.right(model, self.held_out),
            f"{self.measure}, after the last word",
            f"{len(labels):,} sentences",
            {"always the commonest label": commonest},
        )

    def right(self, model: SequenceModel, sentences: Sentences) -> float:
        """The share of sentences whose label is right after the last word."""
        ids, labels = self._encoded(sentences)
        hits = 0.0
        for start in range(0, len(ids), 256):
            part, wanted = ids[start : start + 256], labels[start : start + 256]
            last = np.array([len(one) - 1 for one in part])
            logits = logits_of(model, _batch(part, wanted))[np.arange(len(part)), last]
            hits += share_right(float((logits.argmax(-1).numpy() == wanted).sum()), logits)
        return hits / len(ids)

    def examples(self) -> Mapping[str, str]:
        if self.title_of_data != "made-up sentences":
            telling = {
                "Praise, then but": "a moving and funny film , but far too long",
                "Not good": "this is not a good movie",
                "Not bad": "not bad at all , in fact a wonderful surprise",
            }
            if {"not", "good", "bad", "film"} <= set(self.encoder.vocabulary):
                return telling
        return {f"Held out, {label}": sentence for sentence, label in reversed(self.held_out[:6])}

    def describe(self) -> dict[str, object]:
        digest = hashlib.sha256(repr((self.train, self.dev, self.held_out)).encode()).hexdigest()
        return {"task": self.name, "sentences": digest, "word_dropout": self.word_dropout}


def _batch(ids: Sequence[np.ndarray], labels: np.ndarray) -> Batch:
    targets = [np.full(len(one), label) for one, label in zip(ids, labels, strict=True)]
    rising = [np.arange(1, len(one) + 1, dtype=np.float32) / len(one) for one in ids]
    return padded(ids, targets, rising)


def read_sentences(path: Path) -> Sentences:
    """The sentences of a file and their labels, "0" and "1" as negative and positive.

    Raises ValueError naming the first line that is not a sentence, a tab and a label.
    """
    found = []
    lines = read_text(path).split("\n")  # and nothing else that Unicode calls the end of a line
    for number, line in enumerate(lines, start=1):
        sentence, label = (part.strip() for part in line.rpartition("\t")[::2])
        if number == 1 and (sentence.lower(), label.lower()) in {("sentence", "label"), ("text", "label")}:
            continue
        if not line.strip():
            continue
        if not sentence or not label:
            raise ValueError(f"line {number} of {path.name} is not a sentence, a tab and a label: {line[:60]!r}")
        found.append((sentence, NAMES.get(label, label)))
    if len(found) < MIN_SENTENCES:
        raise ValueError(
            f"{path.name} has {len(found)} sentences: give at least {MIN_SENTENCES}, one a line, with a tab and a label"
        )
    return tuple(found)


def split(sentences: Sentences) -> tuple[Sentences, Sentences, Sentences]:
    """80% for training, 10% for validation and 10% held out, by a fixed shuffle."""
    order = np.random.default_rng(10_000_189).permutation(len(sentences))
    mixed = tuple(sentences[k] for k in order)
    tenth = max(1, len(mixed) // 10)
    return mixed[2 * tenth :], mixed[:tenth], mixed[tenth : 2 * tenth]


_THINGS = (
    "the film",
    "the plot",
    "this movie",
    "the acting",
    "the music",
    "her new book",
    "that long speech",
    "the ending",
)
_GOOD = ("good", "great", "moving", "funny", "wonderful", "clever")
_BAD = ("bad", "dull", "awful", "boring", "clumsy", "empty")
_SOFT = ("", "", "very ", "really ", "quite ")
_ENDS = ("", " .", " , i think .", " in every way .", " , as everyone said .")


def _sentence(random: np.random.Generator) -> tuple[str, str]:
    """Praise or blame, turned around by a "not" now and then."""
    praise, turned = bool(random.integers(2)), random.random() < 0.4
    words = _GOOD if praise != turned else _BAD
    parts = [str(random.choice(choices)) for choices in (_THINGS, _SOFT, words, _ENDS)]
    thing, soft, word, end = parts
    return f"{thing} is {'not ' if turned else ''}{soft}{word}{end}", "positive" if praise else "negative"
