"""Computes the film tables from the makers' published data, by spectral-film-lut (MIT).

    python -m venv /tmp/film && /tmp/film/bin/pip install spectral-film-lut==0.18.13
    /tmp/film/bin/python tools/build_film.py engine/studio/film.npz

A negative is printed on its paper, spectrum by spectrum. Straight, that is far too contrasty for a
picture that is already graded, so exposure is compressed by a power and shifted until the grey
axis keeps its tones, and most of the grey axis' colour is taken out again. Minutes; done once.
"""

import sys
import time

import colour  # pyright: ignore[reportMissingImports]  not a dependency: see above
import numpy as np
import spectral_film_lut as films  # pyright: ignore[reportMissingImports]  as colour
from scipy.optimize import minimize
from spectral_film_lut.film_spectral import FilmSpectral  # pyright: ignore[reportMissingImports]  as colour
from spectral_film_lut.utils import film_conversion  # pyright: ignore[reportMissingImports]  as colour

SIDE = 33
LUMA = np.array((0.2126, 0.7152, 0.0722))
NEUTRALISED = 0.7
BLACK, WHITE = 0.022, 0.985
STOCKS = {
    "portra-400": ("KODAK_PORTRA_400", "KODAK_PORTRA_ENDURA"),
    "portra-800": ("KODAK_PORTRA_800", "KODAK_PORTRA_ENDURA"),
    "pro-400h": ("FUJI_PRO_400H", "FUJI_CA_MAXIMA"),
    "tri-x-400": ("KODAK_TRI_X_400", "KODAK_POLYMAX"),
}


def printed(stock: str, paper: str):  # noqa: ANN201  a closure over untyped films
    negative = FilmSpectral(getattr(films, stock))
    negative.set_color_checker()
    positive = FilmSpectral(getattr(films, paper))
    positive.set_color_checker(negative=negative)

    def convert(linear: np.ndarray, power: float, stops: float) -> np.ndarray:
        exposure = 0.18 * (np.maximum(linear, 1e-4) / 0.18) ** power
        out = film_conversion(
            exposure, negative, positive, input_colorspace="sRGB", output_gamut="Rec. 709",
            gamma_func="sRGB", exp_comp=stops,
        )  # fmt: skip
        return np.repeat(out, 3, -1) if out.shape[-1] == 1 else out

    return convert


def fitted(convert) -> tuple[float, float]:  # noqa: ANN001
    """Power and stops that keep the middle of the grey axis where it was."""
    grey = np.linspace(0, 1, 17)
    linear = np.repeat(colour.cctf_decoding(grey, "sRGB")[:, None], 3, 1)[None]

    def cost(values: np.ndarray) -> float:
        tone = convert(linear, *values)[0] @ LUMA
        return float(np.sum((tone[3:14] - grey[3:14]) ** 2))

    starts = [(p, s) for p in (0.35, 0.5, 0.65, 0.8) for s in (-0.5, 0.0, 0.5, 1.0)]
    best = min(starts, key=lambda start: cost(np.array(start)))
    found = minimize(cost, best, method="Nelder-Mead", options={"maxiter": 60, "xatol": 0.01})
    return float(found.x[0]), float(found.x[1])


def neutral(table: np.ndarray) -> np.ndarray:
    """Take most of the colour out of the grey axis, channel by channel."""
    axis = table[np.arange(SIDE), np.arange(SIDE), np.arange(SIDE)]
    tone = axis @ LUMA
    out = table.copy()
    for channel in range(3):
        rising = np.maximum.accumulate(axis[:, channel] + np.arange(SIDE) * 1e-6)
        target = tone * NEUTRALISED + axis[:, channel] * (1 - NEUTRALISED)
        out[..., channel] = np.interp(table[..., channel], rising, target)
    return out


def build(stock: str, paper: str) -> np.ndarray:
    convert = printed(stock, paper)
    power, stops = fitted(convert)
    grid = colour.cctf_decoding(colour.LUT3D(size=SIDE).table, "sRGB")
    table = convert(grid, power, stops)
    tone = table @ LUMA
    low, high = tone[0, 0, 0], tone[-1, -1, -1]
    table = (table - low) / (high - low) * (WHITE - BLACK) + BLACK
    print(f"  power {power:.2f}, {stops:+.2f} stops")
    return np.clip(neutral(table), 0, 1)


def main(path: str) -> None:
    tables = {}
    for name, (stock, paper) in STOCKS.items():
        begun = time.time()
        tables[name] = np.round(build(stock, paper) * 65535).astype(np.uint16)
        grey = [tables[name][i, i, i] // 257 for i in (0, 8, 16, 24, 32)]
        print(f"{name}: {time.time() - begun:.0f} s, greys {[g.tolist() for g in grey]}")
    np.savez_compressed(path, **tables)


if __name__ == "__main__":
    main(sys.argv[1])
