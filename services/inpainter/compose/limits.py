"""How much is painted at all, decided before any of it is made. Pure."""

from shared.contracts.errors import BadRequest
from shared.contracts.picture_files.limits import MAX_PIXELS

LONGEST_SIDE = 16_384  # pixels of an output; OpenCV's warps end at 32,767
LARGEST_ASKED = 4096 * 4096  # pixels of an output of the largest width and height that can be asked
MOST_PIXELS = 9 * LARGEST_ASKED  # of all candidates of a request: eight options of the largest size that can be asked


def check_output(size: tuple[int, int]) -> None:
    """An output is a picture that this system takes in again."""
    width, height = size
    if width * height > MAX_PIXELS or max(size) > LONGEST_SIDE:
        raise BadRequest(
            "output_too_large",
            f"the output would be {width} x {height} pixels; at most {MAX_PIXELS / 1e6:.0f} megapixels and "
            f"{LONGEST_SIDE} a side are painted: give a smaller width or height, or another aspect",
        )


def how_many(count: int, extra: int, size: tuple[int, int]) -> int:
    """Candidates to make of outputs of `size`: extra ones give way first. Raises BadRequest for too many pixels."""
    pixels = size[0] * size[1]
    if count * pixels > MOST_PIXELS:
        raise BadRequest(
            "too_much_to_paint",
            f"{count} options of {size[0]} x {size[1]} are {count * pixels / 1e6:.0f} megapixels; at most "
            f"{MOST_PIXELS / 1e6:.0f} are painted for one request: ask for fewer options or smaller ones",
        )
    return min(count + extra, MOST_PIXELS // pixels)
