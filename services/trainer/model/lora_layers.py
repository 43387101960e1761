"""peft's LoRA layers with fewer passes over memory: the same parameters, names and mathematics.

peft runs a layer three times (its own, down to the rank, up again) and adds the parts, and autograd does so backwards.
Here a layer carries its LoRA in its kernel (W + s·BA, made anew each pass in full precision), and the gradients of A
and B go by way of the rank, never by that of W.
Shapes: B batch, C channels in, O out, R rank, h w cells, N rows (tokens of all samples), P cells of a sample.
"""

from typing import Any

import torch
from peft.tuners import lora
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

FULL = 4  # bytes of a number in full precision


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
        if _pointwise(base):
            return _Pointwise.apply(x, base.weight, base.bias, down_RChw, up_OR11, self.scaling[name])
        way = base.stride, base.padding
        return _Convolution.apply(x, base.weight, base.bias, down_RChw, up_OR11, self.scaling[name], way)


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


def _dtype(x: Tensor) -> torch.dtype:
    """What is computed in: autocast does not reach into a Function of our own."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down_RC: Tensor, up_OR: Tensor, scale: float
    ) -> Tensor:
        ctx.precise, dtype = down_RC.dtype, _dtype(x)
        x_NC, kernel_OC = x.to(dtype).reshape(-1, x.shape[-1]), _learnt(weight, down_RC, up_OR, scale).to(dtype)
        ctx.save_for_backward(x_NC, kernel_OC, down_RC.to(dtype), up_OR.to(dtype))
        ctx.shape, ctx.dtype, ctx.scale = x.shape, x.dtype, scale
        y_NO = functional.linear(x_NC, kernel_OC, None if bias is None else bias.to(dtype))
        return y_NO.view(*x.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        x_NC, kernel_OC, down_RC, up_OR = ctx.saved_tensors
        slope_NO, of_x = slope.reshape(-1, slope.shape[-1]), None
        if ctx.needs_input_grad[0]:
            of_x = (slope_NO @ kernel_OC).view(ctx.shape).to(ctx.dtype)
        rank_NR, rank_slope_NR = x_NC @ down_RC.t(), slope_NO @ up_OR
        of_down_RC, of_up_RO = rank_slope_NR.t() @ x_NC, rank_NR.t() @ slope_NO
        return of_x, None, None, _scaled(of_down_RC, ctx), _scaled(of_up_RO.t(), ctx), None


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
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = _slopes(slope_BOhw, x_BChw, kernel, ctx.way, (True, False, False))[0].to(ctx.dtype)
        rank_BRhw, slope_BOP = functional.conv2d(x_BChw, down, None, *ctx.way), slope_BOhw.flatten(2)
        of_up_OR = (slope_BOP @ rank_BRhw.flatten(2).transpose(1, 2)).sum(0)
        rank_slope_BRhw = _of_each(up.flatten(1).t(), slope_BOP).view_as(rank_BRhw)
        of_down = _scaled(_slopes(rank_slope_BRhw, x_BChw, down, ctx.way, (False, True, False))[1], ctx)
        return of_x, None, None, of_down, _scaled(of_up_OR, ctx).view_as(up), None, None


class _Pointwise(torch.autograd.Function):
    """A convolution of single cells: products of matrices, which have no need of another order of memory."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, down: Tensor, up: Tensor, scale: float
    ) -> Tensor:
        ctx.precise, dtype = down.dtype, _dtype(x)
        x_BCP, kernel_OC = x.to(dtype).flatten(2), _learnt(weight, down, up, scale).to(dtype)
        ctx.save_for_backward(x_BCP, kernel_OC, down.flatten(1).to(dtype), up.flatten(1).to(dtype))
        ctx.shape, ctx.dtype, ctx.scale = x.shape, x.dtype, scale
        y_BOP = _of_each(kernel_OC, x_BCP)
        return (y_BOP if bias is None else y_BOP.add_(bias.to(dtype)[:, None])).unflatten(2, x.shape[2:])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        x_BCP, kernel_OC, down_RC, up_OR = ctx.saved_tensors
        slope_BOP, of_x = slope.flatten(2), None
        if ctx.needs_input_grad[0]:
            of_x = _of_each(kernel_OC.t(), slope_BOP).view(ctx.shape).to(ctx.dtype)
        rank_BRP, rank_slope_BRP = _of_each(down_RC, x_BCP), _of_each(up_OR.t(), slope_BOP)
        of_down_RC = (rank_slope_BRP @ x_BCP.transpose(1, 2)).sum(0)
        of_up_OR = (slope_BOP @ rank_BRP.transpose(1, 2)).sum(0)
        of_down, of_up = _scaled(of_down_RC, ctx), _scaled(of_up_OR, ctx)
        return of_x, None, None, of_down[..., None, None], of_up[..., None, None], None


def _learnt(weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    """(O, K) the frozen kernel and its LoRA, in full precision: autocast leaves alone what is done in place."""
    return weight.flatten(1).clone().addmm_(up.flatten(1), down.flatten(1), alpha=scale)


def _of_each(matrix: Tensor, samples_BKP: Tensor) -> Tensor:
    """The matrix's product with each sample."""
    return torch.bmm(matrix.expand(len(samples_BKP), -1, -1), samples_BKP)


def _slopes(slope: Tensor, x: Tensor, kernel: Tensor, way: Any, wanted: tuple[bool, bool, bool]) -> Any:
    """Gradients of a convolution's input, kernel and bias, of which those that are not wanted are None."""
    return torch.ops.aten.convolution_backward(slope, x, kernel, None, *way, (1, 1), False, (0, 0), 1, wanted)


def _scaled(slope: Tensor, ctx: Any) -> Tensor:
    """A parameter's gradient, as precise as the parameter."""
    precise = slope.to(ctx.precise)
    return precise if ctx.scale == 1 else precise * ctx.scale
