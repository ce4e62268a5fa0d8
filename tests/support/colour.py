"""Colour profiles for tests."""

from PIL import ImageCms

P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""Display P3's primaries (SMPTE EG 432-1), CIE xy."""


def display_p3() -> bytes:
    """A matrix ICC profile with the primaries of Display P3 and sRGB's curve, made by hand."""
    import struct

    import numpy as np

    white = np.array([0.9505, 1.0, 1.089])
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in P3]).T
    columns = (xyz * np.linalg.solve(xyz, white)).T
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    d50 = np.array([0.9642, 1.0, 0.8249])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ white)) @ bradford
    base = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = bytearray(base)
    tags = {base[132 + 12 * i : 136 + 12 * i]: base[136 + 12 * i : 144 + 12 * i]
            for i in range(struct.unpack(">I", base[128:132])[0])}  # fmt: skip
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True):
        at = struct.unpack(">II", tags[name])[0]
        numbers = [round(float(v) * 65536) for v in adapt @ column]
        out[at + 8 : at + 20] = struct.pack(">iii", *numbers)
    return bytes(out)
