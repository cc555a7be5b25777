"""Which app shows a page in a browser of its own, by what that says of itself.  Pure.

Such a browser often has no camera, forgets its cookies, and would be the one device that a link is bound to.
"""

import re
from enum import StrEnum


class App(StrEnum):
    """Whose menu leads out of it: where the button is differs between these two alone."""

    IPHONE = "iphone"
    ANDROID = "android"


# Facebook and Messenger, Instagram, WhatsApp's own viewer, TikTok and its siblings, Snapchat, Line, WeChat, LinkedIn,
# Pinterest, Telegram's viewer, the Google app; and any WebView of Android, which says "; wv".
_WITHIN = re.compile(
    r"FBA[NV]/|FB_IAB/|Messenger|Instagram|WhatsApp/|musical_ly|BytedanceWebview|TikTok|trill_|Snapchat|\bLine/|"
    r"MicroMessenger|LinkedInApp|Pinterest/|Telegram-|\bGSA/|; wv\)"
)
_PERSON = "Mozilla/5.0"  # previews say only the name of their app, and are no browser


def app_around(user_agent: str) -> App | None:
    """The kind of phone on which an app shows the page in its own browser; None for a browser of its own."""
    if not user_agent.startswith(_PERSON) or _WITHIN.search(user_agent) is None:
        return None
    return App.IPHONE if re.search(r"iPhone|iPad|iPod", user_agent) else App.ANDROID
