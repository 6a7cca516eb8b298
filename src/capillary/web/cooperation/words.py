"""Languages in which enterprises talk, by what they call themselves."""

from __future__ import annotations

TONGUES = (
    ("zh", "中文"),
    ("en", "English"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("pt", "Português"),
    ("pl", "Polski"),
    ("ru", "Русский"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("vi", "Tiếng Việt"),
    ("th", "ไทย"),
    ("ms", "Bahasa Melayu"),
)
