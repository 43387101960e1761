"""Products: builders by kind; each stands at the origin on z = 0, about 1 to 2.6 units tall, facing the camera."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from collections.abc import Callable

from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.products import boxes, clothes, home, playthings, shoes, tableware, vessels, worn

BUILDERS: dict[str, Callable[[SeededRng, str], None]] = {
    "bottle": vessels.bottle, "glass bottle": vessels.glass_bottle, "jar": vessels.jar, "dropper": vessels.dropper,
    "perfume": vessels.perfume, "pump bottle": vessels.pump_bottle, "tube": vessels.cosmetic_tube, "lipstick": vessels.lipstick,
    "candle": vessels.candle, "glass candle": vessels.glass_candle, "can": vessels.can, "vase": vessels.vase,
    "mug": tableware.mug, "bowl": tableware.bowl, "plate": tableware.plate, "teapot": tableware.teapot,
    "wine glass": tableware.wine_glass, "tumbler": tableware.tumbler, "thermos": tableware.thermos,
    "frying pan": tableware.frying_pan, "cutlery": tableware.cutlery, "knife": tableware.knife,
    "box": boxes.carton, "gift box": boxes.gift_box, "book": boxes.book, "book stack": boxes.book_stack, "soap": boxes.soap,
    "speaker": boxes.speaker, "phone": boxes.phone, "camera": boxes.camera, "toy blocks": boxes.toy_blocks, "clock": boxes.clock,
    "sneaker": shoes.sneaker, "boot": shoes.boot, "slipper": shoes.slipper, "hat": worn.hat, "cap": worn.cap,
    "handbag": worn.handbag, "tote bag": worn.tote_bag, "backpack": worn.backpack, "wallet": worn.wallet, "belt": worn.belt,
    "watch": worn.watch, "ring": worn.ring, "bracelet": worn.bracelet, "sunglasses": worn.sunglasses,
    "headphones": worn.headphones, "cushion": home.cushion, "folded towels": home.folded_towels,
    "folded shirt": home.folded_shirt, "table lamp": home.table_lamp, "potted plant": home.potted_plant,
    "pet bowl": home.pet_bowl, "ball": playthings.ball, "dumbbell": playthings.dumbbell, "toy car": playthings.toy_car,
    "t-shirt": clothes.t_shirt, "sweater": clothes.sweater, "dress": clothes.dress,
    "teddy": playthings.teddy, "hammer": playthings.hammer, "brush": playthings.brush,
}  # fmt: skip
