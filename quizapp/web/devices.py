"""What a browser says of itself, in the few words that tell one's own devices apart. Pure."""

from __future__ import annotations

#: The first that occurs, decides: WeChat and Edge call themselves Chrome too, and all of them Safari.
BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("DingTalk", "钉钉 DingTalk"),
    ("QQBrowser", "QQ"),
    ("UCBrowser", "UC"),
    ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Xiaomi"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "?"


def device_name(user_agent: str) -> str:
    """Return browser and system, such as ``Chrome · Android``; “?” for what is not known."""
    return f"{_first(BROWSERS, user_agent)} · {_first(SYSTEMS, user_agent)}"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), UNKNOWN)
