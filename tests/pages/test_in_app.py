"""In the browser of another app, the page of a link first says how to leave it."""

import pytest
from starlette.types import ASGIApp

from contact_service.pages.in_app import App, app_around
from tests.pages.conftest import browser

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
CHROME = "Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36 "
WITHIN = {
    "Facebook on an iPhone": (IPHONE + "Mobile/15E148 [FBAN/FBIOS;FBAV/468.0;FBDV/iPhone15,2]", App.IPHONE),
    "Messenger on an iPhone": (IPHONE + "Mobile/15E148 [FBAN/MessengerForiOS;FBAV/460.0]", App.IPHONE),
    "Facebook on Android": (ANDROID + CHROME + "[FB_IAB/FB4A;FBAV/468.0.0.0;]", App.ANDROID),
    "Instagram on an iPhone": (IPHONE + "Mobile/15E148 Instagram 337.0.0 (iPhone15,2)", App.IPHONE),
    "Instagram on Android": (ANDROID + CHROME + "Instagram 337.0.0.0 Android", App.ANDROID),
    "TikTok on an iPhone": (IPHONE + "Mobile/15E148 musical_ly_35.0.0 BytedanceWebview/d8a21c6", App.IPHONE),
    "TikTok on Android": (ANDROID + CHROME + "trill_350003 BytedanceWebview/d8a21c6", App.ANDROID),
    "WhatsApp's viewer": (IPHONE + "Mobile/15E148 WhatsApp/24.12", App.IPHONE),
    "the Google app": (IPHONE + "GSA/320.0.643 Mobile/15E148 Safari/604.1", App.IPHONE),
    "some app on Android": (ANDROID + CHROME, App.ANDROID),
}
BROWSERS = {
    "Safari": IPHONE + "Version/17.5 Mobile/15E148 Safari/604.1",
    "Chrome on an iPhone": IPHONE + "CriOS/126.0 Mobile/15E148 Safari/604.1",
    "Chrome on Android": ANDROID.replace("; wv", "") + "Chrome/126.0.0.0 Mobile Safari/537.36",
    "Samsung's own": ANDROID.replace("; wv", "")
    + "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    "Firefox": "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
    "a computer": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
    "a preview of WhatsApp": "WhatsApp/2.23.20.0",
    "nothing": "",
}


@pytest.mark.parametrize("name", WITHIN)
def test_the_browser_of_an_app_is_known(name: str) -> None:
    said, app = WITHIN[name]
    assert app_around(said) is app


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_of_its_own_is_left_alone(name: str) -> None:
    assert app_around(BROWSERS[name]) is None


def test_the_page_of_a_link_says_how_to_leave_it(app: ASGIApp) -> None:
    page = browser(app).client.get("/v", headers={"user-agent": WITHIN["Facebook on an iPhone"][0]}).text
    assert 'data-app="iphone"' in page
    assert "Open in Safari" in page
    android = browser(app).client.get("/v", headers={"user-agent": WITHIN["Instagram on Android"][0]}).text
    assert "Open in Chrome" in android
    assert 'data-app=""' in browser(app).client.get("/v", headers={"user-agent": BROWSERS["Safari"]}).text
