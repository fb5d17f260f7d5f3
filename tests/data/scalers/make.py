"""Writes the files beside it with scikit-learn and joblib, which the tests do not need: `python make.py` (1.9 and 1.6).

Weights by their names in a state dict, and scalers that were fitted to ROWS, as people save them.
"""

import pickle
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROWS = np.array([[20.0, 1.0, -4.0], [30.0, 5.0, 2.0], [25.0, 3.0, 0.0], [45.0, 3.0, 8.0]])
WEIGHTS = {
    name: np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for name, shape in {
        "lstm.weight_ih_l0": (8, 3),
        "lstm.weight_hh_l0": (8, 2),
        "lstm.bias_ih_l0": (8,),
        "lstm.bias_hh_l0": (8,),
        "fc.weight": (1, 2),
        "fc.bias": (1,),
    }.items()
}


def main() -> None:
    import joblib
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

    both = {"scaler": StandardScaler().fit(ROWS), "scaler_y": MinMaxScaler((-1, 1)).fit(ROWS[:, :1])}
    joblib.dump({"model": WEIGHTS, **both}, HERE / "both.joblib")
    joblib.dump({"model": WEIGHTS, **both}, HERE / "packed.joblib", compress=("zlib", 3))
    joblib.dump(both["scaler"], HERE / "scaler.joblib")
    several = [RobustScaler(), MaxAbsScaler(), MinMaxScaler(), StandardScaler(with_mean=False)]
    with (HERE / "several.pkl").open("wb") as file:
        pickle.dump({"weights": WEIGHTS, "scalers": {str(n): one.fit(ROWS) for n, one in enumerate(several)}}, file)


if __name__ == "__main__":
    main()
