"""The API as it describes itself, recorded: a change of it is seen in the diff.

After a change that is meant: `python -m tests.app.test_openapi`."""

import json
import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from app.main import create_app

RECORDED = Path(__file__).parent / "openapi.json"
REGENERATE = "python -m tests.app.test_openapi"


def described():
    """What the service says of itself, but for its version."""
    document = create_app().openapi()
    document["info"].pop("version")
    return document


def record() -> None:
    """Writes what the service says of itself now."""
    RECORDED.write_text(json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


@pytest.fixture(scope="module")
def document():
    return described()


def operations(document):
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_is_the_recorded_one(document):
    recorded = json.loads(RECORDED.read_text())
    changed = [
        name for name in recorded["paths"] | document["paths"] if differs(recorded, document, "paths", name)
    ]
    schemas = recorded["components"]["schemas"] | document["components"]["schemas"]
    changed += [n for n in schemas if differs(recorded["components"], document["components"], "schemas", n)]
    assert document == recorded, f"changed: {', '.join(changed)}; where that is meant: {REGENERATE}"


def differs(one, other, part, name):
    return one[part].get(name) != other[part].get(name)


def test_every_route_is_described_with_its_answers(document):
    app = create_app()
    served = {
        (method, route.path)
        for included in app.routes
        for route in getattr(getattr(included, "original_router", None), "routes", [included])
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    assert len(served) > 15
    assert served == set(operations(document))
    for (method, path), operation in operations(document).items():
        assert operation["summary"], path
        assert operation["description"], path
        stored_or_built = (
            path.endswith(("/reindex", "/documents", "/documents/delete", "/train", "/labels", "/snapshots"))
            and method == "POST"
        )
        success = "202" if stored_or_built else "204" if method == "DELETE" else "200"
        created = {"201"} if method == "PUT" and path.endswith("/{doc_id}") else set()
        assert set(operation["responses"]) == {success, "404", "422", "default"} | created, path
        for status, response in operation["responses"].items():
            if status == "204":
                assert "content" not in response
                continue
            fetched = "application/x-tar" if path.endswith("/{snapshot}") else "application/json"
            kind = fetched if status in {success, *created} else "application/problem+json"
            assert list(response["content"]) == [kind], (path, status)
            assert response["content"][kind]["schema"].keys() & {"$ref", "anyOf", "items", "format"}


def test_every_parameter_of_a_path_is_described(document):
    for (_, path), operation in operations(document).items():
        told = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert told == set(re.findall(r"{(\w+)}", path))
        assert all(
            each.get("description") for each in operation.get("parameters", []) if each["in"] == "path"
        )


def test_every_reference_leads_somewhere(document):
    references = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])


def test_the_service_hands_out_this_description(client, document):
    served = client.get("/openapi.json").json()
    served["info"].pop("version")
    assert served == document


if __name__ == "__main__":
    record()
