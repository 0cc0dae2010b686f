"""Countries: one TOML file each drives reading, checking and drawing. Format: ``README.md`` beside this file."""

from classic_anpr.countries.loading import Problem, codes, load_countries, problems_of
from classic_anpr.countries.model import (
    VEHICLES,
    Arrangement,
    Check,
    Colours,
    Country,
    Layout,
    Pattern,
    Plate,
    fold,
)
from classic_anpr.countries.watched import Watched, WatchMatch, read_watchlist, watchlist

__all__ = [
    "VEHICLES",
    "Arrangement",
    "Check",
    "Colours",
    "Country",
    "Layout",
    "Pattern",
    "Plate",
    "Problem",
    "WatchMatch",
    "Watched",
    "codes",
    "fold",
    "load_countries",
    "problems_of",
    "read_watchlist",
    "watchlist",
]
