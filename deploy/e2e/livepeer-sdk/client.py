"""A customer's program: pays an orchestrator through the signer that its token names.

Takes the same steps, in the same shapes and with the same strictness, as livepeer-python-gateway
(token.py, discovery.py, remote_signer.py). Only Python's own library, so that there is nothing to install.

Prints one JSON object.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def parse_token(token):
    payload = json.loads(base64.b64decode(token, validate=True).decode("utf-8"))
    assert isinstance(payload, dict), "the payload is an object"
    for field in ("signer", "discovery"):
        assert payload.get(field) is None or isinstance(payload[field], str), field
    for field in ("signer_headers", "discovery_headers"):
        headers = payload.get(field)
        assert headers is None or all(
            isinstance(name, str) and isinstance(value, str) for name, value in headers.items()
        ), field
    return payload


def origin(url):
    parsed = urllib.parse.urlparse(url if "://" in url else "https://" + url)
    assert parsed.scheme in ("http", "https") and parsed.netloc, url
    return f"{parsed.scheme}://{parsed.netloc}"


def request_json(url, headers, payload=None, timeout=5.0):
    body = None if payload is None else json.dumps(payload).encode("utf-8")
    merged = {"Accept": "application/json", "User-Agent": "livepeer-python-gateway/0.1"}
    if body is not None:
        merged["Content-Type"] = "application/json"
    merged.update(headers or {})
    request = urllib.request.Request(url, data=body, headers=merged, method="POST" if body else "GET")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return json.loads(response.read().decode("utf-8"))


def discover(token, capability):
    url = token["discovery"] or origin(token["signer"]) + "/discover-orchestrators"
    parsed = urllib.parse.urlparse(url)
    query = urllib.parse.parse_qsl(parsed.query) + [("caps", capability)]
    found = request_json(
        urllib.parse.urlunparse(parsed._replace(query=urllib.parse.urlencode(query))),
        token.get("discovery_headers"),
    )
    assert isinstance(found, list)
    return [one["address"] for one in found]


def pay(token, params, manifest, state):
    payload = {"orchestrator": params, "type": "lv2v"}
    if manifest is not None:
        payload["ManifestID"] = manifest
    if state is not None:
        payload["state"] = state
    answer = request_json(
        origin(token["signer"]) + "/generate-live-payment", token.get("signer_headers"), payload
    )
    assert isinstance(answer["payment"], str) and answer["payment"]
    assert isinstance(answer["segCreds"], str) and isinstance(answer["state"], dict)
    return answer


def challenge(orchestrator, sender, manifest):
    answer = request_json(
        orchestrator + "/refresh-payment", {}, {"sender": sender, "manifest_id": manifest}
    )
    return answer["payment_params"]


def deliver(orchestrator, answer):
    request = urllib.request.Request(
        orchestrator + "/payment",
        data=b"",
        headers={"Livepeer-Payment": answer["payment"], "Livepeer-Segment": answer["segCreds"]},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=5.0) as response:
        return response.status


def main():
    # Where a real orchestrator answers at the address that discovery tells; the stand-in's is told apart.
    orchestrator = sys.argv[1]
    token = parse_token(os.environ["LIVEPEER_TOKEN"])
    found = discover(token, "live-video-to-video/streamdiffusion")
    signer = request_json(
        origin(token["signer"]) + "/sign-orchestrator-info", token.get("signer_headers"), {}
    )
    sender = signer["address"]
    bytes.fromhex(signer["signature"].removeprefix("0x"))
    manifest, state, statuses = "sdk-manifest", None, []
    for _ in range(5):
        try:
            answer = pay(token, challenge(orchestrator, sender, manifest), manifest, state)
        except urllib.error.HTTPError as refused:
            if refused.code != 482:
                raise
            # SkipPaymentCycle: what was paid before is enough for now, and the state stays.
            statuses.append(refused.code)
            continue
        state = answer["state"]
        statuses.append(deliver(orchestrator, answer))
    try:
        request_json(origin(token["signer"]) + "/sign-orchestrator-info", {}, {})
        without = 200
    except urllib.error.HTTPError as refused:
        without = refused.code
    print(
        json.dumps(
            {
                "orchestrators": found,
                "sender": sender,
                "payments": statuses,
                "without_headers": without,
            }
        )
    )


if __name__ == "__main__":
    main()
