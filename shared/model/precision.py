"""Which precision a model runs in, chosen from what the processor can do. The one place that decides it.

bfloat16 halves memory traffic and is faster than float32 where a processor multiplies matrices of it (AMX, ARM's
units). Where only AVX-512 computes it, by dot products, training in it is slower (seen on a Xeon with AVX512_BF16 and
no AMX: in products, convolutions and the bundled painter's steps), so that it is done on request alone. Where a
processor has nothing for it, torch falls back to a reference kernel that is over twenty times slower, so asking for it
there is refused rather than obeyed.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch

from shared.contracts.errors import Permanent

Precision = Literal["auto", "float32", "bfloat16", "float16"]

X86_UNITS, X86_MATRICES = ("avx512_bf16", "amx_bf16"), "amx_bf16"
ARM_UNITS = ("bf16", "sve_bf16")
ONEDNN_CAPS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")  # the older name is still read
# parts of the names of oneDNN's levels
ISAS_WITH_MATRICES = ("AMX", "DEFAULT", "ALL")
ISAS_WITH_BF16 = ("BF16", "FP16", "AVX10", *ISAS_WITH_MATRICES)


def training_dtype(device: torch.device | str, wanted: Precision = "auto") -> torch.dtype:
    """What a training's forward pass computes in: bfloat16 where it is fast, else float32; weights stay float32.

    Raises Permanent for a precision that this device cannot train in. float16 is none: it would need scaled losses.
    """
    device = torch.device(device)
    if wanted == "float16":
        raise _refused("float16", device, "training in it needs scaled losses, which this trainer does not have")
    return _chosen(device, wanted, otherwise=torch.float32)


def inference_dtype(device: torch.device | str, wanted: Precision = "auto") -> torch.dtype:
    """What a loaded model's weights are kept in: half precision on CUDA, float32 on CPU and MPS unless asked for.

    On a CPU a picture is worth more than the time that half precision saves: gates and judge are tuned on float32.
    Raises Permanent for a precision that this device cannot run in.
    """
    device = torch.device(device)
    if wanted == "auto" and device.type != "cuda":
        return torch.float32
    if wanted == "float16":
        if device.type == "cpu":
            raise _refused("float16", device, "its convolutions are not made for it")
        return torch.float16
    return _chosen(device, wanted, otherwise=torch.float16)


def frozen_dtype(wanted: Literal["float32", "bfloat16"]) -> torch.dtype:
    """What weights are kept in that do not learn but are trained through; bfloat16 takes half the memory."""
    return torch.bfloat16 if wanted == "bfloat16" else torch.float32


def autocast(device: torch.device | str, wanted: Precision = "auto") -> AbstractContextManager[Any]:
    """The context of a training's forward pass on this device; does nothing where float32 is the precision."""
    device = torch.device(device)
    dtype = training_dtype(device, wanted)
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)


def learns_in_bfloat16(states: torch.Tensor) -> bool:
    """Whether what is computed from these on a CPU is computed in bfloat16, and learnt from."""
    if states.device.type != "cpu" or not torch.is_grad_enabled():
        return False
    return torch.is_autocast_enabled("cpu") and torch.get_autocast_dtype("cpu") == torch.bfloat16


def _chosen(device: torch.device, wanted: Precision, *, otherwise: torch.dtype) -> torch.dtype:
    if wanted == "float32":
        return torch.float32
    if (wanted == "bfloat16" and computes_bfloat16(device)) or fast_bfloat16(device):
        return torch.bfloat16
    if wanted == "bfloat16":
        raise _refused("bfloat16", device, "it has no units for it, and the fallback is over twenty times slower")
    return otherwise


def fast_bfloat16(device: torch.device) -> bool:
    """Whether the device computes bfloat16 faster than float32."""
    return computes_bfloat16(device) and (device.type == "cuda" or has_bf16_matrices(torch.cpu.get_capabilities()))


def computes_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is computed by units of the device, not by a fallback."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    supported = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return supported and has_bf16_units(torch.cpu.get_capabilities(), torch.backends.cpu.get_cpu_capability())


def has_bf16_matrices(capabilities: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a CPU that computes bfloat16 does so faster than float32, and oneDNN may make use of it."""
    return _is_arm(capabilities) or bool(
        capabilities.get(X86_MATRICES) and _onednn_may_use(ISAS_WITH_MATRICES, environment)
    )


def has_bf16_units(capabilities: Mapping[str, Any], aten: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a CPU computes bfloat16 itself, by `torch.cpu.get_capabilities()`, and its libraries may make use of it.

    `aten`: the level of torch's own kernels. AVX-512 alone is not enough, though oneDNN then calls bf16 "supported".
    """
    if _is_arm(capabilities):
        return any(capabilities.get(unit) for unit in ARM_UNITS)
    units = any(capabilities.get(unit) for unit in X86_UNITS)
    return units and aten.startswith("AVX512") and _onednn_may_use(ISAS_WITH_BF16, environment)


def _is_arm(capabilities: Mapping[str, Any]) -> bool:
    return str(capabilities.get("architecture", "")).startswith(("arm", "aarch"))


def _onednn_may_use(levels: Sequence[str], environment: Mapping[str, str]) -> bool:
    level = next((environment[name].upper() for name in ONEDNN_CAPS if environment.get(name)), "DEFAULT")
    return any(part in level for part in levels)


def _refused(wanted: str, device: torch.device, why: str) -> Permanent:
    words = f"{wanted} was asked for on {device.type}, but {why}; `auto` chooses what is fast there"
    return Permanent("precision_unavailable", words)
