"""The command line: every command calls one function of a package."""
