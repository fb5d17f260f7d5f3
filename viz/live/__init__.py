"""The model in the reader's browser: what it is sent, what it draws, and the hosts that it lives in."""
