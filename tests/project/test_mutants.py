"""Mutation runs: which tests a module is tried on, and what is told of its mutants."""

from pathlib import Path

from scripts.mutants import PATHS, modules, outcomes, table, tried_on
from tests.support.paths import ROOT

SPANS, CALIBRATION = Path("rag/reading/spans.py"), Path("rag/ranking/calibration.py")

TOLD = """
    rag.reading.spans.x_decode__mutmut_1: killed
    rag.reading.spans.x_decode__mutmut_2: survived
    rag.reading.spans.x__edges__mutmut_1: check was interrupted by user
    rag.ranking.calibration.xǁCalibratorǁrank__mutmut_1: timeout
"""


def test_a_folder_stands_for_its_modules() -> None:
    assert CALIBRATION in modules(["rag/ranking"])
    assert modules(["rag/reading/spans.py"]) == [SPANS]
    assert all((ROOT / module).is_file() and module.name != "__init__.py" for module in modules(PATHS))


def test_a_module_is_tried_on_its_own_tests() -> None:
    assert tried_on(SPANS) == Path("tests/rag/reading/test_spans.py")
    assert tried_on(Path("rag/ranking/evidence.py")) == Path("tests/rag/ranking")


def test_each_module_has_a_row_of_what_became_of_its_mutants() -> None:
    assert table(outcomes(TOLD), [SPANS, CALIBRATION]).splitlines()[2:] == [
        "| `rag/reading/spans.py` | 3 | 1 | 0 | 1 | 0 | 1 |",
        "| `rag/ranking/calibration.py` | 1 | 0 | 1 | 0 | 0 | 0 |",
    ]
