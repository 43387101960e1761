"""Real transformers classes at tiny size: a plain captioner (BLIP) and a chat model (Idefics3, as SmolVLM is)."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    PreTrainedTokenizerFast,
)

from bundled.training.captioner.networks import make_model, make_processor
from bundled.training.captioner.train import save
from services.captioner.core import Question
from services.captioner.model import TransformersVisionLanguageModel, weights_mark

PICTURE = np.full((90, 120, 3), 127, np.uint8)


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained BLIP, written by the training program's own `save`."""
    folder = tmp_path_factory.mktemp("mini")
    torch.manual_seed(0)
    processor = make_processor(folder)
    save(make_model(processor, width=32, layers=1), processor, folder / "model", {"steps": 0})
    return folder / "model"


@pytest.fixture(scope="module")
def blip_of_one_word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BLIP that sees oak everywhere and never comes to an end."""
    folder = tmp_path_factory.mktemp("oak")
    processor = make_processor(folder)
    model = make_model(processor, width=32, layers=1)
    head, oak = model.text_decoder.cls.predictions, processor.tokenizer.convert_tokens_to_ids("oak")
    with torch.no_grad():
        head.decoder.weight.zero_()
        for bias in (head.bias, head.decoder.bias):
            bias[oak] = 20
    save(model, processor, folder / "model", {"steps": 0})
    return folder / "model"


def test_a_plain_captioner_says_what_it_sees_as_long_as_its_own_limit_and_nothing_else(blip_of_one_word: Path) -> None:
    model = TransformersVisionLanguageModel(str(blip_of_one_word))
    assert model.name == f"model@{weights_mark(blip_of_one_word)}"
    assert model.answer(PICTURE, "ideas", "mug") is None
    assert model.answer(PICTURE, "product_short", "mug") is None
    assert model.answer(PICTURE, "background_long", "mug") == " ".join(["oak"] * 40)


def test_the_same_picture_gets_the_same_words(blip: Path) -> None:
    model = TransformersVisionLanguageModel(str(blip))
    assert model.answer(PICTURE, "background_long", "") == model.answer(PICTURE, "background_long", "")


def test_weights_are_safetensors_in_half_precision(blip: Path) -> None:
    assert (blip / "model.safetensors").exists()
    assert not list(blip.glob("*.bin"))
    assert json.loads((blip / "config.json").read_text())["dtype"] == "float16"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises((OSError, ValueError)):
        TransformersVisionLanguageModel(str(tmp_path))


SPECIAL = ["[UNK]", "[PAD]", "<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"]
TEMPLATE = (
    "{% for message in messages %}User: {% for line in message['content'] %}"
    "{% if line['type'] == 'text' %} {{ line['text'] }}{% else %}<image>{% endif %}{% endfor %}<end_of_utterance>"
    "{% endfor %}{% if add_generation_prompt %} Assistant: {% endif %}"
)


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model with four image tokens and a vocabulary of a few words, who answers everything with the first."""
    folder = tmp_path_factory.mktemp("chat")
    rows = [f"<row_{row}_col_{column}>" for row in (1, 2) for column in (1, 2)]
    words = ["oak", *SPECIAL, *rows, "User:", "Assistant:", "wall", "on", "a"]
    tokens = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=tokens,
        unk_token="[UNK]",
        pad_token="[PAD]",
        eos_token="<end_of_utterance>",
        additional_special_tokens=SPECIAL[2:5],
    )
    images = Idefics3ImageProcessor(
        do_image_splitting=False, size={"longest_edge": 32}, max_image_size={"longest_edge": 32}
    )
    layer = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**layer, "model_type": "llama", "vocab_size": len(words), "num_key_value_heads": 2, "eos_token_id": 6}
    vision = {**layer, "image_size": 32, "patch_size": 8}
    config = Idefics3Config(vision_config=vision, text_config=text, scale_factor=2, image_token_id=3, pad_token_id=2)
    model = Idefics3ForConditionalGeneration(config)
    torch.nn.init.zeros_(model.lm_head.weight)  # all words alike: the first one wins
    model.save_pretrained(folder)
    Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=TEMPLATE).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("question", "words"),
    [("product_short", 24), ("product_long", 64), ("background_short", 24), ("background_long", 64), ("ideas", 420)],
)
def test_a_chat_model_is_asked_every_question_and_its_answer_holds_no_prompt(
    chat_model: Path, question: Question, words: int
) -> None:
    said = TransformersVisionLanguageModel(str(chat_model)).answer(PICTURE, question, "oak wall")
    assert said == " ".join(["oak"] * words)


def test_other_weights_have_another_mark(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"first")
    first = weights_mark(tmp_path)
    weights.write_bytes(b"other")
    assert weights_mark(tmp_path) != first
    assert weights_mark(tmp_path / "nothing") == "hub"
