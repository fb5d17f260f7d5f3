import numpy as np
import pytest
import xarray as xr

from viz.theme import DARK, LIGHT, SIGNAL, limits, rounded_up, scale


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
    assert limits("candidate", values) == limits("hidden", values) == (-1, 1)


def test_one_wild_value_does_not_pale_the_rest():
    assert limits("cell", xr.DataArray(np.append(np.full(1000, 0.9), 500.0))) == (-1, 1)
