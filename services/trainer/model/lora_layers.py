"""peft's LoRA layers with fewer passes over memory: the same parameters, names and mathematics.

peft runs a layer three times (its own, down to the rank, up again) and adds the parts, and autograd does so backwards.
Here a layer carries its LoRA in its kernel (W + s·BA, made anew each pass in full precision), and the gradients of A
and B go by way of the rank, never by that of W.
Convolutions are quickest where the channels of a cell lie together; then a kernel of single cells is a product of rows.
Shapes: B batch, C channels in, O out, R rank, h w cells, N rows (tokens or cells of all samples), P T as in winograd.
"""

from typing import Any

import torch
from peft.tuners import lora
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from services.trainer.model import winograd

FULL = 4  # bytes of a number in full precision
FEWEST_CHANNELS, FEWEST_CELLS = 64, 512  # of a layer and of all samples: measured, with AVX2 and with AVX-512


class LeanLinear(lora.Linear):
    """A linear layer with one LoRA that learns."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """As peft's own, which takes what is not plain."""
        if args or kwargs or not _plain(self):
            return super().forward(x, *args, **kwargs)
        base, (name,) = self.get_base_layer(), self.active_adapters
        down_RC, up_OR = self.lora_A[name].weight, self.lora_B[name].weight
        return _Linear.apply(x, base.weight, base.bias, down_RC, up_OR, self.scaling[name])


class LeanConv2d(lora.Conv2d):
    """A convolution with one LoRA that learns."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """As peft's own, which takes what is not plain."""
        base = self.get_base_layer()
        if args or kwargs or not _plain(self) or not _simple(base):
            return super().forward(x, *args, **kwargs)
        (name,) = self.active_adapters
        down_RChw, up_OR11 = self.lora_A[name].weight, self.lora_B[name].weight
        learnt = base.weight, base.bias, down_RChw, up_OR11, self.scaling[name]
        if _pointwise(base):
            return _Linear.apply(x.permute(0, 2, 3, 1), *learnt).permute(0, 3, 1, 2)
        if _by_points(base, x):
            return _ConvolutionByPoints.apply(x, *learnt)
        return _Convolution.apply(x, *learnt, (base.stride, base.padding))


LEAN: dict[type[nn.Module], type[nn.Module]] = {nn.Linear: LeanLinear, nn.Conv2d: LeanConv2d}


def _plain(layer: Any) -> bool:
    """One adapter, on, not merged, without variant or dropout, on weights of full precision: a kernel of bfloat16 would
    swallow what is learnt in small steps."""
    names = layer.active_adapters
    if layer.disable_adapters or layer.merged or len(names) != 1 or names[0] not in layer.lora_A:
        return False
    usual = names[0] not in layer.lora_variant and isinstance(layer.lora_dropout[names[0]], nn.Identity)
    return usual and not layer.lora_bias[names[0]] and layer.get_base_layer().weight.dtype.itemsize >= FULL


def _simple(base: Any) -> bool:
    return base.groups == 1 and base.padding_mode == "zeros" and base.dilation == (1, 1) and base.padding != "same"


def _pointwise(base: Any) -> bool:
    return base.kernel_size == (1, 1) and base.stride == (1, 1) and base.padding == (0, 0)


def _by_points(base: Any, x: Tensor) -> bool:
    """Whether Winograd's fewer products are worth turning pictures (many channels) and kernels (many cells) for."""
    usual = base.kernel_size == (3, 3) and base.stride == (1, 1) and base.padding == (1, 1)
    exact = x.device.type == "cpu" and _dtype(x).itemsize >= FULL
    many = min(base.in_channels, base.out_channels) >= FEWEST_CHANNELS and x[:, 0].numel() >= FEWEST_CELLS
    return bool(usual and exact and many and winograd.whole_tiles(x))


def _dtype(x: Tensor) -> torch.dtype:
    """What is computed in: autocast does not reach into a Function of our own."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


class _Linear(torch.autograd.Function):
    """Of the last dimension; a kernel of single cells is one too."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
    ) -> Tensor:
        ctx.precise, dtype = down.dtype, _dtype(x)
        x_NC, kernel_OC = _rows(x.to(dtype)), _learnt(weight, down, up, scale).to(dtype)
        ctx.save_for_backward(x_NC, kernel_OC, down.to(dtype), up.to(dtype))
        ctx.shape, ctx.dtype, ctx.scale = x.shape, x.dtype, scale
        y_NO = functional.linear(x_NC, kernel_OC, None if bias is None else bias.to(dtype))
        return y_NO.view(*x.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        x_NC, kernel_OC, down, up = ctx.saved_tensors
        slope_NO, of_x = _rows(slope), None
        if ctx.needs_input_grad[0]:
            of_x = (slope_NO @ kernel_OC).view(ctx.shape).to(ctx.dtype)
        rank_NR, rank_slope_NR = x_NC @ down.flatten(1).t(), slope_NO @ up.flatten(1)
        of_down, of_up = _scaled(rank_slope_NR.t() @ x_NC, ctx), _scaled((rank_NR.t() @ slope_NO).t(), ctx)
        return of_x, None, None, of_down.view_as(down), of_up.view(up.shape), None


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float, way: Any
    ) -> Tensor:
        ctx.precise, dtype = down.dtype, _dtype(x)
        kernel, x_BChw = _learnt(weight, down, up, scale).view_as(weight).to(dtype), x.to(dtype)
        ctx.save_for_backward(x_BChw, kernel, down.to(dtype), up.to(dtype))
        ctx.dtype, ctx.scale, ctx.way = x.dtype, scale, way
        return functional.conv2d(x_BChw, kernel, None if bias is None else bias.to(dtype), *way)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope_BOhw: Tensor) -> tuple[Tensor | None, ...]:
        x_BChw, kernel, down, up = ctx.saved_tensors
        of_x, slope_BhwO = None, slope_BOhw.permute(0, 2, 3, 1)
        if ctx.needs_input_grad[0]:
            of_x = _slopes(slope_BOhw, x_BChw, kernel, ctx.way, (True, False, False))[0].to(ctx.dtype)
        rank_BhwR = functional.conv2d(x_BChw, down, None, *ctx.way).permute(0, 2, 3, 1)
        rank_slope_BRhw = (slope_BhwO @ up.flatten(1)).permute(0, 3, 1, 2)
        of_down = _scaled(_slopes(rank_slope_BRhw, x_BChw, down, ctx.way, (False, True, False))[1], ctx)
        of_up_OR = _rows(slope_BhwO).t() @ _rows(rank_BhwR)
        return of_x, None, None, of_down, _scaled(of_up_OR, ctx).view_as(up), None, None


class _ConvolutionByPoints(torch.autograd.Function):
    """The same by Winograd's products, where the rank comes along as more channels."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
    ) -> Tensor:
        kernel, points_PTC = _learnt(weight, down, up, scale).view_as(weight), winograd.picture_points(x)
        products = torch.bmm(points_PTC, winograd.kernel_points(torch.cat([kernel, down])))
        y_BhwO, rank_BhwR = winograd.pictures(products, x.shape[2:], [len(kernel), len(down)])
        ctx.save_for_backward(points_PTC, kernel, rank_BhwR, up)
        ctx.precise, ctx.scale = down.dtype, scale
        return (y_BhwO if bias is None else y_BhwO.add_(bias)).permute(0, 3, 1, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope_BOhw: Tensor) -> tuple[Tensor | None, ...]:
        points_PTC, kernel, rank_BhwR, up = ctx.saved_tensors
        of_x, slope_BhwO = None, slope_BOhw.permute(0, 2, 3, 1)
        if ctx.needs_input_grad[0]:
            of_x = winograd.convolved(slope_BOhw, kernel.flip(2, 3).transpose(0, 1))
        of_down = _scaled(winograd.kernel_slopes(points_PTC, slope_BhwO @ up.flatten(1)), ctx)
        of_up_OR = _rows(slope_BhwO).t() @ _rows(rank_BhwR)
        return of_x, None, None, of_down, _scaled(of_up_OR, ctx).view_as(up), None


def _learnt(weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """(O, K) the frozen kernel and its LoRA, in full precision: autocast leaves alone what is done in place."""
    return weight.flatten(1).clone().addmm_(up.flatten(1), down.flatten(1), alpha=scale)


def _rows(x: Tensor) -> Tensor:
    return x.reshape(-1, x.shape[-1])


def _slopes(slope: Tensor, x: Tensor, kernel: Tensor, way: Any, wanted: tuple[bool, bool, bool]) -> Any:
    """Gradients of a convolution's input, kernel and bias, of which those that are not wanted are None."""
    return torch.ops.aten.convolution_backward(slope, x, kernel, None, *way, (1, 1), False, (0, 0), 1, wanted)


def _scaled(slope: Tensor, ctx: Any) -> Tensor:
    """A parameter's gradient, as precise as the parameter."""
    precise = slope.to(ctx.precise)
    return precise if ctx.scale == 1 else precise * ctx.scale
