"""Rules for sentence boundaries as RE2 replacements: English, German, French, Korean, CJK full stops.

First every stop before whitespace is marked, then the marks after abbreviations, ordinals etc. are removed,
since RE2 has no lookaround. `MARK` separates a sentence from the whitespace after it. The rules prefer
missed boundaries, since half a sentence is translated worse than two joined ones.
"""

from seqapp.text.character_classes import WHITESPACE

MARK = "\ufdd0"  # a noncharacter, not used in interchange

_LINE_BREAKS = r"\n\x{0B}\f\r\x{85}\x{2028}\x{2029}"
_SPACE = r"[\t\x{1C}-\x{1F} \x{A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}\x{2581}]"  # on one line
_WIDE_STOPS = "。！？｡"
# Two line breaks; CR and LF together are one.
_EMPTY_LINE = (
    rf"(?:(?:\r\n|[\n\x{{0B}}\f\x{{85}}\x{{2028}}]){_SPACE}*[{_LINE_BREAKS}]"
    rf"|\r{_SPACE}*\r|\r{_SPACE}+\n|\x{{2029}})"
)
_STOPS = rf".!?…{_WIDE_STOPS}"
# Directly after a stop, the opening quotation mark of one language is the closing one of another.
_CLOSING = r"""\"'”’“»«›‹)\]}」』）】〉》"""
_CLOSE = rf"(?:[{_CLOSING}]|[ \x{{A0}}\x{{202F}}]»)*"
_OPEN = r"""[\"'“„‘‚«»‹›(\[{「『（【〈《]*"""
_HANGUL = r"\x{AC00}-\x{D7A3}\x{1100}-\x{11FF}"
_NO_WORD = r"(?:^|[^\p{L}\p{N}])"

# Abbreviations that are always followed by a related word.
_TITLES_AND_OTHERS = (
    "mr|mrs|ms|dr|prof|st|gen|sen|rep|col|lt|sgt|capt|gov|rev|messrs|vs|approx|cf|viz|max|min|incl|excl|resp"
    "|bzw|ggf|ca|evtl|vgl|sog|bspw|inkl|exkl|zzgl|abzgl|mio|mrd|hr|hrn|fr|dipl|ing|str"
    "|mme|mlle|mm|mgr|ex|env|av|boul"
)
# Abbreviations only before a number: "No. 5", but "No. I do not."
_BEFORE_A_NUMBER = (
    "no|nos|nr|n|p|pp|s|fig|figs|abb|tab|art|kap|bd|sec|ch|chap|vol|eq|pos|ziff|abs|par|tel|ver|v|ed|geb|gest"
)
_BEFORE_A_GERMAN_ORDINAL = (
    "am|der|die|das|dem|den|des|vom|zum|zur|im|bis|ab|seit|jede|jeden|jeder|jedem|jedes|ein|eine|einen|einem"
)
_AFTER_A_GERMAN_ORDINAL = (
    "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Quartal|Jahrhundert"
    "|Jahrestag|Kapitel|Auflage|Stock|Klasse|Platz|Tag|Mal|Etage|Schritt|Zeile|Spalte|Seite|Version"
)

_M = r"\x{FDD0}"
_TWO_LETTERS = (rf"({_NO_WORD}\p{{L}}\.){_M}({_SPACE}\p{{L}}\.)", r"\1\2")
_TWO_NUMBERS = (rf"([0-9]\.){_M}({_SPACE}[0-9]{{1,2}}\.)", r"\1\2")

# (pattern, replacement), applied in order.
RULES: tuple[tuple[str, str], ...] = (
    # A stop before whitespace; a wide stop before any character that is not closing punctuation.
    (rf"([{_STOPS}]+{_CLOSE})([{WHITESPACE}]+)", rf"\1{MARK}\2"),
    (rf"([{_WIDE_STOPS}])([^{_STOPS}{_CLOSING}{WHITESPACE}{_M}])", rf"\1{MARK}\2"),
    # Not before a lower-case letter on the same line, except after Hangul and for names such as iPhone.
    (
        rf"([^{_HANGUL}{_WIDE_STOPS}][.!?]+{_CLOSE}){_M}({_SPACE}+{_OPEN}\p{{Ll}}(?:[^\p{{Lu}}{_M}]|$))",
        r"\1\2",
    ),
    # Not after an ellipsis on the same line, and not before a stop.
    (rf"((?:\.\.|…){_CLOSE}){_M}({_SPACE})", r"\1\2"),
    (rf"{_M}({_SPACE}+[.!?…])", r"\1"),
    # z. B., i. d. R., J. R. R. Tolkien, U.S., e.g.; but 5 p.m. may be the end.
    _TWO_LETTERS,
    _TWO_LETTERS,
    (rf"({_NO_WORD}\p{{L}}\.{_SPACE}?\p{{L}}\.){_M}", r"\1"),
    (rf"([0-9] ?[ap]\.m\.)({_SPACE}+\p{{Lu}})", rf"\1{MARK}\2"),
    # John F. Kennedy, M. Dupont; but: in column A.
    (rf"({_NO_WORD}\p{{Lu}}\p{{L}}+{_SPACE}\p{{Lu}}\.){_M}({_SPACE})", r"\1\2"),
    (rf"({_NO_WORD}M\.){_M}({_SPACE}\p{{Lu}})", r"\1\2"),
    (rf"({_NO_WORD}(?i:{_TITLES_AND_OTHERS})\.){_M}", r"\1"),
    (rf"({_NO_WORD}(?i:{_BEFORE_A_NUMBER})\.){_M}([{WHITESPACE}]+[0-9#])", r"\1\2"),
    # Dates: 2024. 3. 5., 3. Mai; ordinals: der 2. Eintrag.
    _TWO_NUMBERS,
    _TWO_NUMBERS,
    (rf"([0-9]{{2,4}}\.{_SPACE}?[0-9]{{1,2}}\.{_SPACE}?[0-9]{{1,2}}\.){_M}", r"\1"),
    (rf"([0-9]\.){_M}([{WHITESPACE}]+(?:{_AFTER_A_GERMAN_ORDINAL})\b)", r"\1\2"),
    (rf"({_NO_WORD}(?i:{_BEFORE_A_GERMAN_ORDINAL})[{WHITESPACE}]+[0-9]{{1,3}}\.){_M}", r"\1"),
    # List numbers and initials at the beginning of a text, sentence or line.
    (
        rf"((?:^|[{_M}{_LINE_BREAKS}])[{WHITESPACE}]*{_OPEN}(?:[0-9]{{1,3}}|\p{{L}}|[ivx]{{2,4}})\.){_M}",
        r"\1",
    ),
    # Error values: #NUM!, #DIV/0!
    (rf"(#\p{{Lu}}[\p{{Lu}}0-9/]*[!?]){_M}", r"\1"),
    # An empty line (or paragraph separator) ends a sentence without a stop too.
    (rf"({_SPACE}*{_EMPTY_LINE}[{WHITESPACE}]*)", rf"{MARK}\1"),
    (rf"{_M}+", MARK),
)
