"""Requests made from the OpenAPI description, good and bad ones: every answer is one that the description has."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from api.app import create_app
from api.settings import load_settings

pytestmark = pytest.mark.slow

HOST = "127.0.0.1:8000"
TOKEN = "correct-horse-battery-staple"
EXAMPLES = 6
"""Requests for each operation."""


def no_server_error(context: Any, response: Any, case: Any) -> bool | None:
    """No 5xx; only whoever asks for a version of the index that is not there yet is told 503, to come again."""
    if response.status_code == 503 and response.json()["error"]["code"] == "index_too_old":
        return None
    return schemathesis.checks.not_a_server_error(context, response, case)


CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def operations(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    data = shutil.copytree(seed_data, tmp_path_factory.mktemp("schema") / "data")
    wanted = load_settings(data_dir=data, threads=1, write_token=TOKEN, build_delay=1000, build_delay_most=1000)
    app: Starlette = create_app(wanted)
    with TestClient(app, base_url=f"http://{HOST}"):  # it runs as long as the block
        schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": HOST})
        operations = [found.ok() for found in schema.get_all_operations()]
        # of the routes that are there once more for each collection, some stand for all
        yield [each for each in operations if "{collection}" not in each.path or each.path.endswith("/articles")]


def check(operation: Any) -> None:
    """Send requests for one operation.

    :raises Exception: what schemathesis finds wrong with an answer.
    """

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case: schemathesis.Case) -> None:
        headers = {"host": HOST, "authorization": f"Bearer {TOKEN}"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    one()


def test_every_answer_is_one_that_the_description_has(operations: list[Any]) -> None:
    assert len(operations) > 20
    failures: list[str] = []
    for operation in operations:
        try:
            check(operation)
        except Exception as error:
            failures.append(f"{operation.label}: {type(error).__name__}: {str(error)[:600]}")
    assert not failures, "\n\n".join(failures)
