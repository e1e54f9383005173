"""Selection of the columns, or keys, that hold the features of a row."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt, excerpts
from training.data.data_file import DataFile
from training.data.row_kind import RowKind
from training.data.table_format import compared


@dataclass
class ColumnSelection:
    """Selection of the columns that hold the features.

    Columns are selected by the names in `named`; else by the names of the features, or by those in `aliases`;
    else, with as many columns as features (or more, if `kind` allows), in the order of the features. If all
    columns but one are found and one is left, that one is used. Names are compared exactly, then after NFC,
    whitespace collapsing and case folding.

    Attributes:
        file: the file, for messages.
        kind: expected content.
        first: the first record, or the keys of JSON objects.
        named: feature → name of its column as given by the user.
        aliases: feature → another name by which its column is found: a language of the pair.
        header: whether `first` certainly has names, as keys have.
        hint: added to messages if there is one column only.
    """

    file: DataFile
    kind: RowKind
    first: Sequence[str]
    named: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    header: bool = False
    hint: str = ""

    @property
    def has_names(self) -> bool:
        """Whether the first record is certainly a header."""
        known = {compared(name) for name in self.first}
        aliases = {compared(alias) for alias in self.aliases.values()}
        by_feature = {compared(feature) for feature in self.kind.features} <= known
        return self.header or bool(self.named) or by_feature or (bool(aliases) and aliases <= known)

    def described(self, places: Sequence[int], names: Sequence[str]) -> str:
        """Describe which column each feature is read from; `names` is empty without a header."""
        shown = [excerpt(names[place]) if names else f"column {place + 1}" for place in places]
        pairs = zip(self.kind.features, shown, strict=True)
        return ", ".join(f"{feature} from {name}" for feature, name in pairs)

    def places(self) -> list[int]:
        """Return the column index of each feature. Raises `DataError`."""
        features = self.kind.features
        if not self.has_names:
            if len(self.first) == len(features) or self.kind.further:
                return list(range(len(features)))
            raise self._undecided(features)
        found = {feature: self._find(feature, name) for feature, name in self.named.items()}
        unknown = []
        for feature in features:
            if feature not in found:
                place = self._place_of(feature)
                if place is None or place in found.values():
                    unknown.append(feature)
                else:
                    found[feature] = place
        left = [place for place in range(len(self.first)) if place not in found.values()]
        if len(unknown) == len(left) and (len(unknown) == 1 or self.header):
            found |= dict(zip(unknown, left, strict=True))
        elif unknown:
            raise self._undecided(unknown)
        self._check_different(found)
        return [found[feature] for feature in features]

    def _place_of(self, feature: str) -> int | None:
        place = self._place(feature, feature)
        if place is None and feature in self.aliases:
            place = self._place(feature, self.aliases[feature])
        return place

    def _find(self, feature: str, name: str) -> int:
        place = self._place(feature, name)
        if place is not None:
            return place
        near = difflib.get_close_matches(name, self.first, n=1, cutoff=0.5)
        hint = f"; did you mean {excerpt(near[0])}?" if near else "."
        raise DataError(
            f"{self.file}: --{feature}-column {excerpt(name)}: no such column; expected one of "
            f"{excerpts(self.first)}{hint}{self._hint_of_one_column()}"
        )

    def _place(self, feature: str, name: str) -> int | None:
        """Return the index of the named column, exact before similar. Raises `DataError` for several."""
        spelt = [place for place, column in enumerate(self.first) if column == name.strip()]
        alike = [place for place, column in enumerate(self.first) if compared(column) == compared(name)]
        places = spelt or alike
        if len(places) > 1:
            raise DataError(
                f"{self.file}: {len(places)} columns are called {excerpts([self.first[p] for p in places])}; "
                f"expected one for the {feature}. Rename the others, or use --{feature}-column."
            )
        return places[0] if places else None

    def _check_different(self, found: Mapping[str, int]) -> None:
        by_place = {place: feature for feature, place in found.items()}
        for feature, place in found.items():
            if by_place[place] != feature:
                raise DataError(
                    f"{self.file}: --{feature}-column and --{by_place[place]}-column are both "
                    f"{excerpt(self.first[place])}; expected two different columns of {excerpts(self.first)}"
                )

    def _undecided(self, features: Sequence[str]) -> DataError:
        return DataError(
            f"{self.file}: cannot tell which column is the {' and which the '.join(features)}: columns are "
            f"{excerpts(self.first)}. Use {_options(features)}.{self._hint_of_one_column()}"
        )

    def _hint_of_one_column(self) -> str:
        return "" if len(self.first) > 1 else self.hint


def _options(features: Iterable[str]) -> str:
    return " and ".join(f"--{feature}-column" for feature in features)
