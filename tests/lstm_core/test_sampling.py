import numpy as np
import pytest
import torch

from lstm_core import (
    ByteEncoder,
    CharacterEncoder,
    Intervention,
    Labels,
    LegalTokens,
    ModelConfig,
    NextToken,
    NumberEncoder,
    SequenceModel,
    Stepper,
    Values,
    generate,
    generation_obstacle,
)


def test_at_temperature_zero_the_likeliest_token_is_written_as_stepping_says(small_model):
    written = generate(small_model, "gates", 6, temperature=0.0)
    stepper = Stepper(small_model)
    for token in "gates":
        stepper.step(token)
    for token in written.ids[5:]:
        assert int(token) == int(stepper.probability().argmax())
        stepper.step(int(token))
    assert written.ids[:5].tolist() == list(b"gates")


def test_one_seed_writes_one_text_and_a_longer_one_begins_with_the_shorter(small_model):
    short, long = generate(small_model, "a", 10, seed=4), generate(small_model, "a", 30, seed=4)
    np.testing.assert_array_equal(short.ids, long.ids[:11])
    np.testing.assert_array_equal(long.ids, generate(small_model, "a", 30, seed=4).ids)
    assert (long.ids != generate(small_model, "a", 30, seed=5).ids).any()


def test_tokens_are_drawn_as_often_as_the_readout_says():
    model = SequenceModel(ModelConfig(CharacterEncoder(("a", "b", "c")), 2, 3), seed=0, device="cpu").eval()
    with torch.no_grad():
        model.readout.weight.zero_()  # what was read makes no difference
        model.readout.bias.copy_(torch.tensor([0.1, 0.3, 0.6]).log())
    counts = np.bincount(generate(model, "a", 6000, seed=1).ids[1:], minlength=3) / 6000
    np.testing.assert_allclose(counts, [0.1, 0.3, 0.6], atol=0.02)  # three standard deviations
    hot = np.bincount(generate(model, "a", 6000, seed=1, temperature=2.0).ids[1:], minlength=3) / 6000
    wanted = np.sqrt([0.1, 0.3, 0.6]) / np.sqrt([0.1, 0.3, 0.6]).sum()
    np.testing.assert_allclose(hot, wanted, atol=0.02)


def test_the_callers_random_numbers_are_left_alone(small_model):
    before = torch.get_rng_state()
    generate(small_model, "a", 5)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": -1}, "0 or more"),
        ({"count": 1, "temperature": -0.1}, "from 0 upwards"),
        ({"count": 1, "temperature": float("nan")}, "from 0 upwards"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(small_model, options, message):
    with pytest.raises(ValueError, match=message):
        generate(small_model, "a", **options)


def test_a_model_that_reads_both_ways_cannot_write():
    model = SequenceModel(ModelConfig(ByteEncoder(), 2, 3, bidirectional=True), device="cpu")
    with pytest.raises(ValueError, match="not generated yet"):
        generate(model, "a", 1)


def test_written_bytes_that_are_not_text_keep_their_number():
    tokens = ByteEncoder().tokens(np.frombuffer(b"a\xc3\xa9\xff\n\xe4\xbd", dtype=np.uint8))
    assert tokens.labels == ("a", "é", "é", "0xFF", "⏎", "0xE4", "0xBD")
    assert tokens.groups.tolist() == [0, 1, 1, 2, 3, 4, 5]
    both = ByteEncoder().encode("é").followed_by(tokens)
    assert both.groups.tolist() == [0, 0, 1, 2, 2, 3, 4, 5, 6]
    assert both.ids.tolist() == list(b"\xc3\xa9a\xc3\xa9\xff\n\xe4\xbd")


def test_characters_of_a_vocabulary_are_labelled_alike_read_or_written():
    encoder = CharacterEncoder((" ", "a", "b"))
    assert encoder.tokens(np.array([2, 0, 1])).labels == encoder.encode("b a").labels


@pytest.mark.parametrize(
    ("readout", "why"),
    [
        (NextToken(), ""),
        (LegalTokens(), ""),
        (Labels(("good", "bad")), "this model predicts a label, not the next token"),
        (Values(("x",), (0.0,), (1.0,), ahead=True), "this model predicts numbers, not the next token"),
    ],
)
def test_only_models_of_tokens_write_on_and_the_others_say_why_not(readout, why):
    numbers = isinstance(readout, Values)
    encoder = NumberEncoder(("x",), (0.0,), (1.0,)) if numbers else CharacterEncoder(("a", "b"))
    config = ModelConfig(encoder, 1, 3, readout=readout)
    assert generation_obstacle(config).startswith(why)
    assert bool(generation_obstacle(config)) == bool(why)
    model = SequenceModel(config, seed=0, device="cpu").eval()
    if why:
        with pytest.raises(ValueError, match="cannot continue a text"):
            generate(model, "1 2" if numbers else "ab", 2)
    else:
        assert len(generate(model, "ab", 2)) == 4


@pytest.mark.parametrize("temperature", [0.0, 0.5])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_of_what_is_no_number_nothing_is_drawn(small_model, temperature, wrong):
    """At temperature 0 the largest of NaN is class 0, so the text would be made of it."""
    written = generate(small_model, "gates", 3, temperature=temperature)
    with torch.no_grad():
        small_model.readout.bias[7] = wrong
    message = "after 5 tokens the model's logits are not numbers"
    with pytest.raises(ValueError, match=message):
        generate(small_model, "gates", 3, temperature=temperature)
    with torch.no_grad():
        small_model.readout.bias[7] = -torch.inf  # never to come: that is no reason to refuse
    assert len(generate(small_model, "gates", 3, temperature=temperature)) == len(written)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_writing_ends_with_a_sentence_at_the_token_whose_embedding_is_no_number(temperature):
    model = SequenceModel(ModelConfig(CharacterEncoder(("a", "b")), 2, 3), seed=0, device="cpu").eval()
    with torch.no_grad():
        model.readout.weight.zero_()
        model.readout.bias.copy_(torch.tensor([-50.0, 50.0]))
        model.embedding.weight[1] = float("nan")
    assert generate(model, "a", 1, temperature=temperature).labels == ("a", "b")
    with pytest.raises(ValueError, match="after 2 tokens"):
        generate(model, "a", 2, temperature=temperature)


def stepped(model: SequenceModel, text: str, count: int, interventions: list[Intervention], **how: float) -> list[int]:
    """The same draws, the slow way: a Stepper holds the signals, and torch draws."""
    stepper, generator = Stepper(model, interventions=interventions), torch.Generator("cpu").manual_seed(how["seed"])
    for token in text:
        stepper.step(token)
    found: list[int] = []
    for _ in range(count):
        chances = stepper.probability().double().log().div(how["temperature"]).softmax(-1)
        found.append(int(torch.multinomial(chances, 1, generator=generator)))
        stepper.step(found[-1])
    return found


@pytest.mark.parametrize("signal", ["forget", "output", "candidate", "cell", "hidden"])
@pytest.mark.parametrize("layers", [1, 2])
def test_with_signals_held_it_writes_what_stepping_with_them_held_writes(signal, layers):
    model = SequenceModel(ModelConfig(CharacterEncoder(tuple("abcdef")), 3, 5, layers=layers), device="cpu").eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights *= 4
    how = {"temperature": 0.7, "seed": 2}
    free = generate(model, "abc", 40, **how).ids.tolist()
    others = 0
    for start, stop in ((0, None), (3, None), (6, 20)):
        held = [Intervention("layer0", signal, 0.05, units=(0, 1, 3), start=start, stop=stop)]
        written = generate(model, "abc", 40, interventions=held, **how).ids.tolist()
        assert written[3:] == stepped(model, "abc", 40, held, **how)
        assert written[: max(start, 3)] == free[: max(start, 3)]
        others += written != free
    assert others > 1
    assert generate(model, "abc", 40, interventions=[], **how).ids.tolist() == free
    assert free[3:] == stepped(model, "abc", 40, [], **how)


def test_signals_that_the_model_has_not_are_not_held(small_model):
    with pytest.raises(ValueError, match="no layer 'layer3'"):
        generate(small_model, "a", 3, interventions=[Intervention("layer3", "cell", 1.0)])
    with pytest.raises(ValueError, match="no unit 8"):
        generate(small_model, "a", 3, interventions=[Intervention("layer0", "cell", 1.0, units=(8,))])
