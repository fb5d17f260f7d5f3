"""ONNX files: graphs of nodes, followed from the output back to the recurrent layers."""
