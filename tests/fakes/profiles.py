"""Small ICC profiles written out by hand (ICC.1:2022): matrices for screens, a curve for greys, a table for a press."""

import struct

D50 = (0.9642, 1.0, 0.8249)
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def srgb() -> bytes:
    """sRGB, its curve as a table of 1,024 entries as in the profile that most cameras embed."""
    return _screen(SRGB, _srgb_curve())


def display_p3() -> bytes:
    """What phones take photos in."""
    return _screen(DISPLAY_P3, _srgb_curve())


def adobe_rgb() -> bytes:
    """What photographers' cameras take photos in."""
    return _screen(ADOBE_RGB, _gamma(2.19921875))


def grey(gamma: float = 1.8) -> bytes:
    """A grey scale, such as an old scanner's."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": _xyz(D50), b"kTRC": _gamma(gamma)})


def press() -> bytes:
    """Four inks; magenta on yellow makes a dull red, L*a*b* (50, 60, 40), not the (255, 0, 0) of mere arithmetic."""
    corners = bytearray()
    for number in range(16):
        cyan, magenta, yellow, black = (number >> shift & 1 for shift in (3, 2, 1, 0))
        inks = cyan + magenta + yellow
        light = 0 if black else 100 - 25 * inks
        a, b = (60, 40) if (magenta, yellow, cyan, black) == (1, 1, 0, 0) else (0, 0)
        corners += bytes((round(light * 2.55), 128 + a, 128 + b))
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if place % 4 == 0 else 0 for place in range(9)))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + bytes(corners) + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"wtpt": _xyz(D50), b"A2B0": table})


def _screen(primaries: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    tags = {b"wtpt": _xyz(D50)}
    for letter, primary in zip("rgb", primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = _xyz(primary)
        tags[f"{letter}TRC".encode()] = curve
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    padded = {name: body + bytes(-len(body) % 4) for name, body in tags.items()}
    at, directory = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags))
    for name, body in padded.items():
        directory += name + struct.pack(">II", at, len(body))
        at += len(body)
    head = struct.pack(">I4sI4s4s4s12s4s", at, b"", 0x02400000, kind, space, connection, b"", b"acsp")
    head += bytes(28) + _fixed(D50) + bytes(48)
    return head + directory + b"".join(padded.values())


def _fixed(values: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _gamma(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _srgb_curve() -> bytes:
    steps = [number / 1023 for number in range(1024)]
    linear = [step / 12.92 if step <= 0.04045 else ((step + 0.055) / 1.055) ** 2.4 for step in steps]
    return b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *(round(value * 65535) for value in linear))
