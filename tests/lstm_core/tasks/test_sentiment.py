from itertools import pairwise

import numpy as np
import pytest
import torch

from lstm_core.tasks import Sentiment
from tests.support.oracle import Oracle, always

LINES = [f"{'good' if k % 2 else 'bad'} film number{k}\t{k % 2}" for k in range(40)]


def written(folder, lines, name="sentences.tsv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_is_split_the_same_way_each_time_and_no_sentence_is_in_two_parts(tmp_path):
    path = written(tmp_path, ["sentence\tlabel", "", *LINES])
    task, again = Sentiment.from_file(path), Sentiment.from_file(path)
    assert task == again
    parts = [set(part) for part in (task.train, task.dev, task.held_out)]
    assert [len(part) for part in parts] == [32, 4, 4]
    wanted = {(line.split("\t")[0], ["negative", "positive"][int(line[-1])]) for line in LINES}
    assert set.union(*parts) == wanted


def test_three_files_beside_each_other_are_read_as_they_are_split(tmp_path):
    for name, lines in {"train": LINES[:20], "dev": LINES[5:25], "test": LINES[20:]}.items():
        written(tmp_path, lines, f"{name}.tsv")
    task = Sentiment.from_file(tmp_path / "train.tsv")
    assert [len(part) for part in (task.train, task.dev, task.held_out)] == [20, 20, 20]
    assert task.held_out[0] == ("bad film number20", "negative")


def test_words_met_once_are_unknown_and_so_are_some_others_now_and_then(tmp_path, numbers):
    task = Sentiment.from_file(written(tmp_path, LINES), word_dropout=0.5)
    assert task.encoder.vocabulary == ("film", "bad", "good") or task.encoder.vocabulary == ("film", "good", "bad")
    batch = task.batch(0, 32, numbers)
    assert batch.inputs[:, 2].tolist() == [0] * 32  # "number7" stands in one sentence only
    assert 0.3 < (batch.inputs[:, :2] == 0).float().mean() < 0.7
    batch_of_lines = Sentiment.from_file(written(tmp_path, LINES), word_dropout=0.0).batch(0, 32, numbers)
    assert not (batch_of_lines.inputs[:, :2] == 0).any()


def test_every_sentence_is_met_once_an_epoch_and_later_words_weigh_more(tmp_path, numbers):
    lines = [f"{'fine ' * (k % 5 + 1)}word{k // 2} word{k // 2}\t{k % 2}" for k in range(40)]
    task = Sentiment.from_file(written(tmp_path, lines), word_dropout=0.0)
    batches = [task.batch(step, 8, numbers) for step in range(4)]
    for batch in batches:
        for weights, targets in zip(batch.weights, batch.targets, strict=True):
            length = int((weights > 0).sum())
            np.testing.assert_allclose(weights[:length], np.arange(1, length + 1) / length, rtol=1e-6)
            assert len(set(targets[:length].tolist())) == 1
    rows = [tuple(ids[ids > 0].tolist()) for batch in batches for ids in batch.inputs]
    assert sorted(rows) == sorted(tuple(ids.tolist()) for ids in (task.encoder.encode(s).ids for s, _ in task.train))
    assert not torch.equal(task.batch(0, 8, numbers).inputs, task.batch(4, 8, numbers).inputs)  # another epoch


def test_scores_of_one_who_understands_not_and_of_one_who_does_not():
    task = Sentiment.made_up()
    words = task.encoder.vocabulary

    def judged(text: list[str], *, heed_not: bool) -> int:
        good = bool({"good", "great", "moving", "funny", "wonderful", "clever"} & set(text))
        return int(good != ("not" in text and heed_not))

    def judge(*, heed_not: bool) -> Oracle:
        def answer(ids: torch.Tensor) -> torch.Tensor:
            read = [words[index - 1] if index else "" for index in ids.tolist()]
            return torch.eye(2)[[judged(read[: step + 1], heed_not=heed_not) for step in range(len(read))]]

        return Oracle(task, answer)

    assert task.validate(judge(heed_not=True)) == 1.0
    assert task.test(judge(heed_not=True)).value == 1.0
    without_not = np.mean([" not " not in sentence for sentence, _ in task.held_out])
    assert task.test(judge(heed_not=False)).value == pytest.approx(without_not)
    praise = [label == "positive" for _, label in task.held_out]
    score = task.test(always(task, [0.0, 1.0]))
    assert score.value == pytest.approx(np.mean(praise))
    assert score.others["always the commonest label"] == pytest.approx(max(np.mean(praise), 1 - np.mean(praise)))


def test_the_score_is_of_what_is_said_after_the_last_word_not_after_the_padding(tmp_path):
    lines = [f"{'so ' * (k % 7)}film{k // 2} film{k // 2}\t{k % 2}" for k in range(40)]
    task = Sentiment.from_file(written(tmp_path, lines))
    longest = max(len(task.encoder.encode(sentence)) for sentence, _ in task.dev)

    def by_length(ids: torch.Tensor) -> torch.Tensor:  # positive only at the last step of the longest
        return torch.eye(2)[[int(step == longest - 1) for step in range(len(ids))]]

    guesses = [len(task.encoder.encode(sentence)) == longest for sentence, _ in task.dev]
    wanted = np.mean(
        [(label == "positive") == positive for positive, (_, label) in zip(guesses, task.dev, strict=True)]
    )
    assert task.validate(Oracle(task, by_length)) == pytest.approx(wanted)


def test_a_sentence_may_hold_what_unicode_calls_the_end_of_a_line(tmp_path):
    task = Sentiment.from_file(written(tmp_path, [line.replace(" film", "\x85film\u2028so") for line in LINES]))
    assert len(task.train) + len(task.dev) + len(task.held_out) == 40


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([*LINES, "no label here"], r"line 41 of sentences.tsv is not a sentence, a tab and a label: 'no label here'"),
        (["\t1", *LINES], "line 1 of sentences.tsv is not"),
        (LINES[:3], "has 3 sentences: give at least 4"),
        (
            [*["a good film\tgood"] * 3, "a bad film\tbad"],
            "the 2 sentences that are learnt from all have the label 'good'",
        ),
        ([line[:-1] + "1" for line in LINES], "have 1 different labels: give from 2 to 20"),
        ([f"good film\t{k}" for k in range(60)], "have 48 different labels: give from 2 to 20"),
        ([f"once{k}\t{k % 2}" for k in range(40)], "no word occurs twice"),
    ],
)
def test_a_file_that_will_not_do_is_refused_in_a_sentence(tmp_path, lines, message):
    with pytest.raises(ValueError, match=message):
        Sentiment.from_file(written(tmp_path, lines))


def test_a_few_sentences_are_enough_and_what_to_expect_of_them_is_said(tmp_path, numbers):
    task = Sentiment.from_file(written(tmp_path, LINES[:12]))
    assert [len(part) for part in (task.train, task.dev, task.held_out)] == [10, 1, 1]
    assert task.batch(0, 32, numbers).inputs.shape[0] == 32
    assert task.test(always(task, [0.0, 1.0])).value in (0.0, 1.0)
    assert task.caution(32) == (
        "There are only 12 sentences, fewer than 200: the model will learn them by heart, "
        "and a score on the 1 held out means little."
    )
    assert Sentiment.made_up(count=200).caution(32) == ""


def test_a_label_that_is_only_held_out_and_a_wild_dropout_are_refused():
    train = (("a good film", "good"), ("a bad film", "bad"))
    with pytest.raises(ValueError, match="label 'odd' occurs in no sentence that is learnt from: give more"):
        Sentiment(train, (("an odd film", "odd"),), train)
    with pytest.raises(ValueError, match="word_dropout must be at least 0"):
        Sentiment(train, train, train, word_dropout=1.0)


def test_made_up_sentences_differ_by_seed():
    one, same, other = (Sentiment.made_up(seed=seed, count=100) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert all(len(labels) == 2 for labels in [{label for _, label in one.train}])
    assert not any(a == b for a, b in pairwise([one.describe(), other.describe()]))
