"""PyTorch files: what `torch.save`, safetensors and `torch.export.save` write."""
