"""The two coverages, down to an enterprise and its people, and the completion list."""

from __future__ import annotations

from collections.abc import Iterator

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from quizapp import clock
from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.campaigns.queries import get_campaign
from quizapp.clock import DISTRICT_TIME
from quizapp.coverage import exports, forms, listing, queries
from quizapp.coverage.rates import Gap
from quizapp.coverage.selection import Selection, Status
from quizapp.database import reading
from quizapp.directory.queries import get_region
from quizapp.directory.roles import REQUIRED_ROLES, JobRole, Scale
from quizapp.errors import NotAllowed
from quizapp.extensions import db
from quizapp.web.exports import Cell, csv_response, xlsx_response
from quizapp.web.pages import asked_page
from quizapp.web.purposes import read_purpose

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")


def _page(template: str, selection: Selection, **values: object) -> str:
    """Render a page with what every coverage page shows around its figures."""
    return render_template(
        template,
        campaign=get_campaign(forms.chosen()["campaign"] or None),
        region=get_region(selection.region) if selection.region else None,
        selection=selection,
        chosen=forms.chosen(),
        given=forms.given(),
        gap_names=listing.GAP_NAMES,
        status_names=listing.STATUS_NAMES,
        required_roles=REQUIRED_ROLES,
        scales=list(Scale),
        roles=list(JobRole),
        today=clock.now().astimezone(DISTRICT_TIME).date().isoformat(),
        **values,
    )


@blueprint.get("")
@requires(Action.SEE_COVERAGE)
def index() -> str:
    """Show the two coverages, by region and by role."""
    selection = forms.read_selection(Action.SEE_COVERAGE)
    return _page("coverage/index.html", selection, overview=queries.overview(selection))


@blueprint.get("/enterprises")
@requires(Action.SEE_COVERAGE)
def enterprises() -> str:
    """List enterprises with what keeps them from being covered."""
    selection = forms.read_selection(Action.SEE_COVERAGE)
    page = queries.page_of_enterprises(
        selection, forms.read_gap(), covered=forms.read_covered(), number=asked_page()
    )
    return _page(
        "coverage/enterprises.html",
        selection,
        page=page,
        gaps=list(Gap),
        regions=queries.regions(selection.scope),
    )


@blueprint.get("/enterprises/<int:enterprise_id>")
@requires(Action.SEE_COVERAGE)
def enterprise(enterprise_id: int) -> str:
    """Show one enterprise, its roles and its people."""
    selection = forms.read_selection(Action.SEE_COVERAGE, enterprise_id)
    unit = queries.get_enterprise(selection)
    return _page(
        "coverage/enterprise.html", selection, unit=unit, page=queries.page_of_list(selection, asked_page())
    )


@blueprint.get("/list")
@requires(Action.SEE_COVERAGE)
def completion_list() -> str:
    """Show the rows behind the figures."""
    selection = forms.read_selection(Action.SEE_COVERAGE)
    return _page(
        "coverage/list.html",
        selection,
        page=queries.page_of_list(selection, asked_page()),
        statuses=list(Status),
        regions=queries.regions(selection.scope),
    )


@blueprint.post("/list")
@requires(Action.SEE_COVERAGE)
def search_list() -> AnyResponse:
    """Go on to the rows that a form asks for; whom it names stands sealed in the address."""
    return redirect(url_for("coverage.completion_list", **forms.asked_in_form()))


@blueprint.post("/list/export")
@requires(Action.EXPORT_LISTS)
def export() -> Response:
    """Give exactly the rows that the filters in the address select, as .csv or .xlsx, and record it.

    Phone numbers are whole only for a stated purpose, and where the account may see them.
    """
    purpose = read_purpose() if "full" in request.form else ""
    if purpose and not policy.may(Action.REVEAL_PHONES):
        raise NotAllowed
    selection = forms.read_selection(Action.REVEAL_PHONES if purpose else Action.EXPORT_LISTS)
    as_file = {"csv": csv_response, "xlsx": xlsx_response}.get(request.form.get("format", ""))
    if as_file is None:
        abort(400)
    exports.record_export(policy.actor(), selection, kind=request.form["format"], purpose=purpose)
    db.session.commit()
    name = f"{gettext('完成名单')}-{selection.as_of.astimezone(DISTRICT_TIME):%Y%m%d-%H%M%S}"
    rows = stream_with_context(_lines(selection, in_full=bool(purpose)))  # type: ignore[type-var]  # Flask passes any rows on
    return as_file(name, listing.headings(gettext), rows)


def _lines(selection: Selection, *, in_full: bool) -> Iterator[list[Cell]]:
    """Stream in a reading transaction: nobody who writes waits for a download."""
    with reading():
        yield from listing.lines(queries.stream_list(selection), gettext, in_full=in_full)
