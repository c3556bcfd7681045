"""The product's name and version."""

from typing import Final

NAME: Final = "smart-cache"
VERSION: Final = "1.0.0"
