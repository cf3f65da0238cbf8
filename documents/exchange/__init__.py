"""Files that other programs read and write: the term base (CSV, TBX) and translations (XLIFF)."""
