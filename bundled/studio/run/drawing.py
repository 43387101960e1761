"""From a scene's number to its finished sample; the room of the workers that needs the renderer."""

from bundled.studio.plan.requests import plan_of
from bundled.studio.plan.samples import StudioSample, sample_of
from bundled.studio.plan.scene import Plan
from bundled.studio.render import photograph
from bundled.studio.render.tiles import TileBank
from bundled.studio.run.order import DrawingOrder

PLATE_EVERY = 8


def draw(order: DrawingOrder, number: int) -> StudioSample:
    """The scene of plan `number`: the same picture, whichever order asks for it."""
    plan = plan_of(order.kind, order.seed)(number)
    key = f"{order.kind}-{order.seed}-{number:07d}"
    if order.kind == "scenes":
        return _scene(order, plan, key, with_plate=number % PLATE_EVERY == 0)
    return {"packshots": _packshot, "judge": _judge_pair}[order.kind](order, plan, key)


def _scene(order: DrawingOrder, plan: Plan, key: str, *, with_plate: bool) -> StudioSample:
    shot = _take(order, plan, with_plate=with_plate)
    more = {"attributes": {"camera_elevation_deg": round(shot.elevation, 1)}}
    return sample_of(plan, key, "scenes", shot.picture, shot.mask, shot.plate, **more)


def _packshot(order: DrawingOrder, plan: Plan, key: str) -> StudioSample:
    shot = photograph.packshot(plan, order.size, order.samples)
    return sample_of(plan, key, "packshots", shot.picture, shot.mask)


def _judge_pair(order: DrawingOrder, plan: Plan, key: str) -> StudioSample:
    from bundled.studio.run.judging import spoilt

    return spoilt(plan, key, _take(order, plan, with_plate=True))


def _take(order: DrawingOrder, plan: Plan, *, with_plate: bool) -> photograph.Photograph:
    return photograph.take(plan, order.size, order.samples, with_plate, bank=TileBank(order.folder / ".tiles"))
