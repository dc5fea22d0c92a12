"""Why a record cannot be taken."""


class Fault(Exception):
    """A record that cannot be taken; becomes a BadLine where the source and the line are known."""

    def __init__(self, code: str, detail: str, doc_id: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.doc_id = doc_id
