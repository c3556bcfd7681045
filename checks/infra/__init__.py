"""Bicep without Azure and without its compiler: names, files, and Microsoft's models."""
