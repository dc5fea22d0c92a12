"""The page at /docs, in a browser that can reach nothing but the service."""

import asyncio
import shutil
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn

from app.main import create_app
from app.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serving(data_dir):
    """The address of the service, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(create_app(Settings(data_dir=data_dir)), log_config=None, ws="none")
        server = uvicorn.Server(config)
        # Connections wait in the socket's queue until the service takes them.
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_the_page_names_no_asset_of_another_host(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http" not in page.text.replace("http-equiv", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/assets/{asset}" in page.text
        assert len(client.get(f"/docs/assets/{asset}").content) > 500


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)")
def test_the_page_shows_the_api_and_asks_no_other_host(data_dir):
    from playwright.sync_api import Route, sync_playwright

    elsewhere: list[str] = []
    failed: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            elsewhere.append(route.request.url)
            route.abort()

    with serving(data_dir) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.route("**/*", only_here)
        page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(f"{address}/docs", wait_until="networkidle")
        operation = page.locator("#operations-search-post_search_v1_indexes__index__search_post")
        operation.wait_for(state="visible", timeout=20_000)
        assert "/v1/indexes/{index}/search" in operation.inner_text().replace("\u200b", "")
        assert page.title() == "TextPrism API"
        # The page works: the request of its example is sent and answered.
        operation.locator("button.opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        operation.locator("input[placeholder=index]").fill("news")
        operation.locator("textarea.body-param__text").fill('{"q": "古筝", "limit": 1}')
        with page.expect_response("**/search") as answered:
            operation.get_by_role("button", name="Execute").click()
        assert answered.value.json()["hits"][0]["id"] == "music-001"
        browser.close()
    assert elsewhere == []
    assert failed == []
