"""From a scene's number to its finished sample; the room of production.py that needs the renderer."""

from scenes import balance, photographs
from scenes.production import Order
from scenes.samples import Sample, sample_of

PLATE_EVERY = 8


def draw(order: Order, index: int) -> Sample:
    return {"scenes": scene, "packshots": packshot, "judge": judge_pair}[order.kind](order, index)


def _key(order: Order, index: int) -> str:
    return f"{order.kind}-{order.seed}-{index:07d}"


def scene(order: Order, index: int) -> Sample:
    plan = balance.scene_plan(order.seed, index)
    shot = photographs.take(plan, order.size, order.samples, with_plate=index % PLATE_EVERY == 0)
    more = {"attributes": {"camera_elevation_deg": round(shot.elevation, 1)}}
    return sample_of(plan, _key(order, index), "scenes", shot.picture, shot.mask, shot.plate, **more)


def packshot(order: Order, index: int) -> Sample:
    plan = balance.packshot_plan(order.seed, index)
    shot = photographs.packshot(plan, order.size, order.samples)
    return sample_of(plan, _key(order, index), "packshots", shot.picture, shot.mask)


def judge_pair(order: Order, index: int) -> Sample:
    from scenes.judging import spoilt

    plan = balance.scene_plan(order.seed, index)
    shot = photographs.take(plan, order.size, order.samples, with_plate=True)
    return spoilt(plan, _key(order, index), shot)
