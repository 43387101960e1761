"""The painter over a real, tiny diffusers pipeline."""

from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load, save

from services.inpainter.model.inpainting import InpaintPainter, guide
from services.inpainter.ports import InpaintInput
from shared.contracts.errors import BadRequest
from tests.fakes.tiny_inpainter import tiny_unet, write_tiny_inpainter

ALL_LAYERS = r".*(to_q|to_k|to_v|to_out\.0|proj_in|proj_out|conv1|conv2|conv_in|conv_out|linear_1|linear_2)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_inpainter(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def painter(folder: Path) -> InpaintPainter:
    return InpaintPainter(str(folder), name="tiny", side=64, steps=2, threads=1)


def canvas(seed: int = 0, strength: float = 0.5, prompt: str = "a red wall", around: int | None = None) -> InpaintInput:
    start = np.random.default_rng(5).integers(0, 255, (100, 80, 3), dtype=np.uint8)
    mask = np.zeros((100, 80), np.uint8)
    mask[31:90, 21:60] = 255
    if around is not None:
        start = np.where(mask[..., None] == 255, start, np.uint8(around))
    return InpaintInput(image=start, mask=mask, prompt=prompt, negative_prompt="", seed=seed, strength=strength)


def lora(scale: float = 0.5) -> bytes:
    """A LoRA over all layers in the form the trainer writes: `unet.<layer>.lora_A.weight`."""
    unet = tiny_unet()
    unet.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=ALL_LAYERS))
    torch.manual_seed(1)
    state = get_peft_model_state_dict(unet)
    return save({f"unet.{name}": torch.randn_like(tensor) * scale for name, tensor in state.items()})


def of_another_width(name: str) -> bytes:
    """That LoRA, but trained on a model that was narrower there."""
    state = load(lora())
    return save(state | {name: state[name][:, 1:].contiguous()})


def test_a_picture_of_the_working_size_comes_back_for_each_canvas(painter: InpaintPainter) -> None:
    painted = painter.paint([canvas(0), canvas(1), canvas(2, strength=1.0)])
    assert [one.after.shape for one in painted] == [(64, 64, 3)] * 3
    assert all(np.isfinite(one.after).all() and one.after.min() >= 0 and one.after.max() <= 255 for one in painted)
    assert not np.allclose(painted[0].after, painted[1].after)


def test_a_picture_is_the_same_alone_beside_others_and_after_others(folder: Path) -> None:
    check_company(str(folder), side=64)


def test_a_picture_of_the_bundled_model_is_the_same_in_any_company() -> None:
    check_company("models/mini-inpainter", side=128)


def check_company(model: str, side: int) -> None:
    """Bit-equal alone, third of three, and after other plates of the same product were painted."""
    wanted = canvas(7, around=20)
    others = [canvas(3, around=250), canvas(4, around=120)]
    alone = InpaintPainter(model, side=side, steps=2, threads=1).paint([wanted])[0]
    painter = InpaintPainter(model, side=side, steps=2, threads=1)
    for again in (painter.paint([*others, wanted])[2], painter.paint([wanted, *others])[0], painter.paint([wanted])[0]):
        np.testing.assert_array_equal(alone.after, again.after)
        np.testing.assert_array_equal(alone.before, again.before)


def test_larger_batches_differ_by_rounding_only(folder: Path) -> None:
    painter = InpaintPainter(str(folder), side=64, steps=2, threads=1, batch=3)
    together = painter.paint([canvas(3), canvas(7), canvas(8)])[1]
    np.testing.assert_allclose(painter.paint([canvas(7)])[0].after, together.after, atol=0.05)


def test_strength_nought_returns_what_it_was_given(painter: InpaintPainter) -> None:
    (painted,) = painter.paint([canvas(strength=0.0)])
    np.testing.assert_array_equal(painted.before, painted.after)


def test_a_product_and_its_prompt_are_encoded_once(painter: InpaintPainter) -> None:
    painter.paint([canvas(0), canvas(1)])
    painter.paint([canvas(2)])
    assert (len(painter.products._known), len(painter.texts._known)) == (1, 2)


def test_a_lora_over_all_layers_changes_the_picture_and_the_name(painter: InpaintPainter) -> None:
    before = painter.paint([canvas()])[0].after
    painter.adopt(lora(), "rev-2")
    after = painter.paint([canvas()])[0].after
    assert painter.name == "tiny@rev-2"
    assert np.abs(after - before).mean() > 0.5


def test_a_second_lora_replaces_the_first(painter: InpaintPainter, folder: Path) -> None:
    painter.adopt(lora(2.0), "rev-2")
    painter.adopt(lora(0.5), "rev-3")
    swapped = painter.paint([canvas()])[0].after
    fresh = InpaintPainter(str(folder), name="tiny", side=64, steps=2, threads=1)
    fresh.adopt(lora(0.5), "rev-3")
    np.testing.assert_allclose(swapped, fresh.paint([canvas()])[0].after, atol=0.5)


def test_broken_weights_are_named_and_the_old_ones_stay(painter: InpaintPainter) -> None:
    before = painter.paint([canvas()])[0].after
    with pytest.raises(BadRequest, match="not a safetensors file"):
        painter.adopt(b"nonsense", "rev-9")
    foreign = save({"unet.no_such.layer.lora_A.weight": torch.zeros(2, 4)})
    with pytest.raises(BadRequest, match="no layer"):
        painter.adopt(foreign, "rev-9")
    with pytest.raises(BadRequest, match="conv_in was of another width"):
        painter.adopt(of_another_width("unet.conv_in.lora_A.weight"), "rev-9")
    assert painter.name == "tiny@base"
    np.testing.assert_array_equal(before, painter.paint([canvas()])[0].after)


def test_ddim_paints_too(folder: Path) -> None:
    painter = InpaintPainter(str(folder), side=64, steps=2, threads=1, scheduler="ddim")
    assert np.isfinite(painter.paint([canvas(strength=1.0)])[0].after).all()


def test_guidance_is_pulled_back_to_the_predictions_own_contrast() -> None:
    wanted, unwanted = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    assert guide(wanted, unwanted, scale=9.0, rescale=1.0).std() == pytest.approx(float(wanted.std()), rel=1e-4)
    torch.testing.assert_close(guide(wanted, unwanted, scale=1.0, rescale=0.0), wanted)
