import numpy as np
import pytest
import xarray as xr

from lstm_core import SIGNALS_OF
from viz.theme import (
    DARK,
    LEGIBLE,
    LIGHT,
    SIGNAL,
    described,
    furthest,
    ink_on,
    legible,
    limits,
    magnitude_scale,
    rounded_up,
    scale,
    signal_of,
)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_signals_have_the_colours_of_the_design():
    assert {name: signal.colour for name, signal in SIGNAL.items()} == {
        "input": "#009E73",
        "forget": "#0072B2",
        "candidate": "#CC79A7",
        "output": "#E69F00",
        "reset": "#E69F00",
        "update": "#0072B2",
        "cell": "#D55E00",
        "hidden": "#56B4E9",
    }


@pytest.mark.parametrize("base", [LIGHT, DARK])
def test_text_can_be_read_on_its_paper(base):
    assert contrast(base.ink, base.paper) > 7
    assert contrast(base.faint, base.paper) > 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", list(SIGNAL))
def test_a_scale_gets_steadily_further_from_paper(name, dark):
    paper = luminance((DARK if dark else LIGHT).zero)
    stops = scale(name, dark=dark)
    upper = [abs(luminance(colour) - paper) for at, colour in stops if at >= 0.5 or SIGNAL[name].gate]
    assert upper == sorted(upper)
    assert [stops[0][0], stops[-1][0]] == [0, 1]


@pytest.mark.parametrize("dark", [False, True])
def test_every_signed_signal_has_one_polarity_that_is_seen_in_grey_too(dark):
    scales = [scale(name, dark=dark) for name, signal in SIGNAL.items() if not signal.gate]
    assert len(scales) == 3
    assert all(one == scales[0] for one in scales)
    (_, low), (_, cool), _, (_, warm), (_, high) = scales[0]
    assert contrast(cool, warm) > 2
    assert contrast(low, high) > 1.5
    red, _, blue = (int(warm[at : at + 2], 16) for at in (1, 3, 5))
    assert red > 2 * blue  # warm
    red, _, blue = (int(cool[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 2 * red  # cool


@pytest.mark.parametrize(
    ("value", "up"), [(0, 1), (0.07, 0.08), (1, 1), (1.01, 2), (2.2, 3), (4, 5), (6, 8), (9, 10), (44, 50)]
)
def test_limits_are_round_numbers(value, up):
    assert rounded_up(value) == up


def test_only_the_cell_follows_its_values_and_it_stays_symmetric():
    values = xr.DataArray(np.linspace(-3.7, 1, 1000))
    assert limits("cell", values) == (-5, 5)
    assert limits("cell", values, values * 10) == (-50, 50)
    assert limits("forget", values) == (0, 1)
    assert limits("reset", values) == limits("update", values) == (0, 1)
    assert limits("candidate", values / 3.7) == limits("hidden", values / 3.7) == limits("hidden") == (-1, 1)


def test_a_hidden_state_that_goes_beyond_1_has_limits_like_the_cell():
    values = xr.DataArray(np.linspace(0, 7.5, 1000))  # as with relu
    assert limits("hidden", values) == limits("candidate", values) == (-8, 8)
    assert limits("hidden", values / 100) == (-1, 1)


def test_what_is_no_number_has_no_say_in_the_limits():
    values = np.array([0.5, np.nan, -2.0, np.inf] * 100)
    assert limits("cell", xr.DataArray(values)) == limits("hidden", xr.DataArray(values)) == (-2, 2)
    nothing = np.full(7, np.nan)
    assert limits("cell", xr.DataArray(nothing)) == limits("hidden", xr.DataArray(nothing)) == (-1, 1)
    assert (furthest(values), furthest(nothing)) == (2, 0)


@pytest.mark.parametrize("cell_type", list(SIGNALS_OF))
def test_signals_of_one_layer_have_colours_and_symbols_of_their_own(cell_type):
    signals = [signal_of(name, cell_type) for name in SIGNALS_OF[cell_type]]
    assert len({one.colour for one in signals}) == len({one.symbol for one in signals}) == len(signals)


def test_a_gru_has_its_own_symbols_and_an_lstm_keeps_its():
    assert [signal_of(name, "GRU").symbol for name in SIGNALS_OF["GRU"]] == ["r", "z", "n", "h"]
    assert [name for name in SIGNALS_OF["GRU"] if signal_of(name, "GRU").gate] == ["reset", "update"]
    assert signal_of("candidate").symbol == "g"
    assert described("candidate", ends=(-1, 1), cell_type="GRU")["symbol"] == "n"


def test_one_wild_value_does_not_pale_the_rest():
    assert limits("cell", xr.DataArray(np.append(np.full(1000, 0.9), 500.0))) == (-1, 1)


@pytest.mark.parametrize("base", [LIGHT, DARK])
def test_numbers_in_the_colour_of_a_signal_can_be_read(base):
    for signal in SIGNAL.values():
        found = legible(signal.colour, dark=base.dark)
        assert contrast(found, base.paper) >= 4.5
        if contrast(signal.colour, base.paper) >= LEGIBLE:
            assert found == signal.colour


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("stops", [magnitude_scale, scale])
def test_letters_on_a_colour_of_a_scale_can_be_read(stops, dark):
    colours = stops("cell", dark=dark)
    for level, colour in colours:
        assert contrast(ink_on(level, colours, dark=dark), colour) >= 3.7
    assert contrast(ink_on(1.0, colours, dark=dark), colours[-1][1]) >= LEGIBLE
