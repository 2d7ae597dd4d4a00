"""To an OpenID Connect provider and back: authorization code flow with PKCE, state and nonce, by Authlib.

Only the configured issuer is asked, and the addresses that its discovery document names.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask, current_app, redirect, request, session
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from config import Settings, is_safe_address
from quizapp import clock
from quizapp.accounts import claims
from quizapp.accounts.claims import Proved
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.messages import M

NAME = "provider"
EXTENSION = "identity_provider"
#: Seconds for the connection and for each silence in an answer.
TIMEOUT = (4, 6)
#: What the provider says about itself is asked for anew after this time: keys can be withdrawn.
KEPT_SECONDS = 3600
#: Seconds that the provider's clock may differ from ours.
LEEWAY_SECONDS = 120
#: How long somebody may take at the provider.
ERRAND_SECONDS = 1800
#: Signatures that need the provider's private key; never ``none``, nor a secret that others know too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: How this installation proves itself, the preferred way first.
METHODS = ("client_secret_basic", "client_secret_post")
#: How Authlib's keys in the cookie begin.
STATE_PREFIX = "_state_"

logger = logging.getLogger("quizapp")


class ProviderFailed(AppError):
    """The provider does not answer, or not as it should."""

    status = 502

    def __init__(self) -> None:
        super().__init__(M("身份平台暂时无法使用。请稍后再试，或用手机号和密码登录。"))


class ProviderRefused(AppError):
    """The provider did not confirm who it is, or what it said does not hold."""

    def __init__(self) -> None:
        super().__init__(M("身份平台没有确认您的身份。请从登录页重新开始，或用手机号和密码登录。"))


class Cancelled(AppError):
    """The person did not want to, at the provider."""

    def __init__(self) -> None:
        super().__init__(M("您在身份平台取消了登录。可以重新开始，或用手机号和密码登录。"))


class ErrandOver(AppError):
    """The browser was not sent to the provider, or too long ago, or has come back already."""

    def __init__(self) -> None:
        super().__init__(M("这次登录已过期或已用过。请从登录页重新开始。"))


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody was sent to the provider for."""

    #: The path to go on to.
    ahead: str | None
    #: The account that asks to be linked; None for a sign-in.
    linking: int | None


class _Provider(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no types
    """The provider; what it says about itself is checked, kept for an hour, and narrowed to what is safe."""

    server_metadata: dict[str, Any]

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the discovery document, with the keys once they are fetched. Raises ValueError."""
        if time.time() - self.server_metadata.get("_loaded_at", 0) > KEPT_SECONDS:
            self.server_metadata = {}
        said: dict[str, Any] = super().load_server_metadata()
        if fault := _fault_of(said):
            self.server_metadata = {}  # asked for again when the provider is put right
            logger.warning("identity provider: discovery: %s", fault)
            raise ValueError(fault)
        offered = said.get("id_token_signing_alg_values_supported", ALGORITHMS)
        methods = said.get("token_endpoint_auth_methods_supported", (METHODS[0],))
        return {
            **said,
            "id_token_signing_alg_values_supported": [one for one in ALGORITHMS if one in offered],
            "token_endpoint_auth_method": next((one for one in METHODS if one in methods), METHODS[0]),
        }


def _fault_of(said: dict[str, Any]) -> str | None:
    """Return why a discovery document cannot be used (OpenID Connect Discovery 1.0, 3 and 4.3)."""
    if said.get("issuer") != issuer():
        return f"the issuer is {said.get('issuer')!r}, not what OIDC_ISSUER says"
    endpoints = {name: said.get(name, "") for name in ENDPOINTS}
    endpoints["userinfo_endpoint"] = said.get("userinfo_endpoint", issuer())  # may be missing
    unsafe = [name for name, address in endpoints.items() if not is_safe_address(str(address))]
    return f"no address with TLS for {', '.join(unsafe)}" if unsafe else None


def register(app: Flask, settings: Settings) -> None:
    """Make the provider known to the application, if there is one."""
    app.jinja_env.globals["identity_provider"] = settings.oidc_name if settings.oidc_issuer else ""
    if not settings.oidc_issuer:
        return
    logging.getLogger("authlib").setLevel(logging.INFO)  # below, it writes down what a code is traded with
    app.extensions[EXTENSION] = OAuth(app).register(
        NAME,
        client_cls=_Provider,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile phone",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
            "max_redirects": 0,  # asked where its document says, nowhere else
        },
    )


def is_on() -> bool:
    """Say whether there is a provider."""
    return EXTENSION in current_app.extensions


def issuer() -> str:
    """Return the provider's issuer, "" when there is none."""
    return _settings().oidc_issuer


def begin(callback: str, errand: Errand) -> Response:
    """Send the browser to the provider; it comes back to `callback`, an address of ours.

    The cookie keeps one errand: several would outgrow it. Raises ProviderFailed.
    """
    provider = _provider()
    for key in [key for key in session if key.startswith(STATE_PREFIX)]:
        del session[key]
    with _failures_named():
        way = provider.create_authorization_url(callback)
    provider.save_authorize_data(
        redirect_uri=callback,
        state=way["state"],
        nonce=way["nonce"],
        code_verifier=way["code_verifier"],
        at=clock.now().timestamp(),
        ahead=errand.ahead,
        linking=errand.linking,
    )
    return redirect(way["url"])


def finish() -> tuple[Proved, Errand]:
    """Return who has come back from the provider in this request, and for what, once.

    Raises ErrandOver, Cancelled, ProviderRefused and ProviderFailed.
    """
    if error := request.args.get("error"):  # some providers send no state with it
        raise Cancelled if error == "access_denied" else ProviderRefused
    provider = _provider()
    kept = provider.framework.get_state_data(session, request.args.get("state"))
    if kept is None or "code" not in request.args or clock.now().timestamp() - kept["at"] > ERRAND_SECONDS:
        raise ErrandOver
    with _failures_named():
        who = _prove(provider)
    return who, Errand(kept["ahead"], kept["linking"])


def _prove(provider: _Provider) -> Proved:
    """Trade the code for an ID token and read it; the user info only where the token has no number."""
    settings = _settings()
    must_be = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }
    token = provider.authorize_access_token(claims_options=must_be, leeway=LEEWAY_SECONDS)
    said = token["userinfo"]
    subject = claims.subject(said)
    if "phone_number" not in said and "userinfo_endpoint" in provider.load_server_metadata():
        more = provider.userinfo(token=token)
        if more["sub"] != subject:
            raise ProviderRefused  # OpenID Connect Core 1.0, 5.3.2
    else:
        more = said
    return Proved(settings.oidc_issuer, subject, claims.verified_phone(more), claims.label({**more, **said}))


def _provider() -> _Provider:
    """Return the provider, with no transaction under way: it may take its time to answer."""
    db.session.rollback()
    return cast(_Provider, current_app.extensions[EXTENSION])


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


@contextmanager
def _failures_named() -> Iterator[None]:
    """Turn what Authlib and the network raise into refusals; log their names, never a token."""
    try:
        yield
    except (AuthlibBaseError, JoseError) as error:
        logger.warning("identity provider: refused: %.80r", error.error)
        raise ProviderRefused from error
    except RequestException as error:
        asked = error.request.url if error.request is not None else ""
        logger.warning("identity provider: %s from %s", type(error).__name__, asked)
        raise ProviderFailed from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        logger.warning("identity provider: no usable answer: %s", type(error).__name__)
        raise ProviderFailed from error
