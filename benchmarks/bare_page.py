"""The baseline of benchmarks/page.py: a bare Streamlit page with the same arrays as six heatmaps, and nothing else."""

import plotly.graph_objects as go
import streamlit as st

import pretrained
from lstm_core import SIGNALS, SequenceModel, record

st.set_page_config(layout="wide")


@st.cache_resource
def model() -> SequenceModel:
    return pretrained.load("shakespeare")


text = st.text_input("Text", st.query_params.get("text", "a"), live=True)
layer = record(model(), text or " ").layers["layer0"]
for signal in SIGNALS:
    figure = go.Figure(go.Heatmap(z=layer[signal].to_numpy().T, name=signal))
    figure.update_layout(height=150, margin={"t": 10, "b": 10})
    st.plotly_chart(figure, key=signal)
