"""A vision-language model that answers what it was told to, and remembers what it was shown and told."""

from services.captioner.core import Question
from shared.contracts.images import Pixels


class ScriptedVisionLanguageModel:
    """Answers by question; None for the others. Counts its looks."""

    name = "scripted-1"

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.shown: list[tuple[Question, Pixels]] = []
        self.hints: list[str] = []

    def answer(self, picture_HWC: Pixels, question: Question, hint: str) -> str | None:
        """The answer in words, or None."""
        self.shown.append((question, picture_HWC))
        self.hints.append(hint)
        return self.answers.get(question)
