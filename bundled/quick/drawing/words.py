"""How word tables are written: phrases in one text, divided by bars."""


def phrases(text: str) -> tuple[str, ...]:
    """'oak table | oak board' -> ('oak table', 'oak board')."""
    return tuple(part.strip() for part in text.split("|"))
