import json

import pytest

from contact_service.bench.audit import run


@pytest.mark.slow
def test_the_bench_prints_every_figure_and_leaves_the_named_database_alone(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(entries=40, database_url=database_url, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["entries"] >= 40
    assert figures["added_latency_ms"].keys() == {"p50", "p99"}
    for name in (
        "appends_per_second",
        "batched_appends_per_second",
        "verify_seconds",
        "verify_us_per_entry",
        "verify_peak_rss_mb",
        "business_alone_per_second",
        "bytes_per_entry_envelope",
    ):
        assert figures[name] > 0
    assert figures["evidence_share"] < 1
    assert figures["verify_peak_rss_mb"] < 512
    assert figures["database"] == database_url.partition(":")[0]


@pytest.mark.slow
def test_the_bench_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(entries=8, database_url=None, json_output=False) == 0
    assert "appends per second" in capsys.readouterr().out
