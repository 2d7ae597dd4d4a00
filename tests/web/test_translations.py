"""The English pages are English, and a text that has no translation is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import ROOT
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.extensions import db
from tests import builders
from tests.pages import sign_in, token
from translations.check import faults

ENTRY = 'msgid "保存"\nmsgstr "Save"\n'
ROWS = 'msgid "共 %(n)s 条"\nmsgstr "Rows: %(n)s"\n'
PERCENT = 'msgid "共 %(n)s 条"\nmsgstr "100% of %(n)s rows"\n'


def project(
    folder: Path, *, template: str = "{{ _('保存') }}", catalogue: str | None = ENTRY, script: str = ""
) -> list[str]:
    """Return the faults of a project of one template, one script and one catalogue (or none)."""
    for name, text in (
        ("templates/home/index.html", template),
        ("static/js/home.js", script),
        ("translations/en/LC_MESSAGES/messages.po", catalogue and 'msgid ""\nmsgstr ""\n\n' + catalogue),
    ):
        if text is None:
            continue
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return faults(folder)


def test_the_catalogues_are_complete() -> None:
    assert faults(ROOT) == []


def test_a_complete_project_has_no_faults(tmp_path: Path) -> None:
    assert project(tmp_path, script="// 说明\n/* 说明 */ let x = 1;") == []


@pytest.mark.parametrize(
    "template",
    ["{# 说明 #}{{ _('保存') }}", "{% trans %}保存{% endtrans %}", "<p title=\"{{ _('保存') }}\">"],
)
def test_a_text_in_a_translation_call_or_block_is_no_fault(tmp_path: Path, template: str) -> None:
    assert project(tmp_path, template=template) == []


def test_folders_with_an_underscore_are_read_too(tmp_path: Path) -> None:
    project(tmp_path)
    shared = tmp_path / "templates/_shared/base.html"
    shared.parent.mkdir()
    shared.write_text("{{ _('退出') }}")

    assert any("missing: 退出 (templates/_shared/base.html:1)" in fault for fault in faults(tmp_path))


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"catalogue": ""}, "missing: 保存"),
        ({"template": ""}, "used nowhere: 保存"),
        ({"catalogue": "#, fuzzy\n" + ENTRY}, "fuzzy: 保存"),
        ({"catalogue": 'msgid "保存"\nmsgstr ""\n'}, "not translated: 保存"),
        (
            {"template": "{{ _('共 %(n)s 条', n=1) }}", "catalogue": 'msgid "共 %(n)s 条"\nmsgstr "rows"\n'},
            "other places to fill in: 共 %(n)s 条",
        ),
        (
            {"template": "{{ _('共 %(n)s 条', n=1) }}", "catalogue": PERCENT},
            "other places to fill in: 共 %(n)s 条",
        ),
        ({"catalogue": ENTRY + '\n#~ msgid "旧"\n#~ msgstr "Old"\n'}, "used nowhere: 旧"),
        ({"catalogue": None}, "translations/en/LC_MESSAGES/messages.po: there is no such catalogue"),
        ({"template": "<p>\n保存 {{ _('保存') }}</p>"}, "templates/home/index.html:2: Chinese"),
        ({"template": "{{ _('保存') }}\n{{ x or '删除' }}"}, "templates/home/index.html:2: Chinese"),
        ({"template": "{{ _('保存') }}\n<p title='（x）'>"}, "templates/home/index.html:2: Chinese"),
        ({"template": "{{ _('保存') }}{{ [1, 2] | join('、') }}"}, "templates/home/index.html:1: Chinese"),
        (
            {"template": "{{ _('共 %(n)s 条', n='三') }}", "catalogue": ROWS},
            "templates/home/index.html:1: Chinese",
        ),
        ({"script": "// 说明\nalert('保存');"}, "static/js/home.js:2: Chinese"),
        ({"script": "const a = 'https://x'; alert('保存');"}, "static/js/home.js:1: Chinese"),
    ],
)
def test_each_kind_of_fault_is_named(tmp_path: Path, parts: dict[str, str], fault: str) -> None:
    found = project(tmp_path, **parts)

    assert len(found) == 1
    assert fault in found[0]


def in_english(app: Flask, account: Account) -> FlaskClient:
    client = sign_in(app, account)
    answer = client.post("/language", data={"language": "en", "csrf_token": token(client.get("/me").text)})
    assert answer.status_code == 302
    return client


def left_in_chinese(page: str, *known: str) -> list[str]:
    """Return the Chinese of a page that is not data: names of people, places, campaigns."""
    text = re.sub(r"<script.*?</script>|简体中文", " ", page, flags=re.DOTALL)
    for word in known:
        text = text.replace(word, "")
    return re.findall(r"[\u4e00-\u9fff]+", text)


def test_pages_of_staff_and_learners_are_english_after_the_switch(app: Flask) -> None:
    track = builders.make_track(builders.make_campaign())
    bank = builders.make_quiz(track)
    region = builders.make_region()
    enterprise = builders.make_enterprise(region)
    learner = builders.make_account()
    builders.make_enrolment(learner, track, enterprise)
    staff = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    data = (
        "学重要论述、促安全发展",
        "武进区",
        "周立安",
        "督查员",
        enterprise.name,
        region.name,
        "题库",
        "通用",
    )
    visits = [
        (learner, ["/", "/me", "/attempts", f"/tracks/{track.id}/quiz", "/nowhere", "/coverage"]),
        (staff, ["/coverage", "/coverage/list", "/coverage/enterprises", "/banks", "/me"]),
        (staff, ["/blueprints", f"/blueprints/{track.id}/edit", f"/banks/{bank.slug}/analysis"]),
    ]
    for account, paths in visits:
        client = in_english(app, account)
        for path in paths:
            page = client.get(path).text
            assert 'lang="en"' in page
            assert left_in_chinese(page, *data) == [], path
