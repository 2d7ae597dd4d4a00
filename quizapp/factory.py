"""The application, made in a few named steps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import jinja2
from flask import Flask, g, request
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings
from quizapp import database
from quizapp.accounts import cli as accounts_cli
from quizapp.accounts import oidc, oidc_views, policy, sign_ins
from quizapp.accounts import views as accounts_views
from quizapp.audit import cli as audit_cli
from quizapp.authoring import views as authoring_views
from quizapp.bank import banks
from quizapp.bank import cli as bank_cli
from quizapp.bank import views as bank_views
from quizapp.coverage import cli as coverage_cli
from quizapp.coverage import views as coverage_views
from quizapp.demo import cli as demo_cli
from quizapp.directory import queries as directory_queries
from quizapp.extensions import babel, bootstrap, csrf, db, login_manager, migrate
from quizapp.files import views as files_views
from quizapp.files.rendering import with_pictures
from quizapp.home import views as home_views
from quizapp.imports import background
from quizapp.jobs import cli as jobs_cli
from quizapp.jobs import queue
from quizapp.office import views as office_views
from quizapp.people import views as people_views
from quizapp.privacy import cli as privacy_cli
from quizapp.privacy import views as privacy_views
from quizapp.quiz import analyses, analysis_views, blueprint_views
from quizapp.quiz import cli as quiz_cli
from quizapp.quiz import views as quiz_views
from quizapp.roster import cli as roster_cli
from quizapp.roster import importing
from quizapp.roster import views as roster_views
from quizapp.study import cli as study_cli
from quizapp.study import editor_views
from quizapp.study import views as study_views
from quizapp.web import addresses, assets, display, errors, language, security

BLUEPRINTS = (
    home_views.blueprint,
    accounts_views.blueprint,
    files_views.blueprint,
    oidc_views.blueprint,
    study_views.blueprint,
    editor_views.blueprint,
    bank_views.blueprint,
    quiz_views.blueprint,
    authoring_views.blueprint,
    blueprint_views.blueprint,
    analysis_views.blueprint,
    roster_views.blueprint,
    people_views.blueprint,
    office_views.blueprint,
    coverage_views.blueprint,
    privacy_views.blueprint,
)
COMMANDS = (
    accounts_cli.group,
    assets.group,
    audit_cli.group,
    bank_cli.group,
    coverage_cli.group,
    demo_cli.group,
    jobs_cli.group,
    privacy_cli.group,
    quiz_cli.group,
    roster_cli.group,
    study_cli.group,
)
JOBS = {**background.JOBS, **analyses.JOBS}


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings."""
    app = Flask(
        "quizapp", root_path=str(ROOT / "quizapp"), template_folder="../templates", static_folder="../static"
    )
    app.url_map.converters["int"] = addresses.KeyConverter
    _configure(app, settings)
    _bind_extensions(app)
    _bind_requests(app)
    _bind_templates(app)
    oidc.register(app, settings)
    errors.register(app)
    _bind_commands(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _serve(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        IMPORTERS={"bank": banks.importer_for, "roster": importing.importer_for},
        WORDS_AROUND=directory_queries.words_around,  # accounts knows no enterprise
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url, settings.database_pool_size),
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes,
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # once a day is enough: security.Sessions
        # A form may be sent hours after it was opened; the token ends with the session.
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE=language.DEFAULT,
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
    )
    app.session_interface = security.Sessions()


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
    csrf.init_app(app)
    bootstrap.init_app(app)
    babel.init_app(app, locale_selector=language.selected)
    login_manager.init_app(app)
    login_manager.session_protection = None  # phones change their address all day
    login_manager.login_view = "accounts.sign_in_form"
    login_manager.login_message = None
    login_manager.user_loader(sign_ins.load)
    queue.bind(app, app.config["SETTINGS"], JOBS)
    with app.app_context():
        database.prepare_engine(db.engine)


def _bind_requests(app: Flask) -> None:
    @app.before_request
    def begin_reading() -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            g.reading = database.begin_reading()

    app.before_request(security.refuse_nul)
    app.before_request(security.refuse_cross_site)
    app.before_request(policy.enforce)
    app.after_request(security.guard)

    @app.teardown_request
    def end_reading(_error: BaseException | None) -> None:
        if "reading" in g:
            database.end_reading(g.pop("reading"))


def _bind_templates(app: Flask) -> None:
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(display.FILTERS, with_pictures=with_pictures)
    app.jinja_env.globals.update(
        _=language.say,
        may=policy.may,
        percent=display.percent,
        selected_language=language.selected,
        LANGUAGES=language.LANGUAGES,
    )

    @app.context_processor
    def page_values() -> dict[str, object]:
        return {"account": current_user, "html_language": language.HTML_LANGUAGES[language.selected()]}


def _bind_commands(app: Flask) -> None:
    for group in COMMANDS:
        app.cli.add_command(group)
    errors.refusals_end_commands(app)


def _serve(app: Flask, settings: Settings) -> None:
    assets.register(app, Path(settings.var_dir) / assets.PREFIX)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
