"""The parts that make the bundled inpainter: any text has tokens, the autoencoder starts as a codec."""

import pytest
import torch

from bundled.training.inpainter import autoencoder, text
from bundled.training.inpainter.pools.pictures import quick_examples
from bundled.training.inpainter.reconstruction import distance
from services.trainer.model.lessons.data import to_tensor
from services.trainer.model.lessons.text import token_ids


def test_any_text_tokenises_without_an_unknown_token() -> None:
    tokenizer = text.new_tokenizer(["on a wooden table", "brick wall behind"] * 3, size=600)
    for words in ("wooden table", "Żółw 🙂 クラゲ", "x" * 300, ""):
        ids = token_ids(tokenizer, [words])[0].tolist()
        assert len(ids) == text.POSITIONS and ids[0] == tokenizer.bos_token_id
    spoken = tokenizer("Żółw", add_special_tokens=False).input_ids
    assert tokenizer.unk_token_id not in spoken and tokenizer.decode(spoken).replace(" ", "") == "żółw"
    assert tokenizer.tokenize("wooden") == ["wooden</w>"]


def test_the_autoencoder_starts_as_a_codec() -> None:
    torch.manual_seed(0)
    crops_BCHW = torch.stack([to_tensor(e.image) for e, _ in zip(quick_examples(3, 64), range(64), strict=False)])
    vae = autoencoder.new_autoencoder((16, 24, 32, 48))
    random_start = autoencoder.psnr(vae, crops_BCHW)
    autoencoder.start_from_data(vae, crops_BCHW)
    assert autoencoder.psnr(vae, crops_BCHW) > max(17.0, random_start + 5)


def test_standardised_latents_have_deviation_one_and_decode_the_same() -> None:
    crops_BCHW = torch.stack([to_tensor(e.image) for e, _ in zip(quick_examples(4, 64), range(24), strict=False)])
    vae = autoencoder.new_autoencoder((16, 24, 32, 48))
    autoencoder.start_from_data(vae, crops_BCHW)
    before = autoencoder.psnr(vae, crops_BCHW)
    autoencoder.standardise(vae, crops_BCHW)
    spread_C = vae.encode(crops_BCHW).latent_dist.mode().std((0, 2, 3))
    assert all(abs(s - 1) < 1e-3 or abs(s - 0.45) < 1e-3 for s in spread_C.tolist())
    assert autoencoder.psnr(vae, crops_BCHW) == pytest.approx(before, abs=0.05)


def test_a_picture_is_at_no_distance_from_itself_and_grain_counts() -> None:
    picture_BCHW = torch.rand(1, 3, 32, 32)
    assert float(distance(picture_BCHW, picture_BCHW)) == 0
    assert float(distance(picture_BCHW, picture_BCHW.mean((2, 3), keepdim=True).expand_as(picture_BCHW))) > 0.1
