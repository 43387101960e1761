"""Secrets taken out of text before it leaves the process: logs, tracebacks, and the reasons on dead letters.

What is meant: passwords in URLs and connection strings, signatures of presigned URLs (S3, Google, Azure), tokens and
keys that stand behind their name. It is a net below the habit of not writing them, and no replacement for it.
"""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"

_NAMES = (
    r"password|passwd|pwd|secret[-_]?(?:access[-_]?)?key|secret|(?:access|auth|refresh|session|security|id)[-_]?token|token"
    r"|api[-_]?key|access[-_]?key(?:[-_]?id)?|credentials?|signature|sig|policy"
    r"|(?:x-amz|x-goog)-(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid|sasl[-_.]\w*password"
)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", re.IGNORECASE)
_QUERY = re.compile(rf"(?P<name>[?&;](?:{_NAMES})=)[^\s&;#\"'<>\\]*", re.IGNORECASE)
_HEADER = re.compile(r"(?P<name>\bauthorization[\"']?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*'|[^\"'\n]+)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<name>\bbearer\s+)[a-z0-9._~+/=-]{6,}", re.IGNORECASE)
_ASSIGNED = re.compile(
    rf"(?P<name>(?<![a-z0-9])[\"']?(?:{_NAMES})[\"']?\s*(?:=|:)\s*)(?:\"[^\"]*\"|'[^']*'|(?!\[hidden\])[^\s,;&)}}\]]+)",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """The text with `[hidden]` in the place of every secret that is recognised."""
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _QUERY.sub(rf"\g<name>{HIDDEN}", text)
    text = _HEADER.sub(rf"\g<name>{HIDDEN}", text)
    text = _BEARER.sub(rf"\g<name>{HIDDEN}", text)
    return _ASSIGNED.sub(rf"\g<name>{HIDDEN}", text)


def redacted_value(value: Any, name: str) -> Any:
    """The same for what a log line holds: text, mappings and lists at any depth; a secret's name hides its value."""
    if isinstance(value, str) and re.fullmatch(_NAMES, name, re.IGNORECASE):
        return HIDDEN
    match value:
        case str():
            return redacted(value)
        case Mapping():
            return {redacted(str(key)): redacted_value(one, str(key)) for key, one in value.items()}
        case list() | tuple():
            return [redacted_value(one, name) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redacted(repr(value))
