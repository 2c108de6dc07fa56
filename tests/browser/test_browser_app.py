"""The code of docs/apps.md for an app in the browser: oidc-client-ts in Chromium, in one tab and in two."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route as Path

from sandbox.entra.users import ADA, PASSWORD
from sandbox.web.loopback import LoopbackServer
from stacks import clouds
from tests.e2e.apps import NODE_MODULES, AppUnderTest, code_of
from tests.e2e.shared_deployment import SharedDeployment

MODULES = {
    "oidc-client-ts": NODE_MODULES / "oidc-client-ts" / "dist" / "esm" / "oidc-client-ts.js",
    "jwt-decode": NODE_MODULES / "jwt-decode" / "build" / "esm" / "index.js",
}
PAGE = """<!doctype html><title>app</title>
<script type="importmap">{imports}</script>
<script type="module">
  import {{ cognito }} from "/app.js";
  window.app = cognito({values});
  const person = location.search ? await app.signedIn() : null;
  if (person) history.replaceState(null, "", "/callback");
  document.body.append(JSON.stringify(person));
</script><body>"""


@pytest.fixture
def app(deployment: SharedDeployment) -> Iterator[AppUnderTest]:
    """The app client `spa`, and its pages."""
    app = AppUnderTest(deployment, "spa")
    callback = str(app.values["callback_url"])
    home = callback.removesuffix("callback")
    values = app.values | {
        "sign_out_url": clouds.sign_out_url(deployment.outputs.domain, str(app.values["client_id"]), home)
    }
    imports = {"imports": {name: f"/{name}.js" for name in MODULES}}
    html = PAGE.format(imports=json.dumps(imports), values=json.dumps(values))

    async def page(_: object) -> Response:
        return HTMLResponse(html)

    async def script(_: object) -> Response:
        return Response(code_of("oidc_client_ts_app.js"), media_type="text/javascript")

    routes = [
        Path("/", page),
        Path("/callback", page),
        Path("/app.js", script),
        *(Path(f"/{name}.js", _file(name)) for name in MODULES),
    ]
    port = int(home.rpartition(":")[2].strip("/"))
    with (
        LoopbackServer(Starlette(routes=routes), purpose="the app", port=port),
        deployment.client_with("spa", LogoutURLs=[home]),
    ):
        yield app


def _file(name: str) -> Callable[[object], Awaitable[Response]]:
    async def answer(_: object) -> Response:
        return FileResponse(MODULES[name], media_type="text/javascript")

    return answer


@contextmanager
def _window(browser: Browser, app: AppUnderTest) -> Iterator[BrowserContext]:
    """A browser for which AWS's addresses are on this machine."""

    def here(route: Route) -> None:
        url = app.local(route.request.url)
        if route.request.is_navigation_request():
            route.fulfill(status=302, headers={"Location": url})
            return
        answer = route.fetch(url=url)
        text = answer.text()
        is_discovery = url.endswith("/openid-configuration")
        route.fulfill(response=answer, body=app.as_on_aws(text) if is_discovery else text)

    context = browser.new_context()
    for origin in app.places:
        context.route(f"{origin}/**", here)
    yield context
    context.close()


def _home(app: AppUnderTest) -> str:
    return str(app.values["callback_url"]).removesuffix("callback")


def _sign_in(page: Page, app: AppUnderTest, hints: dict[str, str] | None = None) -> None:
    page.goto(_home(app))
    expect(page.get_by_text("null")).to_be_visible()
    page.evaluate("hints => void app.signIn(hints)", hints or {})


def _expect_ada(page: Page, app: AppUnderTest) -> None:
    person = [app.deployment.outputs.expected.tenant_id, ADA.oid]
    expect(page.get_by_text(json.dumps(person, separators=(",", ":")))).to_be_visible()


def test_a_browser_app_signs_in_and_all_its_tabs_out(browser: Browser, app: AppUnderTest) -> None:
    with _window(browser, app) as window:
        page, tab = window.new_page(), window.new_page()
        _sign_in(page, app, {"login_hint": ADA.principal_name})
        expect(page.locator("#username")).to_have_value(ADA.principal_name)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        _expect_ada(page, app)
        _sign_in(tab, app)
        _expect_ada(tab, app)  # nobody asked again
        token = tab.evaluate("async () => (await app.refreshed()).refresh_token")
        assert token != page.evaluate("async () => (await app.users.getUser()).refresh_token")

        page.evaluate("void app.signOut()")
        expect(page.get_by_text("null")).to_be_visible()
        assert page.url == _home(app)
        tab.wait_for_function("async () => (await app.users.getUser()) === null")
        refused = "async token => app.users._client.useRefreshToken({ state: { refresh_token: token } })"
        with pytest.raises(Exception, match="invalid_grant"):
            tab.evaluate(refused, token)


def test_the_librarys_own_sign_out_ends_on_an_error_page(browser: Browser, app: AppUnderTest) -> None:
    with _window(browser, app) as window:
        page = window.new_page()
        page.goto(_home(app))
        page.evaluate(
            "home => void app.users.signoutRedirect({ post_logout_redirect_uri: home })", _home(app)
        )
        expect(page.get_by_text("Required String parameter 'redirect_uri' is not present")).to_be_visible()
