"""Exports of WordPress (WXR): which of their entries are published articles, and their text as the site shows it.

https://developer.wordpress.org/advanced-administration/wordpress/import/
"""

import re
from typing import Any

_NOT_ARTICLES = {
    "attachment",
    "nav_menu_item",
    "revision",
    "custom_css",
    "wp_navigation",
    "wp_global_styles",
    "wp_block",
}
_SHORTCODE = re.compile(
    r"\[/?(?:caption|wp_caption|gallery|embed|audio|video|playlist|contact-form[\w-]*|vc_\w+|et_pb_\w+|fusion_\w+)"
    r"(?:\s[^\[\]]*)?/?\]"
)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_LOOSE = re.compile(r"(?<!\s)[ \t]*+\r?\n[ \t]*+\r?\n\s*+(?=[^<\s]|<(?:a|b|i|em|strong|span|img)\b)")
"""A blank line before text that stands in no paragraph."""
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)


def is_published(entry: Any) -> bool:
    """Tell an article that readers of the site see from drafts, private posts, menus and pictures."""
    kind, status = entry.get("wp_post_type") or "post", entry.get("wp_status") or "publish"
    return status == "publish" and kind not in _NOT_ARTICLES and not entry.get("wp_post_password")


def rendered(written: str) -> str:
    """The HTML that the site makes of what the author wrote: blank lines are paragraphs, shortcodes are no text."""
    text = _SHORTCODE.sub("\n\n", written)
    if "<pre" in text:
        return text
    return _LOOSE.sub("<p>", text) if _PARAGRAPH.search(text) else _BLANK_LINE.sub("<p>", f"<p>{text}")
