"""Whitespace and invisible characters as RE2 character classes.

By code point and not by Unicode property, since the property tables differ between versions of RE2, and all
servers must normalise a text equally.
"""

# Tab, line and page breaks, the four ASCII separators (line breaks in Python too), all characters of the
# property White_Space, and U+2581, SentencePiece's space mark.
WHITESPACE = (
    r"\t\n\x{0B}\f\r\x{1C}-\x{1F} \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}"
    r"\x{3000}\x{2581}"
)
# Characters without a glyph: control characters, soft hyphen, grapheme joiner, zero-width space, word joiner,
# direction marks, byte order mark, annotation marks.
_ALWAYS_INVISIBLE = (
    r"\x{00}-\x{08}\x{0E}-\x{1B}\x{7F}-\x{84}\x{86}-\x{9F}\x{AD}\x{34F}\x{61C}\x{180E}\x{200B}\x{200E}\x{200F}"
    r"\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}"
)
_JOINER = r"\x{200C}\x{200D}"
# Invisible, but some change the glyphs of their neighbours: see `MEANINGFUL`.
INVISIBLE = _ALWAYS_INVISIBLE + _JOINER + r"\x{FE0E}\x{FE0F}\x{E0000}-\x{E007F}"

# Pictographs unchanged by NFKC; those with a decomposition (U+1F201, U+2122) become letters.
_PICTURE = (
    r"\x{A9}\x{AE}\x{2190}-\x{21FF}\x{2300}-\x{2328}\x{232B}-\x{23FF}\x{25A0}-\x{27BF}\x{2900}-\x{297F}"
    r"\x{2B00}-\x{2BFF}\x{3030}\x{303D}\x{1F000}-\x{1F0FF}\x{1F170}-\x{1F189}\x{1F18E}\x{1F300}-\x{1FAFF}"
)
# Arabic, Syriac, N'Ko, Indic and south-east Asian scripts, Mongolian: joiners change their letter forms.
_CURSIVE = (
    r"\x{600}-\x{DFF}\x{F00}-\x{109F}\x{1780}-\x{18AF}\x{1900}-\x{1CFF}\x{A800}-\x{A8FF}\x{A980}-\x{A9FF}"
    r"\x{AA60}-\x{AA7F}\x{ABC0}-\x{ABFF}\x{FB50}-\x{FDFF}\x{FE70}-\x{FEFC}\x{10A00}-\x{11FFF}"
)
_EMOJI = (
    r"(?:\x{1F3F4}[\x{E0030}-\x{E0039}\x{E0061}-\x{E007A}]{1,6}\x{E007F}"  # the flag of Scotland
    rf"|[{_PICTURE}][\x{{FE0E}}\x{{FE0F}}]?[\x{{1F3FB}}-\x{{1F3FF}}]?)"  # base, presentation, skin tone
)
# Emoji sequences, keycaps, and letters with a joiner: invisible characters in these are kept.
MEANINGFUL = rf"{_EMOJI}(?:\x{{200D}}{_EMOJI})*|[0-9#*]\x{{FE0F}}|[{_CURSIVE}][{_JOINER}]"
