"""Checks JSON of Azure resources against the models of Microsoft's azure-mgmt-* packages."""
