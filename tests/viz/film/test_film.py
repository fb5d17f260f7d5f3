"""What is sent to the film in the browser."""

import numpy as np
import pytest
import xarray as xr

from viz.browser.modules import modules
from viz.film import Frame, levels_of
from viz.film.payload import GAP, MOST_LEVELS, Film


def layer(units: int, steps: int, **signals: np.ndarray) -> xr.Dataset:
    """Signals are (unit, step) here."""
    return xr.Dataset(
        {name: (("step", "unit"), values.T) for name, values in signals.items()},
        coords={
            "step": np.arange(10, 10 + steps),
            "unit": np.arange(units),
            "token": ("step", np.array([chr(97 + step % 26) for step in range(steps)], dtype=object)),
            "group": ("step", np.arange(steps)),
        },
    )


def frames(*levels: np.ndarray) -> tuple[Frame, ...]:
    return tuple(Frame(2**at, 1.0, float("nan"), {"forget": one}) for at, one in enumerate(levels))


def header(film: Film, *, at: int | None = None) -> dict:
    return film.header(steps=8, unit_of_loss="bits", measure="share", cell_limit=1.0, at=at, note="", title="")


def test_levels_are_the_nearest_of_256_colours():
    values = np.array([[0.0, 0.5, 1.0], [0.2, 0.25, 0.998]], dtype=np.float32)
    found = levels_of(layer(2, 3, forget=values, hidden=values * 2 - 1), ["forget", "hidden"])
    np.testing.assert_array_equal(found["forget"], [[0, 128, 255], [51, 64, 254]])
    np.testing.assert_array_equal(found["hidden"], found["forget"])
    assert found["forget"].dtype == np.uint8


def test_a_cell_state_beyond_its_scale_has_the_last_colour():
    values = np.array([[-9.0, -2.0, 0.0, 2.0, 9.0]], dtype=np.float32)
    found = levels_of(layer(1, 5, cell=values), ["cell"], cell_limit=2.0)
    np.testing.assert_array_equal(found["cell"], [[0, 0, 128, 255, 255]])


def test_what_is_no_number_is_beyond_the_last_colour_and_the_rest_as_without_it():
    values = np.array([[0.0, np.nan, 1.0], [np.inf, 0.25, -np.inf]], dtype=np.float32)
    known = np.array([[0.0, 0.5, 1.0], [0.2, 0.25, 0.998]], dtype=np.float32)
    found, wanted = (levels_of(layer(2, 3, forget=one, cell=one), ["forget", "cell"]) for one in (values, known))
    for name in ("forget", "cell"):
        np.testing.assert_array_equal(found[name] == GAP, ~np.isfinite(values))
        np.testing.assert_array_equal(found[name][np.isfinite(values)], wanted[name][np.isfinite(values)])
    film = Film(frames(found["forget"], wanted["forget"]), ("forget",), layer(2, 3), (0, 1))
    assert [levels.dtype for levels in film.parts.values()] == [np.uint16, np.uint8]


def test_rows_stand_in_the_order_and_equal_pictures_are_sent_once(numbers):
    one, other = (numbers.integers(0, 256, (3, 4), dtype=np.uint8) for _ in range(2))
    film = Film(frames(one, other, one), ("forget",), layer(3, 4), (2, 0, 1))
    sent = header(film)
    names = [frame["parts"]["forget"] for frame in sent["frames"]]
    assert names[0] == names[2] != names[1]
    np.testing.assert_array_equal(film.parts[names[1]], other[[2, 0, 1]])
    assert sent["units"] == [2, 0, 1]
    assert sent["note"] == ""
    assert [frame["score"] for frame in sent["frames"]] == [None] * 3


def test_the_frame_nearest_to_the_step_of_a_link_is_shown_first():
    film = Film(frames(*np.zeros((4, 1, 1), dtype=np.uint8)), ("forget",), layer(1, 1), (0,))  # steps 1, 2, 4, 8
    assert [header(film, at=at)["at"] for at in (None, 0, 4, 7, 900)] == [3, 0, 2, 3, 3]


def test_of_too_many_numbers_the_most_varying_units_are_sent_and_a_note_says_so():
    steps, units = 2000, 1500
    still, moving = (np.zeros((units, steps), dtype=np.uint8) for _ in range(2))
    varying = [7, 1400, 30]
    moving[varying] = 200
    film = Film(frames(still, moving), ("forget",), layer(units, steps), tuple(range(units)))
    shown_units = header(film)["units"]
    assert sum(levels.size for levels in film.parts.values()) <= MOST_LEVELS
    assert len(shown_units) == MOST_LEVELS // (2 * steps) == 1000
    assert set(varying) <= set(shown_units)
    assert shown_units == sorted(shown_units)
    assert "the 1000 of 1500 units that vary most" in header(film)["note"]


def test_frames_that_do_not_fit_the_text_are_refused():
    with pytest.raises(ValueError, match=r"step 1 has uint8 \(3, 4\) for 'forget', not uint8 \(3, 5\)"):
        Film(frames(np.zeros((3, 4), dtype=np.uint8)), ("forget",), layer(3, 5), (0, 1, 2))
    with pytest.raises(ValueError, match="float32"):
        Film(frames(np.zeros((3, 5), dtype=np.float32)), ("forget",), layer(3, 5), (0, 1, 2))
    with pytest.raises(ValueError, match="at least one frame"):
        Film((), ("forget",), layer(3, 5), (0, 1, 2))


def test_the_bytes_of_one_character_are_labelled_once():
    data = layer(1, 4).assign_coords(group=("step", [0, 1, 1, 2]), token=("step", list("aééb")))
    assert header(Film(frames(np.zeros((1, 4), dtype=np.uint8)), ("forget",), data, (0,)))["labels"] == [
        [0, 1, "a"],
        [1, 3, "é"],
        [3, 4, "b"],
    ]


def test_modules_of_two_folders_come_after_what_they_import():
    from viz.film import HERE

    names = [name for name, _ in modules("film", HERE)]
    assert names[-1] == "film"
    assert names.index("format") < names.index("panels") < names.index("film")
