"""One Streamlit page per file: wires widgets to the core and to figures, computes nothing."""
