"""The founding archive: reads the data files of `founding_archive/` and keeps the records in step.

The files are written and corrected by people. Each is checked as a whole before anything is stored;
what a file says wrongly is told in a sentence that names the file, the line and what to do.
"""
