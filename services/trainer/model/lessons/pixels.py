"""The pixels of a dataset's samples: decoded under the caps that hold for every picture, or refused by their name."""

from shared.contracts.errors import BadImage, NotKnown
from shared.contracts.images import Pixels, decode_mask, decode_photo
from shared.contracts.shards import ShardSample

REMEDY = "mend the dataset and release it under another version"


def picture_of(sample: ShardSample, data: bytes) -> Pixels:
    """One of a sample's pictures (H, W, 3). Raises NotKnown (`sample_broken`)."""
    try:
        return decode_photo(data).rgb
    except BadImage as error:
        words = f"sample {sample.key} has a picture that cannot be read: {error.message}; {REMEDY}"
        raise NotKnown("sample_broken", words) from error


def mask_of(sample: ShardSample, picture: Pixels) -> Pixels:
    """The mask (H, W) of 0 and 255 over a picture. Raises NotKnown (`mask_of_another_size`, `sample_broken`)."""
    try:
        return decode_mask(sample.files["mask.png"], (picture.shape[1], picture.shape[0]))
    except BadImage as error:
        reason = "mask_of_another_size" if error.reason == "mask_size" else "sample_broken"
        raise NotKnown(reason, f"sample {sample.key}: {error.message}; {REMEDY}") from error
