"""The endless quick renderer: product scenes by numpy and OpenCV alone, where quantity matters more than beauty."""

from bundled.quick.render import QuickScene, quick_captions, quick_scenes

__all__ = ["QuickScene", "quick_captions", "quick_scenes"]
