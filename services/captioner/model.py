"""Any image-text-to-text model of transformers, by path or hub id. The only room with torch."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from services.captioner.core import Question
from shared.contracts.images import Pixels
from shared.model.gpu_memory import gpu_memory
from shared.model.precision import Precision, inference_dtype

PROMPTS: dict[Question, str] = {
    "product_short": "Name the main product in this photo in at most eight words, with its colour. "
    "The shop calls it: {hint}.",
    "product_long": "Describe the main product in this photo in one sentence: what it is, its colour, material "
    "and shape. The shop calls it: {hint}.",
    "background_short": "The grey area hides a product. Name only the background around it in at most eight words: "
    "surface and backdrop.",
    "background_long": "The grey area hides a product. Describe only the background around it in one sentence: "
    "surface, backdrop, where the light comes from, its colour and the shadows.",
    "ideas": "Propose eight different backgrounds for an advertising photo of this product ({hint}), from plain to "
    "lifestyle. Answer with a JSON list only; each item is an object with `prompt` (surface, backdrop and light in at "
    "most 20 words, without the product) and `view` (standing, flatlay or backdrop).",
}
TOKENS: dict[Question, int] = {
    "product_short": 24, "product_long": 64, "background_short": 24, "background_long": 64, "ideas": 420,
}  # fmt: skip
TAIL_BYTES = 65_536
PLAIN_CAPTIONERS_KNOW: tuple[Question, ...] = ("background_long",)


class TransformersVisionLanguageModel:
    """A chat model (SmolVLM, Qwen-VL, …) is asked everything; a plain captioner (BLIP, GIT) says what it sees."""

    def __init__(
        self,
        source: str,
        *,
        device: str = "cpu",
        dtype: Precision = "auto",
        revision: str | None = None,
        threads: int | None = None,
    ) -> None:
        """`source`: folder or hub id of safetensors weights; raises OSError when there is no such model."""
        if threads:
            torch.set_num_threads(threads)
        self._device = torch.device(device)
        self._processor = AutoProcessor.from_pretrained(source, revision=revision)
        model = AutoModelForImageTextToText.from_pretrained(
            source, revision=revision, dtype=inference_dtype(device, dtype), use_safetensors=True
        )
        self._model = model.to(self._device).eval()
        self._chats = getattr(self._processor, "chat_template", None) is not None
        self.name = f"{Path(source).name}@{revision or weights_mark(Path(source))}"

    def memory(self) -> Mapping[str, float]:
        """Of its GPU, in bytes."""
        return gpu_memory(self._device)

    def answer(self, picture_HWC: Pixels, question: Question, hint: str) -> str | None:
        """The answer in words; None where a plain captioner is asked what only a chat model can answer."""
        if not self._chats and question not in PLAIN_CAPTIONERS_KNOW:
            return None
        asked = PROMPTS[question].format(hint=hint)
        inputs = self._chat(picture_HWC, asked) if self._chats else self._look(picture_HWC)
        own_limit = None if self._chats else self._model.generation_config.max_new_tokens
        with torch.inference_mode():
            tokens_BL = self._model.generate(**inputs, max_new_tokens=own_limit or TOKENS[question], do_sample=False)
        if self._chats:
            tokens_BL = tokens_BL[:, inputs["input_ids"].shape[1] :]
        return str(self._processor.batch_decode(tokens_BL, skip_special_tokens=True)[0]).strip() or None

    def _look(self, picture_HWC: Pixels) -> Any:
        """Pixels alone: a plain captioner begins its sentence by itself."""
        pixels = self._processor.image_processor(picture_HWC, return_tensors="pt").pixel_values
        return {"pixel_values": pixels.to(self._device, self._model.dtype)}

    def _chat(self, picture_HWC: Pixels, prompt: str) -> Any:
        talk = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt}]}]
        text = self._processor.apply_chat_template(talk, add_generation_prompt=True)
        inputs = self._processor(text=[text], images=[picture_HWC], return_tensors="pt")
        return inputs.to(self._device, dtype=self._model.dtype)


def weights_mark(folder: Path) -> str:
    """Eight letters that change with the weights in a folder (sizes and last bytes); "hub" where there are none."""
    files = sorted(folder.glob("*.safetensors"))
    mark = hashlib.sha256()
    for file in files:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size - TAIL_BYTES))
            mark.update(f"{file.name} {file.stat().st_size}".encode() + opened.read())
    return mark.hexdigest()[:8] if files else "hub"
