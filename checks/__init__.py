"""Static checks of files that only Azure can run: Data Factory (`adf/`) and Bicep (`infra/`)."""
