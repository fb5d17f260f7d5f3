"""Which tokens does a prediction depend on?"""

import numpy as np
import xarray as xr

from lstm_core.given import checked


@checked
def importance(gradients: xr.Dataset) -> xr.DataArray:
    """How much does the target depend on each input: the norm of dL/dx_t, over ("step",)?

    Takes what `gradients` gives for a model's first layer, whose input x_t is the embedding of the token at step t, or the
    number; of a later layer it is that layer's input. Returns in float64 the Euclidean norm over the features of x_t: the most
    that L changes, per unit of length, if x_t is moved a little (Simonyan, Vedaldi & Zisserman 2014, "Deep inside
    convolutional networks: visualising image classification models and saliency maps"; of words Li et al. 2016, "Visualizing
    and understanding neural models in NLP"). It has no sign, and says nothing of large changes: where a gate is saturated,
    another token may matter and have a gradient near 0. NaN where a gradient is.

    >>> import pretrained
    >>> from lstm_core.analysis import Target, gradients, importance
    >>> found = gradients(pretrained.load("anbn"), "SaabbT", layer="layer0", target=Target(step=3))
    >>> weights = importance(found)
    >>> weights.dims, float(weights.sel(step=5))  # no later step matters
    (('step',), 0.0)
    """
    read = gradients["read"].transpose("step", ...).to_numpy().astype(np.float64)
    return xr.DataArray(
        np.sqrt(np.square(read).sum(axis=1)),
        dims="step",
        coords={name: gradients[name] for name in ("step", "token", "group")},
        attrs=gradients.attrs,
    )
