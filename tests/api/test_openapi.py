from __future__ import annotations

import json
import re

from peyvand.api.actions import offered
from peyvand.platform.objects.spec import all_objects


def test_the_description_needs_no_token_and_covers_every_object(db, client):
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    document = json.loads(response.content)
    assert document["openapi"] == "3.1.0"
    for spec in all_objects():
        assert "get" in document["paths"][f"/{spec.plural}"]
        assert ("post" in document["paths"][f"/{spec.plural}"]) is spec.creatable
        assert ("delete" in document["paths"][f"/{spec.plural}/{{id}}"]) is spec.has_bin
        assert ("patch" in document["paths"][f"/{spec.plural}/{{id}}"]) is spec.changeable
        for action in offered(spec):
            assert f"/{spec.plural}/{action.verb}" in document["paths"]


def test_every_reference_leads_somewhere_and_every_operation_has_its_own_name(db, client):
    document = json.loads(client.get("/api/v1/openapi.json").content)
    for pointer in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place = document
        for part in pointer.split("/"):
            place = place[part]
    names = [
        o["operationId"] for path in document["paths"].values() for o in path.values() if isinstance(o, dict)
    ]
    assert len(names) == len(set(names))


def test_what_the_api_answers_is_what_the_description_says(sara):
    document = json.loads(sara.client.get("/api/v1/openapi.json").content)
    company = sara.post("companies", {"name": "Avand"}).json
    described = document["components"]["schemas"]["Company"]["properties"]
    assert set(company) == set(described)
