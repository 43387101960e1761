"""Winograd's products give what sums of shifts give: outputs, channels cut apart, gradients of a kernel."""

import torch
from torch import Tensor
from torch.nn import functional

from services.trainer.model import winograd


def drawn(*shape: int) -> Tensor:
    """In double precision, where rounding hides nothing."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


def test_it_is_the_convolution_of_pictures_in_any_order_of_memory() -> None:
    x_BChw, kernel_OC33 = drawn(2, 3, 8, 12), drawn(5, 3, 3, 3)
    wanted = functional.conv2d(x_BChw, kernel_OC33, padding=1)
    for way in (torch.contiguous_format, torch.channels_last):
        found = winograd.convolved(x_BChw.contiguous(memory_format=way), kernel_OC33)
        torch.testing.assert_close(found, wanted)
        assert found.is_contiguous(memory_format=torch.channels_last)


def test_what_two_kernels_give_is_cut_apart() -> None:
    x_BChw, kernel_OC33 = drawn(2, 3, 4, 8), drawn(5, 3, 3, 3)
    products = torch.bmm(winograd.picture_points(x_BChw), winograd.kernel_points(kernel_OC33))
    both = winograd.pictures(products, (4, 8), [2, 3])
    wanted_BhwO = functional.conv2d(x_BChw, kernel_OC33, padding=1).permute(0, 2, 3, 1)
    for found, wanted in zip(both, wanted_BhwO.split([2, 3], -1), strict=True):
        torch.testing.assert_close(found, wanted)


def test_a_kernel_s_gradient_is_the_convolution_s() -> None:
    x_BChw, kernel_OC33, slope_BOhw = drawn(2, 3, 8, 4), drawn(5, 3, 3, 3).requires_grad_(), drawn(2, 5, 8, 4)
    functional.conv2d(x_BChw, kernel_OC33, padding=1).backward(slope_BOhw)
    found = winograd.kernel_slopes(winograd.picture_points(x_BChw), slope_BOhw.permute(0, 2, 3, 1))
    torch.testing.assert_close(found, kernel_OC33.grad)


def test_in_full_precision_it_is_as_exact_as_a_training_needs() -> None:
    x_BChw, kernel_OC33 = drawn(2, 96, 8, 8), drawn(96, 96, 3, 3)
    wanted = functional.conv2d(x_BChw, kernel_OC33, padding=1)
    found = winograd.convolved(x_BChw.float(), kernel_OC33.float()).double()
    assert (found - wanted).norm() / wanted.norm() < 1e-5


def test_only_pictures_of_whole_tiles_are_for_it() -> None:
    assert winograd.whole_tiles(torch.zeros(1, 1, 8, 12))
    assert not winograd.whole_tiles(torch.zeros(1, 1, 8, 6))
