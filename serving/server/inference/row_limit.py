"""The limit on rows per request: rows cost time and memory in the model, however few bytes they take."""

from __future__ import annotations

from serving.server.status import invalid_argument


def check_rows(rows: int, most: int) -> None:
    """Refuses a request of more than `most` rows; 0 or less for no limit.

    Raises:
        ServingError: INVALID_ARGUMENT that names the flag.
    """
    if 0 < most < rows:
        raise invalid_argument(
            f"The request has {rows} rows, more than --max_rows_per_request={most}: send fewer rows per"
            " request, or start the server with a larger limit."
        )
