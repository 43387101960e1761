"""Eyes that answer what they were told to, and remember what they were shown."""

from services.captioner.core import Question
from shared.contracts.images import Pixels


class ScriptedEyes:
    """Answers by question; None for the others. Counts its looks."""

    name = "scripted-1"

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.shown: list[tuple[Question, Pixels]] = []

    def read(self, picture_HWC: Pixels, question: Question, hint: str) -> str | None:
        """The answer in words, or None."""
        self.shown.append((question, picture_HWC))
        return self.answers.get(question)
