"""An OpenID Connect provider that can lie, to see what is believed.

Each client has an issuer of its own, ``…/<client>``, and the name of a client says what is wrong with its
discovery document; the name of a person says what is wrong with their tokens. Any other name is honest.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, abort, g, jsonify, request
from joserfc import jws
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

Claims = dict[str, Any]
PHONE = ("phone_number", "phone_number_verified")
#: Signatures that need no private key.
UNSAFE = {"unsigned": "none", "signed_with_what_all_know": "HS256"}

#: What is wrong with a discovery document.
DOCUMENTS: dict[str, Claims] = {
    "another_issuer": {"issuer": "http://127.0.0.1:1"},
    "no_issuer": {"issuer": None},
    "no_tls": {"token_endpoint": "http://login.example.cn/token"},
    "no_keys": {"jwks_uri": None},
    "userinfo_without_tls": {"userinfo_endpoint": "http://login.example.cn/userinfo"},
    "careless": {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]},
    "post_only": {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
}
#: What is wrong with the claims of an ID token.
CLAIMS: dict[str, Callable[[Claims], Claims]] = {
    "wrong_audience": lambda claims: {**claims, "aud": "another"},
    "wrong_audience_for_us": lambda claims: {**claims, "aud": "another", "azp": claims["aud"][0]},
    "wrong_issuer": lambda claims: {**claims, "iss": "http://127.0.0.1:1"},
    "expired": lambda claims: {**claims, "exp": int(time.time()) - 3600},
    "other_nonce": lambda claims: {**claims, "nonce": "of another sign-in"},
    "no_nonce": lambda claims: _without(claims, "nonce"),
    "no_subject": lambda claims: _without(claims, "sub"),
    "a_number_for_a_subject": lambda claims: {**claims, "sub": 7},
    "an_endless_subject": lambda claims: {**claims, "sub": "a" * 256},
    "number_in_userinfo": lambda claims: _without(claims, *PHONE),
    "userinfo_of_another": lambda claims: _without(claims, *PHONE),
    "verified_here_number_there": lambda claims: _without(claims, "phone_number"),
}
#: What is wrong with the user info.
USERINFO: dict[str, Callable[[Claims], Claims]] = {
    "userinfo_of_another": lambda claims: {**claims, "sub": "another"},
    "verified_here_number_there": lambda claims: _without(claims, "phone_number_verified"),
}
#: What stands at the token endpoint in place of tokens.
ANSWERS: dict[str, Callable[[], Response]] = {
    "no_json": lambda: Response("<h1>busy</h1>"),
    "a_list": lambda: jsonify([]),
    "down": lambda: Response("down", 503),
    "elsewhere": lambda: Response(status=307, headers={"Location": "/oauth2/token?again"}),
}


def _without(claims: Claims, *names: str) -> Claims:
    return {name: value for name, value in claims.items() if name not in names}


def make_app() -> Flask:
    """Return the provider."""
    from oidc_provider_mock import app as make_provider  # it warns of parts of its own

    provider: Flask = make_provider(require_nonce=True)
    provider.add_url_rule("/<client>/.well-known/openid-configuration", view_func=discovery)
    provider.before_request(take_no_secret_from_a_header)
    provider.after_request(lie)
    return provider


def discovery(client: str) -> Response:
    """Answer with the client's discovery document."""
    if client == "not_there":
        abort(404)
    if client == "no_document":
        return Response("<h1>welcome</h1>")
    return jsonify({**_document(request.host_url, client), **DOCUMENTS.get(client, {})})


def take_no_secret_from_a_header() -> tuple[Response, int] | None:
    """Refuse a client that was told to send its secret in the form, and did not."""
    given = request.authorization
    return (jsonify(error="invalid_client"), 401) if given and given.username == "post_only" else None


def lie(response: Response) -> Response:
    """Put something false in the place of an honest answer."""
    if request.path == "/userinfo":
        claims = response.get_json()
        return jsonify(USERINFO.get(claims["sub"], dict)(claims))
    if request.path != "/oauth2/token" or response.status_code != 200:
        return response
    token = response.get_json()
    claims = json.loads(_decoded(token["id_token"].split(".")[1]))
    name, (client,) = claims["sub"], claims["aud"]
    if name in ANSWERS:
        return ANSWERS[name]()
    claims = CLAIMS.get(name, dict)({**claims, "iss": request.host_url + client})
    token["id_token"] = _signed(name, claims)
    return jsonify(_without(token, "id_token") if name == "no_id_token" else token)


def _document(base: str, client: str) -> Claims:
    return {
        "issuer": base + client,
        "authorization_endpoint": base + "oauth2/authorize",
        "token_endpoint": base + "oauth2/token",
        "userinfo_endpoint": base + "userinfo",
        "jwks_uri": base + "jwks",
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _signed(name: str, claims: Claims) -> str:
    own = RSAKey.import_key(g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
    key = RSAKey.generate_key(2048) if name == "signed_by_another" else own
    header = {"alg": UNSAFE.get(name, "RS256"), "kid": own.thumbprint()}
    if header["alg"] == "RS256":
        return jws.serialize_compact(header, json.dumps(claims), key)
    claims.pop("at_hash", None)  # would give it away first
    # A library that takes the public key for a secret that two share would believe the second.
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    seal = (
        hmac.digest(own.as_pem(private=False), signed.encode(), "sha256") if header["alg"] == "HS256" else b""
    )
    return f"{signed}.{_encoded(seal)}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def main() -> None:
    """Serve until ended."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # this machine talks to itself
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--require-nonce", action="store_true")
    make_server("127.0.0.1", parser.parse_args().port, make_app(), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
