"""bfloat16 only where a processor is faster in it: hand-written processors, this one, and the tree itself."""

from pathlib import Path

import pytest
import torch

from shared.contracts.errors import Permanent
from shared.model import precision
from shared.model.precision import Precision, has_bf16_matrices, has_bf16_units

ROOT = Path(__file__).resolve().parents[4]
LAPTOP = {"architecture": "x86_64", "avx2": True}
SKYLAKE = {"architecture": "x86_64", "avx2": True, "avx512_f": True, "avx512_bw": True}
ZEN4 = SKYLAKE | {"avx512_bf16": True}
SAPPHIRE = SKYLAKE | {"avx512_bf16": True, "amx_bf16": True, "amx_tile": True}
GRAVITON2 = {"architecture": "aarch64", "neon": True, "bf16": False}
GRAVITON3 = {"architecture": "arm64", "neon": True, "bf16": True}


@pytest.mark.parametrize(
    ("processor", "aten", "environment", "units"),
    [
        (LAPTOP, "AVX2", {}, False),
        (SKYLAKE, "AVX512", {}, False),  # oneDNN calls bf16 "supported" here and emulates it
        (ZEN4, "AVX512", {}, True),
        (SAPPHIRE, "AVX512", {}, True),
        (SAPPHIRE, "AVX2", {}, False),
        (SAPPHIRE, "AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX2"}, False),
        (SAPPHIRE, "AVX512", {"ONEDNN_MAX_CPU_ISA": "avx512_core_vnni"}, False),
        (SAPPHIRE, "AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"}, True),
        (SAPPHIRE, "AVX512", {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}, True),
        (SAPPHIRE, "AVX512", {"DNNL_MAX_CPU_ISA": "AVX2"}, False),
        (SAPPHIRE, "AVX512", {"ONEDNN_MAX_CPU_ISA": "default"}, True),
        (GRAVITON2, "DEFAULT", {}, False),
        (GRAVITON3, "SVE256", {}, True),
        ({}, "DEFAULT", {}, False),
    ],
)
def test_units_are_what_the_processor_has_and_its_libraries_may_use(
    processor: dict[str, object], aten: str, environment: dict[str, str], units: bool
) -> None:
    assert has_bf16_units(processor, aten, environment) is units


@pytest.mark.parametrize(
    ("processor", "environment", "faster"),
    [
        (ZEN4, {}, False),  # by dot products alone: slower than float32
        (SAPPHIRE, {}, True),
        (SAPPHIRE, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"}, False),
        (SAPPHIRE, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_AMX"}, True),
        (SAPPHIRE, {"ONEDNN_MAX_CPU_ISA": "default"}, True),
        (GRAVITON3, {}, True),
    ],
)
def test_bfloat16_is_faster_where_matrices_of_it_are_multiplied(
    processor: dict[str, object], environment: dict[str, str], faster: bool
) -> None:
    assert has_bf16_matrices(processor, environment) is faster


def test_where_only_dot_products_compute_it_a_training_takes_float32_and_bfloat16_on_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: ZEN4)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    assert precision.training_dtype("cpu") == torch.float32
    assert precision.training_dtype("cpu", "bfloat16") == torch.bfloat16


@pytest.fixture
def plain_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process on a processor that libraries take for an AVX2 one."""
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")


@pytest.mark.usefixtures("plain_processor")
def test_a_processor_without_units_trains_and_infers_in_float32() -> None:
    assert precision.training_dtype("cpu") == precision.inference_dtype("cpu") == torch.float32
    with precision.autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
        assert not torch.is_autocast_enabled("cpu")


@pytest.mark.usefixtures("plain_processor")
@pytest.mark.parametrize("choose", [precision.training_dtype, precision.inference_dtype, precision.autocast])
def test_bfloat16_without_units_is_refused_in_words(choose: object) -> None:
    with pytest.raises(Permanent, match="bfloat16 was asked for on cpu, but it has no units") as refused:
        choose("cpu", "bfloat16")  # type: ignore[operator]
    assert refused.value.reason == "precision_unavailable"


@pytest.mark.parametrize("device", ["cpu", "cuda", "mps"])
def test_float32_can_be_had_everywhere(device: str) -> None:
    assert precision.training_dtype(device, "float32") == precision.inference_dtype(device, "float32") == torch.float32


@pytest.mark.parametrize(("wanted", "dtype"), [("auto", torch.float32), ("float16", torch.float16)])
def test_apples_gpu_takes_half_precision_only_on_request(wanted: Precision, dtype: torch.dtype) -> None:
    assert precision.inference_dtype("mps", wanted) == dtype
    assert precision.training_dtype("mps") == torch.float32


def test_a_training_in_float16_is_refused_and_so_is_a_cpu_that_paints_in_it() -> None:
    with pytest.raises(Permanent, match="scaled losses"):
        precision.training_dtype("cuda", "float16")
    with pytest.raises(Permanent, match="float16 was asked for on cpu"):
        precision.inference_dtype("cpu", "float16")


def test_where_it_is_faster_a_training_computes_in_bfloat16_and_keeps_its_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "fast_bfloat16", lambda device: True)
    layer = torch.nn.Linear(2, 2)
    with precision.autocast("cpu"):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert layer.weight.dtype == torch.float32


def test_nobody_else_decides_on_a_precision() -> None:
    rooms = [ROOT / room for room in ("services", "shared", "deploy", "backdrop", "benchmarks", "scenes", "bundled")]
    files = [path for room in rooms for path in room.rglob("*.py") if ".venv" not in path.parts]
    deciders = [path.relative_to(ROOT).as_posix() for path in files if "torch.autocast" in path.read_text()]
    assert deciders == ["shared/model/precision.py"]
    assert not [path for path in files if "torch.bfloat16" in path.read_text() and path.name != "precision.py"]
