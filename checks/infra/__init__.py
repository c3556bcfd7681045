"""Checks of infra/, on what Bicep's compiler makes of it: the snapshots in infra/snapshots/."""
