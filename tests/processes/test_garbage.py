"""What a process loaded at its start is looked at by no collection any more."""

import subprocess
import sys

MEASURE = """
import gc, time
import contact_service.app
from contact_service.garbage import spare_what_lasts

def collected():
    began = time.perf_counter()
    gc.collect()
    return time.perf_counter() - began

gc.collect()
before = collected()
spare_what_lasts()
print(before / min(collected() for _ in range(3)), gc.get_freeze_count())
"""


def test_a_full_collection_passes_over_what_was_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True, timeout=60
    )
    times_quicker, spared = map(float, done.stdout.split())
    assert times_quicker > 20
    assert spared > 100_000
