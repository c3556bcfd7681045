"""Checks the KQL of alerts, workbook and pages with Microsoft's parser and binder."""
