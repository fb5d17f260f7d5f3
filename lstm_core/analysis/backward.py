"""The backward equations with numbers, one step after the other, from the last to the first."""

import numpy as np
import xarray as xr

from lstm_core.analysis.preactivation import previous
from lstm_core.given import checked

GATES = ("input", "forget", "candidate", "output")
MAX_EQUATION_VALUES = 1_000_000  # steps times units: 80 MB
CLOSE = 1e-3  # a gate further than this from what its weights make of it is not a textbook gate


@checked
def backward(gradients: xr.Dataset, layer: xr.Dataset, wiring: xr.Dataset) -> xr.Dataset:
    """How does each gradient of an LSTM layer follow from the next step's, and what are the weights' gradients?

    From the last step to the first, * unit by unit, U_k the rows of gate k and delta_t all four dL/da_t:

        dL/dh_t   = direct_t + U^T delta_{t+1}
        dL/do_t   = dL/dh_t * tanh(c_t)
        dL/dc_t   = dL/dh_t * o_t * (1 - tanh^2(c_t)) + f_{t+1} * dL/dc_{t+1}
        dL/df_t   = dL/dc_t * c_{t-1}
        dL/di_t   = dL/dc_t * g_t
        dL/dg_t   = dL/dc_t * i_t
        dL/da_o,t = dL/do_t * o_t * (1 - o_t), and with the same slope for i and f
        dL/da_g,t = dL/dg_t * (1 - g_t^2)
        dL/dx_t   = W^T delta_t
        dL/dW = sum over t of delta_t x_t^T,  dL/dU = sum over t of delta_t h_{t-1}^T,  dL/db = sum over t of delta_t

    After Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM", appendix A, without
    peepholes. Nothing is taken from `gradients` but `direct`; the gates are those of `layer`, a layer of the recording
    of the same text, W and U those of its `lstm_core.wiring`.

    Returns float64: `hidden`, `output`, `cell`, `forget`, `input` and `candidate` over ("step", "unit"), the gradients with
    respect to these signals; `preactivation` over ("gate", "step", "unit"); `read` over ("step", "feature"), by way of this
    layer alone; `weight_ih` over ("gate", "unit", "feature"), `weight_hh` over ("gate", "unit", "source") and `bias` over
    ("gate", "unit"), whose row of a unit is the sum of its outer products. Raises ValueError for a GRU, an RNN, and an LSTM of
    other equations. What is NaN makes NaN of all that follows from it: all units at the steps before.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import Target, backward, difference, gradients
    >>> model = pretrained.load("anbn")
    >>> layer = record(model, "SaabbT").layers["layer0"]
    >>> found = gradients(model, "SaabbT", layer="layer0", target=Target(step=3))
    >>> from lstm_core import wiring
    >>> equations = backward(found, layer, wiring(model, "SaabbT", record(model, "SaabbT"), "layer0"))
    >>> difference(equations, found)["cell"] < 1e-4
    True
    """
    x = wiring["read"].to_numpy()[wiring["row"].to_numpy()].astype(np.float64)
    hidden = previous_hidden(layer, wiring)
    _check(layer, wiring, x, hidden)
    order = slice(None, None, -1 if layer.attrs.get("direction") == "reverse" else 1)
    signals = {
        name: layer[name].transpose("step", "unit").to_numpy()[order].astype(np.float64) for name in (*GATES, "cell")
    }
    before = previous(layer, "cell").to_numpy()[order].astype(np.float64)
    u = wiring["weight_hh"].to_numpy().astype(np.float64)
    found = _backwards(signals, before, gradients["direct"].to_numpy()[order].astype(np.float64), u)
    delta = np.stack([found.pop(f"a_{name}")[order] for name in GATES])  # (gate, step, unit)
    w = wiring["weight_ih"].to_numpy().astype(np.float64)
    return xr.Dataset(
        {name: (("step", "unit"), part[order]) for name, part in found.items()}
        | {
            "preactivation": (("gate", "step", "unit"), delta),
            "read": (("step", "feature"), np.tensordot(delta, w, axes=([0, 2], [0, 1]))),
            "weight_ih": (("gate", "unit", "feature"), np.tensordot(delta, x, axes=(1, 0))),
            "weight_hh": (("gate", "unit", "source"), np.tensordot(delta, hidden, axes=(1, 0))),
            "bias": (("gate", "unit"), delta.sum(axis=1)),
        },
        coords={name: layer[name] for name in ("step", "token", "group", "unit")} | {"gate": list(GATES)},
        attrs=gradients.attrs,
    )


def max_equation_steps(units: int) -> int:
    """The most steps for which `backward`, of a layer with that many units, stays within MAX_EQUATION_VALUES."""
    return MAX_EQUATION_VALUES // units


@checked
def difference(equations: xr.Dataset, autograd: xr.Dataset) -> dict[str, float]:
    """How far are the equations' gradients from autograd's, relative to the largest of each kind?

    `equations` are from `backward`, `autograd` from `gradients`, `signal_gradients` or `weight_gradients`. By name, for all that both have; a kind
    that is zero throughout on both sides differs by 0, and one that has a NaN on either side by NaN.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import Target, difference, gradients
    >>> model = pretrained.load("anbn")
    >>> layer = record(model, "SaabbT").layers["layer0"]
    >>> found = gradients(model, "SaabbT", layer="layer0", target=Target(step=3))
    >>> difference(found, found)["cell"]
    0.0
    """
    found = {}
    for name in [str(one) for one in equations.data_vars if one in autograd]:
        wanted = autograd[name].to_numpy().astype(np.float64)
        ours = equations[name].transpose(*autograd[name].dims).to_numpy()
        largest = np.abs(wanted).max(initial=0.0)
        found[name] = float(np.abs(ours - wanted).max(initial=0.0) / (largest or 1.0))
    return found


def _backwards(
    signals: dict[str, np.ndarray], before: np.ndarray, direct: np.ndarray, u: np.ndarray
) -> dict[str, np.ndarray]:
    """The loop in reading order: gradients of signals by name, of pre-activations prefixed with "a_"."""
    i, f, g, o, c = (signals[name] for name in (*GATES, "cell"))
    shown = np.tanh(c)
    names = ("hidden", "output", "cell", "forget", "input", "candidate", *(f"a_{name}" for name in GATES))
    d = {name: np.empty_like(c) for name in names}
    back, carried = np.zeros_like(c[0]), np.zeros_like(c[0])
    for t in reversed(range(len(c))):
        d["hidden"][t] = direct[t] + back
        d["output"][t] = d["hidden"][t] * shown[t]
        d["cell"][t] = d["hidden"][t] * o[t] * (1 - shown[t] ** 2) + carried
        d["forget"][t] = d["cell"][t] * before[t]
        d["input"][t] = d["cell"][t] * g[t]
        d["candidate"][t] = d["cell"][t] * i[t]
        d["a_input"][t] = d["input"][t] * i[t] * (1 - i[t])
        d["a_forget"][t] = d["forget"][t] * f[t] * (1 - f[t])
        d["a_candidate"][t] = d["candidate"][t] * (1 - g[t] ** 2)
        d["a_output"][t] = d["output"][t] * o[t] * (1 - o[t])
        back = sum(d[f"a_{name}"][t] @ rows for name, rows in zip(GATES, u, strict=True))
        carried = f[t] * d["cell"][t]
    return d


def previous_hidden(layer: xr.Dataset, wiring: xr.Dataset) -> np.ndarray:
    """h_{t-1} at each step, (step, source). Raises ValueError for a layer that is no LSTM, or has a projection or peepholes."""
    kind = layer.attrs.get("cell_type", "LSTM")
    if kind != "LSTM":
        raise ValueError(
            f"these are an LSTM's equations, and this layer is a {kind}: its gradients are known by autograd alone"
        )
    if "projected" in layer or "peephole" in wiring:
        has = "a projection" if "projected" in layer else "peepholes"
        raise ValueError(
            f"these are the textbook's equations, and this layer has {has}: its gradients are known by autograd alone"
        )
    return previous(layer, "hidden").to_numpy().astype(np.float64)


def _check(layer: xr.Dataset, wiring: xr.Dataset, x: np.ndarray, hidden: np.ndarray) -> None:
    """Raise ValueError unless the gates are the sigmoid and tanh of W x + U h + b, wherever they are finite."""
    for gate, name in enumerate(GATES):
        w, u, b = (wiring[one].to_numpy()[gate].astype(np.float64) for one in ("weight_ih", "weight_hh", "bias"))
        inside = x @ w.T + hidden @ u.T + b
        wanted = np.tanh(inside) if name == "candidate" else 0.5 * (1 + np.tanh(inside / 2))
        recorded = layer[name].transpose("step", "unit").to_numpy()
        off = np.abs(recorded - wanted)[np.isfinite(recorded)].max(initial=0.0)
        if not off <= CLOSE:
            function = "tanh" if name == "candidate" else "sigmoid"
            raise ValueError(
                f"these are the textbook's equations, and this layer's {name} differs by {off:.3g} from the {function} of "
                f"its inputs: its gradients are known by autograd alone"
            )
