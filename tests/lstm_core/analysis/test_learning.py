"""What is found of a gate at each checkpoint, on numbers whose answers are known."""

import numpy as np
import pytest
import xarray as xr

from lstm_core.analysis import learning


def gate(columns, units=None) -> xr.DataArray:
    """One list of values for each unit."""
    units = np.arange(len(columns)) if units is None else units
    return xr.DataArray(np.array(columns, dtype=np.float32).T, dims=("step", "unit"), coords={"unit": units})


def test_mean_and_shares_are_those_of_each_unit_at_each_training_step():
    before = gate([[0.5, 0.5, 0.5, 0.5], [0.0, 0.05, 0.2, 0.95]])
    after = gate([[1.0, 1.0, 0.95, 0.05], [0.0, 0.0, 0.0, 0.0]])
    found = learning([before, after], [0, 128])
    assert found["training_step"].to_numpy().tolist() == [0, 128]
    np.testing.assert_allclose(found["mean"], [[0.5, 0.75], [0.3, 0.0]], atol=1e-7)
    np.testing.assert_array_equal(found["shut"], [[0, 0.25], [0.5, 1]])
    np.testing.assert_array_equal(found["open"], [[0, 0.75], [0.25, 0]])
    assert found["mean"].dims == ("unit", "training_step")


def test_the_bounds_themselves_are_neither_shut_nor_open():
    found = learning([gate([[np.float32(0.1), np.float32(0.9)]])], [4])
    assert found["shut"].item() == found["open"].item() == 0


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(ValueError, match="1 recordings but 2 training steps"):
        learning([gate([[0.5]])], [0, 1])
    with pytest.raises(ValueError, match="0 recordings"):
        learning([], [])
    with pytest.raises(ValueError, match="training step 8 is of 1 other units"):
        learning([gate([[0.5]]), gate([[0.5]], units=[7])], [4, 8])
