"""Lines and small files in the format of the data set."""

from shared.tracks.track import COLUMNS

HEADER = ",".join(COLUMNS)
_FIELDS = {
    "genre": "Dance",
    "artist_name": "Nilo Vesta",
    "track_name": "Paper Lanterns",
    "popularity": "61",
    "acousticness": "0.611",
    "danceability": "0.389",
    "duration_ms": "234147",
    "energy": "0.91",
    "instrumentalness": "0",
    "key": "C#",
    "liveness": "0.346",
    "loudness": "-1.828",
    "mode": "Major",
    "speechiness": "0.0525",
    "tempo": "166.969",
    "time_signature": "4/4",
    "valence": "0.814",
}


def line(number: int, **fields: str) -> str:
    """Return a line of CSV; `number` is in its track_id."""
    values = _FIELDS | {"track_id": f"{number:022}"} | fields
    return ",".join(values[name] for name in COLUMNS)


def csv_file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()
