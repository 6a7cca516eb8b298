"""The OpenAPI document: what ninja makes of the routes, and everything else that can come back."""

from __future__ import annotations

from typing import Any

from capillary.web import engine
from capillary.web.api.problems import MEDIA_TYPE
from capillary.web.api.schemas import ProblemOut

Json = dict[str, Any]
CONFLICTS = frozenset(
    {
        "answer_put",
        "answers_put",
        "answer_take_back",
        "next_question",
        "result",
        "assessment_complete",
        "assessment_start",
        "roadmap_ask",
        "application_start",
        "application",
        "spend_add",
        "spend_remove",
        "criteria",
        "accreditation",
    }
)
MADE = frozenset({"enterprise_create", "assessment_start", "application_start"})
TAGS = [
    {"name": "content", "description": "Standards, sectors and regions."},
    {"name": "scoring", "description": "Scoring without storing."},
    {"name": "enterprises", "description": "Enterprises and their facts."},
    {"name": "assessments", "description": "Assessments, answers and results."},
    {"name": "roadmaps", "description": "Roadmaps, the measures that they are made of, and projects."},
    {"name": "places", "description": "Places that offices give out, and who got one."},
    {"name": "scenarios", "description": "Problems that firms know, and the measures that solve them."},
    {"name": "courses", "description": "Outlines of what people can learn."},
    {"name": "incentives", "description": "Incentive programmes, and what a firm may claim."},
    {
        "name": "applications",
        "description": "Calls for applications, an enterprise's applications, and the queue and ledger of an office.",
    },
    {
        "name": "accreditations",
        "description": "What providers meet and have applied for, and what waits for an office.",
    },
    {"name": "matches", "description": "Needs, leads and matches, for firms and for providers."},
    {"name": "partners", "description": "Cooperation profiles of firms, who fits, and interests in them."},
    {"name": "market", "description": "Public offers, and those that fit an assessment's plan."},
    {"name": "find", "description": "One search over all catalogues."},
    {"name": "programmes", "description": "Programmes and the enterprises in them, for officers."},
]
SAYS = {
    400: "The body is no JSON.",
    401: "No valid token or session.",
    403: "The token may only read, or the CSRF token of a browser is missing.",
    404: "There is nothing here, or nothing that you may see.",
    409: "Closed, or changed since you looked.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "What was sent cannot be used; every error is named.",
    429: "Too many requests.",
}
HEADERS = {
    401: {
        "WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to sign in.", "required": True}
    },
    429: {
        "Retry-After": {
            "schema": {"type": "integer"},
            "description": "Seconds to wait.",
            "required": True,
        }
    },
}


def documented(schema: Any) -> Any:
    """Complete the document in place and return it."""
    schema["tags"] = TAGS
    schema["components"]["schemas"]["ProblemOut"] = _problem_schema(schema)
    schema["components"]["securitySchemes"]["TokenAuth"]["description"] = "A token of the page “API tokens”."
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    _fill_codes(schema)
    return schema


def _problem_schema(schema: Any) -> Json:
    found = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= found.pop("$defs")
    found["examples"] = [
        {
            "type": "urn:capillary:problem:not-found",
            "title": "Nothing here",
            "status": 404,
            "detail": "There is nothing here, or nothing that you may see.",
            "errors": [],
        }
    ]
    return found


def _complete(method: str, operation: Json) -> None:
    for parameter in operation["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
    for status in _statuses(method, operation):
        answer: Json = {
            "description": SAYS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
        }
        if status in HEADERS:
            answer["headers"] = HEADERS[status]
        operation["responses"][status] = answer
    if operation["operationId"] in MADE:
        location = {
            "schema": {"type": "string"},
            "description": "Address of what was made.",
            "required": True,
        }
        operation["responses"][201]["headers"] = {"Location": location}
    # keys of a JSON object are text
    operation["responses"] = {str(key): value for key, value in sorted(operation["responses"].items())}


def _statuses(method: str, operation: Json) -> set[int]:
    """Return the problems that can come back."""
    found = {401, 429}
    if method != "get":
        found.add(403)
    places = {parameter["in"] for parameter in operation["parameters"]}
    if "path" in places:
        found.add(404)
    if "query" in places:
        found.add(422)
    if "requestBody" in operation:
        found |= {400, 413, 415, 422}
    if operation["operationId"] in CONFLICTS:
        found.add(409)
    return found


def _without_null(schema: Json) -> Json:
    """Return the schema of a parameter without null, which no address can carry."""
    kinds = [item for item in schema.get("anyOf", ()) if item.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**kinds[0], **rest}


def _fill_codes(node: Any) -> None:
    """Put the codes that the content knows where the schemas say so."""
    if isinstance(node, dict):
        kind = node.pop("x-content", None)
        if kind is not None:
            node["enum"] = _codes(kind)
        for value in node.values():
            _fill_codes(value)
    elif isinstance(node, list):
        for value in node:
            _fill_codes(value)


def _codes(kind: str) -> list[str]:
    match kind:
        case "sector":
            return list(engine.library().sectors())
        case "region":
            return list(engine.library().regions())
        case "industry":
            known = engine.library().industries().industries
            return [f"{scheme}:{code}" for scheme, items in known.items() for code in items]
        case "currency":
            return [rate.currency for rate in engine.library().currencies().rates]
        case _:
            return list(engine.standards())
