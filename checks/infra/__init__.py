"""Checks of the Bicep files of `infra/`, without Azure and without Bicep's compiler."""
