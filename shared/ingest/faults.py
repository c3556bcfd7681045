"""Why a load cannot be done at all."""


class FileError(Exception):
    """The file cannot be read as the data set; the message is for the operator."""
