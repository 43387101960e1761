"""The endless quick renderer: product scenes by numpy and OpenCV alone, where quantity matters more than beauty."""

from bundled.quick.render import Sample, quick_captions, quick_scenes

__all__ = ["Sample", "quick_captions", "quick_scenes"]
