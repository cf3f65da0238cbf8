"""Writes on documents, procedures and the ledger."""
