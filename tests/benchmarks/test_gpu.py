"""The benchmark measures the architectures it names, and runs whole where there is no card."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")
pytest.importorskip("diffusers", reason="the gpu extra is not installed")

from benchmarks import gpu  # noqa: E402 - after the skip
from benchmarks.gpu_parts import architectures, building, flops, models, networks, report  # noqa: E402
from benchmarks.gpu_parts.architectures import Architecture  # noqa: E402
from benchmarks.gpu_parts.measure import Budget, found  # noqa: E402
from benchmarks.gpu_parts.networks import Network  # noqa: E402
from benchmarks.gpu_parts.report import Row  # noqa: E402
from engine.errors import StudioFailed  # noqa: E402
from engine.studio.diffusion import compiling  # noqa: E402
from engine.studio.diffusion.pipelines import Pipeline  # noqa: E402
from engine.studio.diffusion.planning import Options  # noqa: E402
from engine.studio.diffusion.request import Request  # noqa: E402

FAMILIES = [made.family for made in architectures.REAL]
DECODER_TFLOP = 10.5


@pytest.mark.parametrize("made", architectures.REAL, ids=FAMILIES)
def test_the_architectures_are_the_published_ones(made: Architecture) -> None:
    """By their number of weights and the operations of a pass at 1024x1024, within a per cent."""
    assert flops.parameters(building.core_on_meta(made)) == pytest.approx(made.parameters, rel=0.01)
    assert flops.of_core(made) == pytest.approx(made.tflop, rel=0.01)
    if made.vae["latent_channels"] == 4:
        assert flops.of_decoder(made) == pytest.approx(DECODER_TFLOP, rel=0.01)


@pytest.mark.parametrize("network", networks.REAL[:2], ids=["x4plus", "general-x4v3"])
def test_the_upscalers_are_the_published_ones(network: Network) -> None:
    """By the operations over a picture of 832x1216."""
    made = building.on_meta(network.make)
    counted = flops.counted(made, torch.empty((1, 3, *network.size), device="meta"))
    assert counted == pytest.approx(network.tflop, rel=0.03)


def test_it_runs_on_a_processor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The smallest form: one model and the networks, batch 1; a table, and the same as JSON."""
    out = tmp_path / "gpu.json"
    words = ["--tiny", "--batches", "1", "--only", "z-image,networks", "--out", str(out)]
    rows = gpu.run(gpu.parsed(words))
    told = json.loads(out.read_text())
    assert len(rows) == len(told["rows"]) == 6
    plain = [row for row in rows if row.against == report.STOCK]
    assert all(row.stock and row.ours and row.tflop and row.gain for row in plain)
    assert rows[0].first_look
    assert "8.9" in rows[1].note
    assert "of matmul" in capsys.readouterr().out


@pytest.mark.slow
def test_it_runs_whole_on_a_processor() -> None:
    """Every family, case and network, at two batch sizes."""
    rows = gpu.run(gpu.parsed(["--tiny", "--batches", "1,2"]))
    assert len(rows) == 14
    plain = [row for row in rows if row.against == report.STOCK]
    assert all(row.stock and row.ours and not row.note and not row.error for row in plain)


def test_a_row_that_fails_says_why_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A batch that fails, a model that cannot be built, and one picture that overflowed."""
    out, real = tmp_path / "gpu.json", models.denoise

    def denoise(ours: Pipeline, requests: Sequence[Request], *rest: Any) -> list[Any]:
        if len(requests) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        if len(requests) == 3:
            return [StudioFailed("overflowed in bfloat16")] * 3
        return real(ours, requests, *rest)

    def build(made: Architecture, *_: Any) -> Any:
        if made.family == "sdxl":
            raise RuntimeError("no kernel image is available\nmore of it")
        return pipeline(made, *_)

    pipeline = models.pipeline
    monkeypatch.setattr(models, "denoise", denoise)
    monkeypatch.setattr(models, "pipeline", build)
    words = ["--tiny", "--batches", "1,2,3", "--only", "z-image,sdxl", "--out", str(out)]
    rows = gpu.run(gpu.parsed(words))
    errors = [row.error for row in rows]
    assert errors[:3] == ["", "does not fit the memory", "StudioFailed: overflowed in bfloat16"]
    assert errors[4:] == ["RuntimeError: no kernel image is available"] * 6
    assert [row["error"] for row in json.loads(out.read_text())["rows"]] == errors
    assert "does not fit the memory" in capsys.readouterr().out


def test_figures_are_written_after_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes later may take the process with it."""
    out = tmp_path / "gpu.json"

    def measured(*_: Any) -> Iterator[Row]:
        yield Row("one", stock=1.0, ours=0.5)
        raise SystemExit("the card is gone")

    monkeypatch.setattr(gpu, "measured", measured)
    with pytest.raises(SystemExit):
        gpu.run(gpu.parsed(["--tiny", "--out", str(out)]))
    assert [row["case"] for row in json.loads(out.read_text())["rows"]] == ["one"]


def test_each_goal_is_told_with_what_was_reached() -> None:
    """Gains and looks of one picture, the share of the best batch, fp8 against bfloat16."""
    rows = [
        Row("model", 1, stock=2.0, ours=1.0, tflop=200.0, first_look=1.4, share=0.45),
        Row("model", 4, stock=2.0, ours=0.8, tflop=200.0, share=0.45),
        Row("model, fp8", 1, stock=1.0, ours=0.7, tflop=200.0, against=report.BFLOAT, share=0.45),
        Row("other", 1, error="does not fit the memory", share=0.6),
        Row("network", 1, stock=2.0, ours=1.0),
    ]
    found = [(g.case, g.what.split()[1], g.reached, g.met) for g in report.goals(rows, 500.0)]
    assert found == [
        ("model", "stock", 2.0, True),
        ("model", "the", pytest.approx(0.5), True),
        ("model", "look", 1.4, False),
        ("model, fp8", "ours", pytest.approx(1 / 0.7), True),
        ("other", "stock", None, False),
        ("other", "the", None, False),
        ("other", "look", None, False),
    ]
    said = [str(goal) for goal in report.goals(rows, 500.0)]
    assert said[2].endswith("1.4  missed")
    assert said[4].endswith("-  not measured")


def test_compiled_code_is_waited_for_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a compiler that changes nothing, as the processor has no use for one."""
    monkeypatch.setattr(compiling, "torch_compiler", lambda *_, **__: lambda m: m._call_impl)
    words = ["--tiny", "--batches", "1", "--only", "z-image,networks", "--speed", "compile=on"]
    rows = gpu.run(gpu.parsed(words))
    assert [row.path for row in rows if row.ours] == ["compiled"] * 5


def test_both_ways_make_the_same_picture() -> None:
    """Else one of them would be measured doing something else."""
    device = found(tiny=True)
    made = architectures.TINY_Z
    pair = models.pair_of(made, device, Options())
    case = made.cases[0]
    stock = pair.run_stock(case, 1)[0]
    ours = pair.run_ours(pair.ours(case), 1)[0]
    other = pair.run_stock(case, 2)[1]
    assert models.apart(other, ours) > 3
    assert ours.rgb.shape == (made.side, made.side, 3)
    assert stock.size == (made.side, made.side)


def test_what_time_does_not_allow_is_left_out_and_said() -> None:
    """The table then has a dash, and why."""
    device = found(tiny=True)
    rows = list(models.rows_of(architectures.TINY_Z, device, (1, 4), Budget(5.0), Options()))
    assert rows[1].note == "no time left"
    assert "no time left" in report.table(rows, 1.0).splitlines()[-1]


def test_the_table_shows_shares_and_gains() -> None:
    """Of the product's rate in the same run."""
    row = Row("a case", 2, stock=2.0, ours=1.0, tflop=300.0, ours_gb=3.25)
    line = report.table([row], 600.0).splitlines()[-1]
    assert " ".join(line.split()) == "a case 2 2.000 1.000 2.0 300.0 0.500 - 3.2 -"
