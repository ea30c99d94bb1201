"""One spelling for what people write in many ways, so that two systems can be compared by it.

Both functions answer None for text that is no such thing: nobody is ever found by it. Neither guesses: a national
telephone number stays national, because nothing in it says which country it belongs to.
"""

from __future__ import annotations

import re
import unicodedata

EMAIL = re.compile(r"(?:\"[^\"]+\"|[^\s@\"<>()\[\],;:]+)@[^\s@\"<>()\[\],;:\\'*?]+")
EXTENSION = re.compile(r"(?:;\s*ext\s*=|\bextension\b|\bext\b\.?|x|#)[ .:]*[0-9]{1,6}$", re.IGNORECASE)
TRUNK_ZERO = re.compile(r"[(\[]0[)\]]")
SEPARATORS = re.compile(r"[ ()\[\]./-]+")
DIGITS = re.compile(r"[0-9]{5,15}")
LONGEST_PHONE = 100
LONGEST_EMAIL = 254
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def email(text: str) -> str | None:
    """An e-mail address in lower case without what surrounds it (`mailto:`, spaces); at most 254 characters. A quoted
    local part (`"a b"@example.test`, RFC 5321) is one too; one longer than the 64 of that RFC is taken as it is."""
    bare = unicodedata.normalize("NFC", text.strip().lower().removeprefix("mailto:").strip())
    return bare if len(bare) <= LONGEST_EMAIL and bare.isprintable() and EMAIL.fullmatch(bare) else None


def phone(text: str) -> str | None:
    """The digits of a telephone number: country code first (no `+`) where the text says so, else as it was written.

    `+49 (0)30 1234-567`, `0049 30 1234567` and `tel:+49-30-1234567 ext. 12` are all `49301234567`; `(0)30 1234567` is
    `0301234567`. Five to fifteen digits (E.164); anything with other letters in it is no number.
    """
    if len(text) > LONGEST_PHONE:
        return None
    bare = EXTENSION.sub("", _plain(text).strip().removeprefix("tel:").strip()).strip()
    if SEPARATORS.sub("", bare).startswith(("+", "00")):
        return _international(SEPARATORS.sub("", TRUNK_ZERO.sub("", bare)).removeprefix("+"))
    return _checked(SEPARATORS.sub("", bare))


def _plain(text: str) -> str:
    """Full-width digits, typographic dashes and invisible marks of copied text, as a keyboard would have given them."""
    visible = (mark for mark in unicodedata.normalize("NFKC", text) if unicodedata.category(mark) != "Cf")
    return "".join(" " if mark.isspace() else mark for mark in visible).translate(DASHES).lower()


def _international(digits: str) -> str | None:
    digits = digits.removeprefix("00")
    return None if digits.startswith("0") else _checked(digits)  # no country code starts with a zero


def _checked(digits: str) -> str | None:
    return digits if DIGITS.fullmatch(digits) else None
