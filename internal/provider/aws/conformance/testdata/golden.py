"""Makes requests and answers of AWS operations with botocore and moto, for comparison with ours.

Reads lines {"service", "version", "protocol", "op"} and writes a line for each: an input made up from the description and the
request that botocore makes of it, twice (all members, required members only); and an answer that moto's serializer makes of
made-up values, with what botocore's parser makes of that.
"""

import base64
import collections
import datetime
import json
import sys

import botocore.handlers
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import create_request_object, prepare_request_dict
from moto.core.model import ServiceModel as MotoModel
from moto.core.serialize import get_serializer_class

# A shape that stands deep in many operations of a service is filled in the first few only: once it is understood, it is.
FILLED = collections.Counter()
OFTEN = 6

WHEN = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)


def text(shape, member, plain):
    if shape.enum:
        return shape.enum[0]
    if plain:
        return "a1-b2"
    return f"{member}: é/ü+&=<\"'> 100% ~*"


def value(shape, member="x", required_only=False, path=(), location=None, response=False):
    """A value of the shape; None where it would recurse."""
    kind = shape.type_name
    if kind in ("structure", "list", "map") and path.count(shape.name) > 0:
        return None
    path = path + (shape.name,)
    if kind == "structure":
        if getattr(shape, "is_document_type", False):
            return {"free": [1, "two", True, None, {"three": 4.5}]}
        members = shape.members
        FILLED[shape.name, response] += 1
        if len(path) > 3 and FILLED[shape.name, response] > OFTEN:
            required_only = True
        union = getattr(shape, "is_tagged_union", False)
        out = {}
        for name, m in members.items():
            if union and out:
                break
            if required_only and not union and name not in shape.required_members and not m.metadata.get("idempotencyToken"):
                continue
            if m.serialization.get("eventstream"):
                continue
            where = "host" if m.serialization.get("hostLabel") or m.metadata.get("hostLabel") else m.serialization.get("location")
            v = value(m, name, required_only, path, where, response)
            if v is None and name in shape.required_members:
                return None
            if v is not None:
                out[name] = v
        if union and not out:
            return None
        return out
    if kind == "list":
        one = value(shape.member, member, required_only, path, location, response)
        if one is None:
            return []
        if isinstance(one, (dict, list)) and len(path) > 2:
            return [one]  # two at each level would be many below
        two = one
        if isinstance(one, str) and not shape.member.enum:
            two = one + "2"
        return [one, two]
    if kind == "map":
        one = value(shape.value, member, required_only, path, location, response)
        if one is None:
            return {}
        keys = shape.key.enum[:2] if shape.key.enum else ["first", "second"]
        if isinstance(one, (dict, list)) and len(path) > 2:
            keys = keys[:1]
        return {k: one for k in keys}
    if kind in ("string", "character"):
        if shape.serialization.get("jsonvalue"):
            return {"a": [1, "b"]} if response else '{"a":[1,"b"]}'
        return text(shape, member, location in ("host", "header", "headers", "statusCode"))
    if kind == "boolean":
        return True
    if kind == "integer":
        return 7
    if kind == "long":
        return 9007199254740993
    if kind in ("float", "double"):
        return 1.5
    if kind == "timestamp":
        return WHEN
    if kind == "blob":
        return "blob: é".encode()
    raise ValueError(kind)


def plain(v):
    """What a document of ours holds for a value of Python's."""
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items() if x is not None}
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if isinstance(v, datetime.datetime):
        return v.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(v, (bytes, bytearray)):
        return base64.b64encode(bytes(v)).decode()
    if not isinstance(v, (str, int, float, bool, type(None))):
        return f"left as {type(v).__name__}"
    return v


def request(op, serializer, params):
    given = plain(params)
    if op.service_model.service_name == "route53":
        botocore.handlers.fix_route53_ids(params, op)
    made = serializer.serialize_to_request(params, op)
    prefix = made.get("host_prefix", "")
    prepare_request_dict(made, "https://endpoint.test", context={"is_presign_request": False})
    made = create_request_object(made).prepare()
    body = made.body or b""
    if isinstance(body, str):
        body = body.encode()
    if hasattr(body, "read"):
        body = body.read()
    return {
        "input": given,
        "method": made.method,
        "url": made.url,
        "hostPrefix": prefix,
        "headers": {k: v.decode() if isinstance(v, bytes) else v for k, v in made.headers.items()},
        "body": base64.b64encode(body).decode(),
    }


def answer(op, moto_op, service, protocol):
    result = value(op.output_shape, response=True) if op.output_shape else {}
    serialized = get_serializer_class(service, protocol)(moto_op).serialize(result)
    body = serialized["body"]
    if isinstance(body, str):
        body = body.encode()
    headers = {k: v for k, v in serialized["headers"].items()}
    parser = botocore.parsers.create_parser(protocol)
    parsed = parser.parse(
        {"status_code": serialized["status_code"], "headers": botocore.awsrequest.HeadersDict(headers), "body": body, "context": {"operation_name": op.name}},
        op.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    payload = op.output_shape.serialization.get("payload") if op.output_shape else None
    if payload in parsed and isinstance(parsed[payload], str) and op.output_shape.members[payload].type_name == "blob":
        parsed[payload] = parsed[payload].encode()  # botocore leaves bodies as they came
    return {"status": serialized["status_code"], "headers": headers, "body": base64.b64encode(body).decode(), "parsed": plain(parsed)}


def main():
    loader = botocore.loaders.Loader()
    models = {}
    for line in sys.stdin:
        want = json.loads(line)
        name = want["service"]
        if name not in models:
            FILLED.clear()
            model = loader.load_service_model(name, "service-2")
            models = {name: (botocore.model.ServiceModel(model, name), MotoModel(model, name))}
        op, moto_op = (m.operation_model(want["op"]) for m in models[name])
        out = {"service": name, "op": op.name}
        try:
            serializer = botocore.serialize.create_serializer(want["protocol"], include_validation=False)
            params = [value(op.input_shape, required_only=r) if op.input_shape else {} for r in (False, True)]
            out["requests"] = [request(op, serializer, p) for p in params]
        except Exception as e:
            out["requestError"] = repr(e)
        try:
            out["answer"] = answer(op, moto_op, name, want["protocol"])
        except Exception as e:
            out["answerError"] = repr(e)
        print(json.dumps(out))


main()
