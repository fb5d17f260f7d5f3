"""The baseline of benchmarks/stepping.py: the same numbers of one step, stepped with a Streamlit slider and a rerun."""

import streamlit as st

from benchmarks.large_models import model
from lstm_core import SIGNALS, Recording, record

st.set_page_config(layout="wide")


@st.cache_resource
def recording(name: str, text: str) -> Recording:
    return record(model(name), text)


layer = recording("512 units", st.query_params["text"]).layers["layer0"]
step = st.slider("Step", 0, layer.sizes["step"] - 1, 500)
st.markdown(f"reached {step}")
for signal in SIGNALS:
    st.image(layer[signal].to_numpy()[step : step + 1].T, caption=signal, clamp=True, width=12)
st.table({signal: float(layer[signal][step, 7]) for signal in SIGNALS})
