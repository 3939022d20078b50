# SPDX-License-Identifier: Apache-2.0
"""The pages that people open: they work behind any prefix, and nothing foreign or inline runs in them."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from harness.client import Api, expect_problem, link_of

PAGES = [
    *(("user", path) for path in ("/", "/verify-email", "/reset-password", "/forgot-password", "/docs")),
    ("notification", "/docs"),
]
every_page = pytest.mark.parametrize(("service", "path"), PAGES, ids=[f"{service}{path}" for service, path in PAGES])


class Page(HTMLParser):
    """Collects what a page refers to, and refuses what its policy forbids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.language = ""
        self.viewport = False
        self._script_has_source = True
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        assert tag != "style", "an inline style sheet"
        assert "style" not in named, f"an inline style at {tag}"
        assert not [name for name in named if name.startswith("on")], f"an inline handler at {tag}"
        assert tag != "script" or named.get("src"), "an inline script"
        if tag == "html":
            self.language = named.get("lang", "")
        if tag == "meta" and named.get("name") == "viewport":
            self.viewport = True
        self.targets += [named[name] for name in ("src", "href", "action", "data-endpoint") if named.get(name)]


@every_page
def test_a_page_is_html_with_a_strict_policy(api, service, path):
    answer = getattr(api, service).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "id, en"
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["content-security-policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert not [word for words in policy.values() for word in words if "unsafe" in word or "*" in word or "http" in word]
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = Page(answer.text)
    assert page.language == "id"
    assert page.viewport, "readable on a phone"


@every_page
def test_a_page_refers_to_what_is_there_by_relative_urls(api, stack, service, path):
    client = getattr(api, service)
    text = client.get(path).text
    assert "{{" not in text
    page = Page(text)
    assert page.targets
    paths = client.get("/openapi.json").json()["paths"]
    for target in page.targets:
        if target.startswith(stack.notification_url):  # embedded: the mailbox
            assert api.notification.get(urlsplit(target).path).status_code == 200
            continue
        assert not urlsplit(target).netloc, target
        assert not target.startswith("/"), f"{path} refers to {target}, which breaks behind a prefix"
        absolute = urljoin(path, target)
        if absolute in paths:
            continue
        answer = client.get(absolute)
        assert answer.status_code == 200, f"{path} refers to {target}: {answer.status_code}"


SHARED_ASSETS = ["/assets/frame.css", "/assets/forms.css", "/assets/frame.js", "/assets/docs.css", "/assets/docs.js", "/assets/leaf.svg"]
ASSETS = [
    *(("user", path) for path in (*SHARED_ASSETS, "/assets/app.js", "/assets/texts.js")),
    *(("notification", path) for path in SHARED_ASSETS),
]


@pytest.mark.parametrize(("service", "path"), ASSETS)
def test_assets_have_their_type(api, service, path):
    answer = getattr(api, service).get(path)
    assert answer.status_code == 200
    wanted = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[path.rpartition(".")[2]]
    assert answer.headers["content-type"].startswith(wanted)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("service", ["user", "notification"])
def test_scripts_call_the_api_by_relative_urls_and_nobody_else(api, service):
    client = getattr(api, service)
    scripts = [path for path in client.get("/openapi.json").json()["x-pages"] if path.endswith(".js")]
    assert {"/assets/frame.js", "/assets/docs.js", "/assets/docs_schema.js", "/assets/docs_try.js"} <= set(scripts)
    for path in scripts:
        text = client.get(path).text
        assert "http://" not in text.replace("http://www.w3.org", ""), path
        assert "https://" not in text, path
        assert "innerHTML" not in text, path


def test_the_documentation_of_both_services_is_one_page_and_leads_where_there_is_a_front_page(api):
    pages = {service: Page(getattr(api, service).get("/docs").text).targets for service in ("user", "notification")}
    assert "openapi.json" in pages["notification"]
    assert sorted(pages["user"]) == sorted([*pages["notification"], "./"])
    for asset in (path for path in api.notification.get("/openapi.json").json()["x-pages"] if path.startswith("/assets/")):
        assert api.notification.get(asset).text == api.user.get(asset).text, asset


def test_opening_the_link_of_a_mail_uses_nothing_up(api, stack):
    """Mail scanners open links: the deed needs the page's button."""
    made, token = api.new_registration()
    link = link_of(stack.mails(made.email)[0])
    for _ in range(3):
        page = api.user.get(link)
        assert page.status_code == 200
        assert token not in page.text, "the page's script reads the token from the address; nothing is built from it"
        assert page.headers.get("referrer-policy") == "no-referrer" or 'content="no-referrer"' in page.text
    assert api.user.head(link).status_code == 200
    expect_problem(api.login(made.email, made.password), "invalid_credentials")
    assert api.verify(token).status_code == 200


def test_links_and_pages_work_behind_a_prefix(stack):
    with stack.instance(PUBLIC_BASE_URL="https://pasar.example/users") as behind:
        client = Api(behind, user_url=behind.user_url)
        made, token = client.new_registration()
        link = link_of(behind.mails(made.email)[0])
        assert link == f"https://pasar.example/users/verify-email?token={token}"
        # A proxy would strip the prefix; every relative reference of the page stays below it.
        for target in Page(client.user.get("/verify-email").text).targets:
            assert urlsplit(urljoin(link, target)).path.startswith("/users/")
        assert client.verify(token).status_code == 200
        client.close()


@pytest.mark.mode("distributed")
def test_the_distributed_landing_page_links_no_mailbox(api):
    assert "mailbox" not in api.user.get("/").text


@pytest.mark.parametrize("path", ["/", "/verify-email"])
def test_a_page_takes_no_post(api, path):
    expect_problem(api.user.post(path), "method_not_allowed")
