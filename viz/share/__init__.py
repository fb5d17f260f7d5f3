"""What one does with a page as a whole: copy its link, show it as a QR code, turn the theme, present it."""

from viz.share.bar import STYLE, share_bar

__all__ = ["STYLE", "share_bar"]
