"""What is asked of a document: a search, and which document."""

from pydantic import ConfigDict, Field

from app.search.ranking import Text
from app.search.request import SearchRequest


class ExplainRequest(SearchRequest):
    """A search as it was sent, and the document that is asked about."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"id": "city-034", "q": "river bank", "limit": 5}]},
    )
    id: Text = Field(min_length=1, max_length=2_000, description="The key of the document.")

    def search(self) -> SearchRequest:
        """The search alone, its page the first."""
        said = self.model_dump(exclude_unset=True, exclude={"id", "offset", "cursor"})
        return SearchRequest.model_validate(said)
