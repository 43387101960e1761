"""Reading a brand's photos: what is submitted, what is refused and why."""

import json
from pathlib import Path

import pytest
from PIL import Image

from backdrop.submitting.catalogue import ShopEngagement
from backdrop.submitting.photos import read_photos
from shared.contracts.errors import BadRequest
from shared.contracts.picture_files.limits import MAX_BYTES


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 40), "white").save(path)
    return path


def listed(folder: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "products.jsonl").write_text("\n".join(texts))
    return folder


def test_the_stem_of_a_file_is_the_product_id_and_names_decide_the_order(tmp_path: Path) -> None:
    for name in ("shoe.JPG", "bag.png", "cup.webp", "notes.txt", ".hidden.jpg"):
        picture(tmp_path / name) if not name.endswith("txt") else (tmp_path / name).write_text("mine")
    photos = read_photos(tmp_path)
    assert [(photo.product_id, photo.extension) for photo in photos.submitted] == [
        ("bag", "png"),
        ("cup", "webp"),
        ("shoe", "jpg"),
    ]
    assert photos.refused == ()


def test_a_folder_without_photos_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadRequest, match=r"no photos in .*put JPEG, PNG or WebP") as error:
        read_photos(tmp_path)
    assert error.value.reason == "no_photos"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="there is no folder or file") as error:
        read_photos(tmp_path / "nowhere")
    assert error.value.reason == "source_missing"


def test_other_kinds_of_pictures_are_refused_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "bag.jpg")
    (tmp_path / "cup.HEIC").write_bytes(b"x")
    refused = read_photos(tmp_path).refused
    assert [(photo.product_id, photo.reason) for photo in refused] == [("cup", "format_not_taken")]


def test_two_files_of_one_stem_cannot_be_one_product(tmp_path: Path) -> None:
    picture(tmp_path / "bag.jpg")
    picture(tmp_path / "bag.png")
    photos = read_photos(tmp_path)
    assert [photo.path.name for photo in photos.submitted] == ["bag.jpg"]
    assert photos.refused[0].reason == "duplicate_product_id"
    assert "bag.jpg already has the product id 'bag'" in photos.refused[0].detail


def test_a_file_that_is_too_heavy_is_not_uploaded(tmp_path: Path) -> None:
    with (tmp_path / "bag.png").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert read_photos(tmp_path).refused[0].reason == "image_too_heavy"


def test_broken_bytes_are_submitted_because_the_system_answers_for_them(tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("hello")
    assert [photo.product_id for photo in read_photos(tmp_path).submitted] == ["note"]


def test_a_products_file_brings_facts_mask_and_engagement(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    picture(tmp_path / "masks" / "a.png")
    engagement = {"impressions": 900, "clicks": 40, "saves": 3, "long_clicks": 2, "shares": 1}
    listed(
        tmp_path,
        {
            "sku": "A-1",
            "image": "images/a.jpg",
            "mask": "masks/a.png",
            "title": "Cup",
            "description": None,
            "category": "kitchen",
            "promoted": True,
            "may_train": True,
            "engagement": engagement,
            "price": 12,
        },
    )
    (photo,) = read_photos(tmp_path).submitted
    assert photo.product_id == "A-1"
    assert photo.mask == tmp_path / "masks" / "a.png"
    assert (photo.facts.title, photo.facts.category, photo.facts.description) == ("Cup", "kitchen", None)
    assert photo.facts.promoted and photo.facts.may_train
    assert photo.engagement == ShopEngagement(impressions=900, clicks=40, saves=3, long_clicks=2)


@pytest.mark.parametrize(
    ("line", "reason", "words"),
    [
        ("{not json", "bad_product_line", "products.jsonl line 1 is not JSON"),
        ("[1, 2]", "bad_product_line", "not a JSON object"),
        ({"image": "a.jpg"}, "bad_product_line", "`product_id (or sku)`"),
        ({"sku": "x"}, "bad_product_line", "`image`"),
        ({"sku": "x", "image": 5}, "bad_product_line", "`image`: Input should be a valid string"),
        ({"sku": "x", "image": "a.jpg", "promoted": "often"}, "bad_product_line", "`promoted`"),
        ({"sku": "x", "image": "a.jpg", "engagement": {"impressions": -1}}, "bad_product_line", "engagement.imp"),
        ({"sku": "x", "image": "a.jpg", "engagement": {"impressions": 1, "clicks": 2}}, "bad_product_line", "than imp"),
        (
            {"sku": "x", "image": "a.jpg", "engagement": {"impressions": 1, "window_start": "9999-01-01T00:00:00Z"}},
            "bad_product_line",
            "window_start lies after window_end",
        ),
        ({"sku": "x", "image": "gone.jpg"}, "image_missing", "there is no file"),
        ({"sku": "x", "image": "a.jpg", "mask": "gone.png"}, "mask_missing", "there is no mask file"),
        ({"sku": "x", "image": "https://example.com/a.jpg"}, "image_is_a_url", "download the picture"),
    ],
)
def test_a_line_that_is_no_product_is_refused_and_the_others_go_on(
    tmp_path: Path, line: object, reason: str, words: str
) -> None:
    picture(tmp_path / "a.jpg")
    photos = read_photos(listed(tmp_path, line, {"sku": "good", "image": "a.jpg"}))
    assert [photo.product_id for photo in photos.submitted] == ["good"]
    assert photos.refused[0].reason == reason
    assert words in photos.refused[0].detail


def test_a_number_as_sku_and_a_long_title_are_taken(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (photo,) = read_photos(listed(tmp_path, {"sku": 17, "image": "a.jpg", "title": "x" * 600})).submitted
    assert photo.product_id == "17"
    assert photo.facts.title == "x" * 500


def test_an_empty_products_file_holds_no_photos(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="lists no products"):
        read_photos(listed(tmp_path, ""))


def test_a_products_file_or_a_single_photo_can_be_named_itself(tmp_path: Path) -> None:
    photo = picture(tmp_path / "a.jpg")
    listed(tmp_path, {"sku": "x", "image": "a.jpg"})
    assert read_photos(tmp_path / "products.jsonl").submitted[0].product_id == "x"
    assert read_photos(photo).submitted[0].product_id == "a"


def test_a_file_that_is_neither_photo_nor_list_is_named(tmp_path: Path) -> None:
    path = tmp_path / "archive.bin"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(BadRequest, match="neither a photo nor a list"):
        read_photos(path)
