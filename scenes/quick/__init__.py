"""The endless quick renderer: product scenes by numpy and OpenCV alone, where quantity matters more than beauty."""

from scenes.quick.render import Sample, quick_scenes

__all__ = ["Sample", "quick_scenes"]
