"""How much memory of its GPU a process uses, for the metrics."""

from collections.abc import Mapping

import torch


def gpu_memory(device: torch.device | str) -> Mapping[str, float]:
    """Bytes: `used` by this process's tensors and torch's reserve for them, `total` of the device; empty on a CPU."""
    device = torch.device(device)
    if device.type != "cuda":
        return {}
    return {
        "used": float(torch.cuda.memory_reserved(device)),
        "total": float(torch.cuda.get_device_properties(device).total_memory),
    }
