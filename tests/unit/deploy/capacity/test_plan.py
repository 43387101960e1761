"""From products a day to replicas, partitions and money, by hand."""

import json
from pathlib import Path

import pytest

from deploy.capacity.__main__ import main
from deploy.capacity.plan import Load, Prices, Sizes, plan

DAY = 86_400.0


def test_a_stage_that_works_half_of_each_day_needs_one_replica_and_two_at_the_peak() -> None:
    load = Load(products_per_day=43_200, scenes=1, options=1, peak=2.0, busy=0.5)
    (segmenter,) = plan(load, {"segmenter": 1.0}, sizes=Sizes(), prices=Prices()).stages
    assert (segmenter.at_mean, segmenter.at_peak, segmenter.partitions) == (1.0, 2, 12)


def test_the_inpainter_paints_every_option_of_every_scene() -> None:
    load = Load(products_per_day=1_000, scenes=3, options=4, peak=1.0, busy=1.0)
    (inpainter,) = plan(load, {"inpainter": 7.2}, sizes=Sizes(), prices=Prices()).stages
    assert inpainter.at_mean == pytest.approx(1.0)  # 12,000 options of 7.2 s are a day


def test_many_replicas_get_partitions_with_room_to_grow() -> None:
    load = Load(products_per_day=DAY * 20, scenes=1, options=1, peak=1.0, busy=1.0)
    (captioner,) = plan(load, {"captioner": 1.0}, sizes=Sizes(), prices=Prices()).stages
    assert (captioner.at_peak, captioner.partitions) == (20, 30)


def test_storage_and_money_add_up() -> None:
    load = Load(products_per_day=1_000, scenes=2, options=5, peak=1.0, busy=1.0)
    sizes = Sizes(photo=400e3, option=100e3, manifests=100e3, events=10e3)
    prices = Prices(gpu_hour=2.0, cpu_hour=1.0, store_gb_month=0.1, disk_gb_month=0.5)
    found = plan(load, {"curator": 0.001}, sizes=sizes, prices=prices, retention_days=10, replication=2)
    assert found.kafka_gb == pytest.approx(0.2)
    assert found.store_gb_month == pytest.approx(45.6)  # 1.5 MB of 1,000 products on 30.4 days
    assert found.monthly == pytest.approx(24 * 30.4 * 1.0 + 0.2 * 0.5 + 45.6 * 0.1)  # one replica at least


def test_on_cpus_every_stage_costs_what_a_cpu_costs() -> None:
    load = Load(products_per_day=100, busy=1.0)
    prices = Prices(gpu_hour=10.0, cpu_hour=1.0)
    by_gpu = plan(load, {"segmenter": 1.0}, sizes=Sizes(), prices=prices)
    by_cpu = plan(load, {"segmenter": 1.0}, sizes=Sizes(), prices=prices, on_cpu=True)
    assert by_gpu.stages[0].monthly == pytest.approx(10 * 24 * 30.4)
    assert by_cpu.stages[0].monthly == pytest.approx(24 * 30.4)


def test_the_command_prints_the_plan_with_its_assumptions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "times.json").write_text(json.dumps({"seconds": {"segmenter": 0.5, "inpainter": 2.0}}))
    assert main(["--products-per-day", "50000", "--times", str(tmp_path / "times.json"), "--stage", "inpainter=1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in said[:3]] == ["stage", "segmenter", "inpainter"]
    assert said[2].split()[1] == "1"  # by hand wins
    assert "Assumed:" in said


@pytest.mark.parametrize("content", [None, "", "[]", '{"seconds": 3}', '{"seconds": {"segmenter": "fast"}}'])
def test_a_file_without_times_is_refused_with_the_command_that_makes_one(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "times.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SystemExit, match=r"benchmarks\.stage_times"):
        main(["--products-per-day", "1", "--times", str(path)])


@pytest.mark.parametrize(
    "given",
    [
        ["--stage", "inpainter=0"],
        ["--stage", "inpainter"],
        ["--busy", "1.5"],
        ["--peak", "-1"],
        ["--products-per-day", "nan"],
    ],
)
def test_a_number_that_makes_no_sense_is_refused(given: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--products-per-day", "1", "--stage", "segmenter=1", *given])
