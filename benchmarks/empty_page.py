"""What Streamlit itself takes for an answer: a page of one field, beside the pages of benchmarks/readers.py."""

import streamlit as st

st.text(st.text_input("Text", "a", live=True))
