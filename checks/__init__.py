"""The checks of `make check`, most of them of files that only Azure runs: `adf/`, `infra/`."""
