"""How far back does a gradient reach, and along which path?"""

import numpy as np
import xarray as xr

from lstm_core.given import checked


@checked
def decay(gradients: xr.Dataset) -> xr.Dataset:
    """How large is the gradient at each distance back from the target's step?

    Takes what `gradients` or `paths` give for a target at one step. Returns for each of their variables over the steps its
    Euclidean norm over units (and gates), over ("distance",): 0 at the target's step, 1 one step earlier as the
    layer reads, hence one step later for a layer that reads backwards. Steps that the layer reads after the target
    have distances below 0, and are left out where no gradient of the layer's own signals reaches any of them. A gradient that is NaN at one unit makes
    the norm NaN at that distance. Norms that shrink by the same
    factor a step are the vanishing gradient of Bengio, Simard & Frasconi 1994, "Learning long-term dependencies with
    gradient descent is difficult". Raises ValueError for the mean loss, which has no step.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import Target, decay, gradients
    >>> model = pretrained.load("anbn")
    >>> layer = record(model, "SaabbT").layers["layer0"]
    >>> found = gradients(model, "SaabbT", layer="layer0", target=Target(step=3))
    >>> decay(found).cell.dims
    ('distance',)
    """
    step = int(gradients.attrs["target_step"])
    if step < 0:
        raise ValueError("the mean loss is of all steps, so it has no distance from a target: choose a target step")
    steps = gradients["step"].to_numpy()
    distance = steps - step if gradients.attrs["direction"] == "reverse" else step - steps
    norms: dict[str, np.ndarray] = {}
    for name, part in gradients.data_vars.items():
        by_step = part.transpose("step", ...).to_numpy().astype(np.float64).reshape(len(steps), -1)
        norms[str(name)] = np.sqrt(np.square(by_step).sum(axis=1))
    order = np.argsort(distance)
    # What is read may be read by the other direction too, from the other end.
    if not any(norm[distance < 0].any() for name, norm in norms.items() if name != "read"):
        order = order[distance[order] >= 0]
    return xr.Dataset(
        {name: (("distance",), norm[order]) for name, norm in norms.items()},
        coords={name: ("distance", gradients[name].to_numpy()[order]) for name in ("step", "token")}
        | {"distance": distance[order]},
        attrs=gradients.attrs,
    )


@checked
def furthest_reaching(part: xr.DataArray) -> list[int]:
    """The units ordered by how far back their gradients reach, furthest first: the rows of a heatmap from the top.

    By the mean over the steps of log10 |gradient|, largest first, ties by index; what is smaller than 1e-8 of the largest of
    all counts as that. Units that are NaN or infinite at some step come last. `part` is one gradient over ("step", "unit");
    returns unit labels.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import Target, furthest_reaching, gradients
    >>> model = pretrained.load("anbn")
    >>> layer = record(model, "SaabbT").layers["layer0"]
    >>> found = gradients(model, "SaabbT", layer="layer0", target=Target(step=3))
    >>> sorted(furthest_reaching(found.cell))
    [0, 1, 2, 3, 4]
    """
    sizes = np.abs(part.transpose("step", "unit").to_numpy().astype(np.float64))
    known = np.isfinite(sizes).all(axis=0)
    sizes[:, ~known] = 0
    least = sizes.max(initial=0) * 1e-8
    reach = np.where(known, np.log10(np.maximum(sizes, least or 1.0)).mean(axis=0), -np.inf)
    return [int(unit) for unit in part["unit"].to_numpy()[np.argsort(-reach, kind="stable")]]


@checked
def paths(gradients: xr.Dataset, layer: xr.Dataset) -> xr.Dataset:
    """How much of dL/dc_t flows along the cell states alone, and how much through hidden states, over ("step", "unit")?

        belt_t = dL/dc_t where the layer is left at once + f_{t+1} * belt_{t+1}
               = sum over s >= t of (product over t < j <= s of f_j) * (what of the target's gradient reaches c_s at once)
        rest_t = dL/dc_t - belt_t

    With one layer and a target at step s the sum has one term, at s: the constant error carousel of Hochreiter &
    Schmidhuber 1997, section 3.2, with the forget gates of Gers et al. 2000. `rest` went at least once through this
    layer's hidden state into the gates of a later step, where it is multiplied by weights and by the slope of a sigmoid
    or tanh. Takes what `gradients` gives for a layer, and that layer of the recording; float64, and the two
    sum to `total`, which is dL/dc_t. Raises ValueError for a layer without a cell.

    >>> import pretrained
    >>> from lstm_core import record
    >>> from lstm_core.analysis import Target, gradients, paths
    >>> model = pretrained.load("anbn")
    >>> layer = record(model, "SaabbT").layers["layer0"]
    >>> found = gradients(model, "SaabbT", layer="layer0", target=Target(step=3))
    >>> parts = paths(found, layer)
    >>> bool(abs(parts.total - found.cell).max() < 1e-5)
    True
    """
    if "cell" not in gradients:
        raise ValueError(f"a {gradients.attrs['cell_type']} has no cell: its gradient goes through hidden states alone")
    if gradients.sizes["step"] != layer.sizes["step"] or gradients.sizes["unit"] != layer.sizes["unit"]:
        raise ValueError(
            f"gradients of {gradients.sizes['step']} steps and {gradients.sizes['unit']} units do not belong to a "
            f"recording of {layer.sizes['step']} and {layer.sizes['unit']}"
        )
    reverse = gradients.attrs["direction"] == "reverse"
    forget, leaves = (
        one.transpose("step", "unit").to_numpy().astype(np.float64)
        for one in (layer["forget"], gradients["direct_cell"])
    )
    belt = np.empty_like(leaves)
    later, factor = np.zeros_like(leaves[0]), np.zeros_like(leaves[0])
    for step in range(len(leaves)) if reverse else reversed(range(len(leaves))):
        later = belt[step] = leaves[step] + factor * later
        factor = forget[step]
    total = gradients["cell"].transpose("step", "unit").to_numpy().astype(np.float64)
    dims = ("step", "unit")
    return xr.Dataset(
        {"belt": (dims, belt), "rest": (dims, total - belt), "total": (dims, total)},
        coords={name: gradients[name] for name in ("step", "token", "group", "unit")},
        attrs=gradients.attrs,
    )
