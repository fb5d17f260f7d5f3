"""The sums that gates squash, of every cell, compared with what was recorded."""

import numpy as np
import pytest
import torch

from lstm_core import record, wiring
from lstm_core.analysis import preactivation_terms, previous
from tests.support import odd_models

TEXT = "sums of several"


@pytest.mark.parametrize("name", ["gru", "rnn", "peepholes", "uneven"])
def test_the_terms_of_every_cell_sum_to_what_it_squashes(name):
    model = odd_models.model(name)
    recording = record(model, TEXT)
    for layer, whole in recording.layers.items():
        cell, wires = model.config.cell(layer), wiring(model, model.encode(TEXT), recording, layer)
        for unit in (0, 3):
            terms = preactivation_terms(whole, wires, unit, cell=cell)
            for gate in wires["gate"].to_numpy().tolist():
                total = cell.bounded(torch.from_numpy(terms.sel(gate=gate).sum("term").to_numpy()))
                squash = cell.candidate if gate in ("candidate", "hidden") else cell.gate
                wanted = whole[gate].sel(unit=unit).to_numpy()
                np.testing.assert_allclose(squash(total), wanted, atol=2e-6, err_msg=f"{layer} {gate}")


def test_what_a_projected_layer_hears_is_what_it_said():
    model = odd_models.model("uneven")
    whole = record(model, "abc").layers["layer0_reverse"]
    outputs, first = whole["projected"].to_numpy(), model.lstm.initial_hidden_l0_reverse.numpy()
    np.testing.assert_array_equal(previous(whole, "projected"), [outputs[1], outputs[2], first])


def test_peepholes_see_the_old_cell_and_the_output_gate_the_new_one():
    model = odd_models.model("peepholes")
    recording = record(model, "ab")
    whole = recording.layers["layer0"]
    terms = preactivation_terms(
        whole, wiring(model, model.encode("ab"), recording, "layer0"), 4, cell=model.config.cell("layer0")
    )
    weights, cells = model.lstm.peephole_l0.double().numpy()[:, 4], whole["cell"].to_numpy()[:, 4].astype(np.float64)
    seen, first = terms.sel(term="peephole"), float(model.lstm.initial_cell_l0[4])
    np.testing.assert_allclose(seen.sel(gate="input"), weights[0] * np.array([first, cells[0]]), atol=1e-12)
    np.testing.assert_allclose(seen.sel(gate="forget"), weights[1] * np.array([first, cells[0]]), atol=1e-12)
    np.testing.assert_allclose(seen.sel(gate="output"), weights[2] * cells, atol=1e-12)
    assert not seen.sel(gate="candidate").any()
