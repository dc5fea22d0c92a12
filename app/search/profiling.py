"""Sets a profile, after it was tried."""

import re

from app.search.engines import Engines
from app.search.listing import question_of
from app.search.profiles import stored_settings
from app.search.ranker import Ranker
from app.search.ranking import RankingSettings
from app.search.request import PROFILE_NAME, SearchRequest
from indexer.database import Catalogue, ProfileRecord
from indexer.errors import FeatureMissingError, InputError


def save_profile(
    catalogue: Catalogue, engines: Engines, index: str, name: str, settings: RankingSettings
) -> ProfileRecord:
    """The new version of a profile, active now; the active one where that says the same already.

    Raises: MissingError; InputError where the name is none, and what a search with these settings would
    raise. What needs an encoder that is not built yet cannot be told before it is."""
    if not re.fullmatch(PROFILE_NAME, name):
        raise InputError(
            f"`{name[:100]}` cannot name a profile: 1 to 63 of a-z, 0-9, `_` and `-` are wanted, "
            "with a letter or digit first.",
            code="invalid_profile_name",
        )
    try:
        engine = engines.get(index)
        request = SearchRequest(**dict(settings))
        question = question_of(engine.generation, request)
        Ranker(engine.generation, request, question, engine.models)
    except FeatureMissingError:
        pass
    return catalogue.profiles.save(index, name, stored_settings(settings))
